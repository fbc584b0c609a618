import { mount } from '@vue/test-utils'
import { defineComponent, ref } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { ApiError, OfflineError } from '@shared/api/errors'
import type { CaseDetail } from '@shared/api/types'
import { useSending } from '@shared/report/useSending'
import type { ReportProblem } from '@shared/report/useReport'
import en from '@locales/en.json'

describe('sending a report from its page', () => {
  const problems = ref<ReportProblem[]>([])
  const post = vi.fn<() => Promise<CaseDetail>>()
  function page(settled?: (error: unknown) => boolean) {
    let made!: ReturnType<typeof useSending>
    const i18n = createI18n({ legacy: false, locale: 'en', messages: { en } as never })
    mount(defineComponent({ setup: () => ((made = useSending({ problems, send: post } as never, settled)), () => null) }), { global: { plugins: [i18n] } })
    return made
  }

  it('says what is missing only once somebody tried, and sends nothing', async () => {
    problems.value = ['words']
    const { shown, send } = page()
    expect(shown.value).toEqual([])
    await send(() => undefined)
    expect([shown.value, post.mock.calls.length]).toEqual([['words'], 0])
    problems.value = []
  })

  it('sends once, however often it is pressed, and hands over what was filed', async () => {
    post.mockResolvedValue({ id: 'a' } as CaseDetail)
    const { send } = page()
    const then = vi.fn()
    await Promise.all([send(then), send(then)])
    expect([post.mock.calls.length, then.mock.calls]).toEqual([1, [[{ id: 'a' }]]])
  })

  it('says why not, but for what the page deals with itself', async () => {
    const { failure, sending, send } = page((error) => error instanceof OfflineError)
    post.mockRejectedValue(new OfflineError('away'))
    await send(() => undefined)
    expect(failure.value).toBe('')
    post.mockRejectedValue(new ApiError(0, 'photos_not_sent', ''))
    await send(() => undefined)
    expect([failure.value, sending.value]).toEqual([en.report.problem.photos, false])
  })
})
