/** What the forms of the registers share: one thing is sent, once in effect; what is wrong stands at its field, else below. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { Attempt, type Envelope } from '@shared/api/attempt'
import { ApiError } from '@shared/api/errors'
import { problemWords } from '@shared/states/problem'

export interface Sending {
  busy: Ref<boolean>
  problem: ShallowRef<unknown>
  /** What is missing before anything is sent. */
  needed: Ref<string>
  /** What is wrong with a field, or ''. */
  at: (field: string) => string
  /** What is wrong with none of the form's own fields. */
  trouble: ComputedRef<string>
  clear: () => void
  /** Sends `what`; `then` hears the answer. An error stays until the next try. */
  run: <T>(what: unknown, send: (envelope: Envelope) => Promise<T>, then: (answer: T) => unknown) => Promise<void>
}

/** `fields` are those the form shows; `inside` is where the request has them (`values.`). */
export function useSending(fields: () => readonly string[] = () => [], inside = ''): Sending {
  const { t } = useI18n({ useScope: 'global' })
  const busy = ref(false)
  const problem = shallowRef<unknown>(null)
  const needed = ref('')
  const attempt = new Attempt()

  const at = (field: string): string => (problem.value instanceof ApiError ? problem.value.field(inside + field) || problem.value.field(field) : '')
  const trouble = computed(() => {
    if (needed.value || !problem.value || fields().some(at)) return needed.value
    const words = problemWords(problem.value)
    return [words.text || t(words.key), words.advice ? t(words.advice) : ''].filter(Boolean).join(' ')
  })

  function clear(): void {
    problem.value = null
    needed.value = ''
  }

  async function run<T>(what: unknown, send: (envelope: Envelope) => Promise<T>, then: (answer: T) => unknown): Promise<void> {
    busy.value = true
    clear()
    try {
      await then(await attempt.run(what, send))
    } catch (error) {
      problem.value = error
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, needed, at, trouble, clear, run }
}
