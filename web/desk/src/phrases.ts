/** The locality's quick phrases in the reader's language. */
import { isRecord } from '@shared/api/errors'

export function phrasesOf(workflow: Record<string, unknown> | undefined, locale: string): string[] {
  const listed = workflow?.quick_phrases
  if (!Array.isArray(listed)) return []
  return listed
    .map((phrase: unknown) => {
      if (typeof phrase === 'string') return phrase
      if (!isRecord(phrase)) return ''
      return String((locale.startsWith('zh') ? phrase.zh : phrase.en) ?? phrase.label ?? phrase.zh ?? '')
    })
    .filter(Boolean)
    .slice(0, 6)
}
