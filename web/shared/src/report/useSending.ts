/** Sending a report from its page: what is missing is said where it is missing, what went wrong in words; one try at a time. */
import { computed, nextTick, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError } from '../api/errors'
import type { CaseDetail } from '../api/types'
import { problemWords } from '../states/problem'
import type { ReportProblem, useReport } from './useReport'

/** `settled`: whether the page itself deals with an error, so that nothing need be said of it. */
export function useSending(report: Pick<ReturnType<typeof useReport>, 'problems' | 'send'>, settled: (error: unknown) => boolean = () => false) {
  const { t } = useI18n({ useScope: 'global' })
  const tried = ref(false)
  const sending = ref(false)
  const failure = ref('')
  const shown = computed<ReportProblem[]>(() => (tried.value ? report.problems.value : []))

  async function send(then: (filed: CaseDetail) => unknown): Promise<void> {
    if (sending.value) return
    tried.value = true
    failure.value = ''
    if (report.problems.value.length > 0) {
      await nextTick()
      document.querySelector('.page .og-error')?.scrollIntoView({ block: 'center' })
      return
    }
    sending.value = true
    try {
      await then(await report.send())
    } catch (error) {
      if (!settled(error)) failure.value = why(error)
    } finally {
      sending.value = false
    }
  }

  function why(error: unknown): string {
    if (error instanceof ApiError && error.code === 'photos_not_sent') return t('report.problem.photos')
    const words = problemWords(error)
    const fields = error instanceof ApiError ? error.fields.map((one) => one.message).join(' ') : ''
    return [words.text || t(words.key), fields || (words.advice ? t(words.advice) : '')].filter(Boolean).join(' ')
  }

  return { tried, sending, failure, shown, send }
}
