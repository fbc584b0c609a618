/** Metres, times and gaps in words. */
import { useI18n } from 'vue-i18n'
import { useTime } from '@shared/time/useTime'

export function useGaps() {
  const { t } = useI18n({ useScope: 'global' })
  const { span } = useTime()

  function far(metres: number): string {
    return metres < 1000 ? t('far.m', { n: metres }) : t('far.km', { n: (metres / 1000).toFixed(1) })
  }

  function clock(at: string | number): string {
    const moment = new Date(at)
    return `${String(moment.getHours()).padStart(2, '0')}:${String(moment.getMinutes()).padStart(2, '0')}`
  }

  /** What a track holds and what it lacks, in one sentence. */
  function honest(covered: number, missing: number, gaps: number): string {
    return gaps ? t('duty.honest', { covered: span(covered), missing: span(missing), n: gaps }) : t('duty.whole', { covered: span(covered) })
  }

  return { far, clock, honest }
}
