import { useI18n } from 'vue-i18n'
import { serverClock } from './serverClock'
import { momentWords, spanWords } from './words'

/** Moments and spans in the reader's language, kept fresh by the server's clock. */
export function useTime() {
  const { t } = useI18n({ useScope: 'global' })

  function moment(at: string | null | undefined): string {
    if (!at) return ''
    const words = momentWords(at, serverClock.now.value)
    return t(words.key, words.values)
  }

  function span(seconds: number): string {
    const words = spanWords(seconds)
    return t(words.key, words.values)
  }

  return { moment, span, now: serverClock.now }
}
