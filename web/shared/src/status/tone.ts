import type { IconName } from '../icons/shapes'

export type Tone = 'new' | 'moving' | 'waiting' | 'done' | 'back' | 'off'

/** The closed list of case statuses, each with the tone and icon it always has. */
const STATUSES: Record<string, { tone: Tone; icon: IconName }> = {
  reported: { tone: 'new', icon: 'flag' },
  accepted: { tone: 'new', icon: 'inbox' },
  dispatched: { tone: 'moving', icon: 'send' },
  handling: { tone: 'moving', icon: 'wrench' },
  handled: { tone: 'waiting', icon: 'eye' },
  verified: { tone: 'waiting', icon: 'check' },
  closed: { tone: 'done', icon: 'done' },
  rated: { tone: 'done', icon: 'star' },
  rejected: { tone: 'off', icon: 'cross' },
  suspended: { tone: 'off', icon: 'pause' },
  returned: { tone: 'back', icon: 'back' },
  reopened: { tone: 'back', icon: 'reload' },
  merged: { tone: 'off', icon: 'merge' },
  cancelled: { tone: 'off', icon: 'cross' },
}

export function toneOf(status: string): { tone: Tone; icon: IconName } {
  return STATUSES[status] ?? { tone: 'off', icon: 'dash' }
}

/** Over for everyone: no clock runs any more. */
export function isOver(status: string): boolean {
  return ['closed', 'rated', 'rejected', 'merged', 'cancelled'].includes(status)
}
