/** The steps of a draft's way that are asked about before they are taken, and what is sent of the answer. */
import type { Turn } from './drafts'

export type Asked = 'send' | 'approve' | 'refuse' | 'drop'

/** Shorter is no reason. */
const LEAST = 2

/** What is still missing, as the end of a message's key; '' when it can go. */
export function missing(ask: Asked, words: string, day: string, today: string): '' | 'reason' | 'day' {
  if (ask === 'refuse' && words.trim().length < LEAST) return 'reason'
  return day && day < today ? 'day' : ''
}

/** `day` empty: at once. */
export function turnOf(ask: Asked, words: string, day: string): Turn {
  if (ask === 'drop') return { do: 'drop' }
  if (ask === 'send') return { do: 'send', note: words.trim(), effective_on: day || null }
  return { do: 'decide', approve: ask === 'approve', reason: words.trim(), effective_on: ask === 'approve' ? day || null : null }
}
