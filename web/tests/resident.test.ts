import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { createApp, defineComponent, h } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { ApiClient } from '@shared/api/client'
import type { Track } from '@shared/api/types'
import { API, PLACE } from '@shared/app'
import en from '@locales/en.json'
import own from '../resident/locales/en.json'
import TrackActions from '../resident/src/TrackActions.vue'
import { useRetry } from '@shared/report/useRetry'

/** A composable needs a component to live and die in. */
function lent<T>(make: () => T): { value: T; end: () => void } {
  let value: T | undefined
  const app = createApp(defineComponent({ setup: () => ((value = make()), () => h('div')) }))
  app.mount(document.createElement('div'))
  return { value: value as T, end: () => app.unmount() }
}

describe('useRetry', () => {
  afterEach(() => vi.useRealTimers())

  it('tries again when the network is back and every while, and stops when told or gone', () => {
    vi.useFakeTimers()
    const work = vi.fn(() => Promise.resolve())
    const { value: retry, end } = lent(() => useRetry(work, 1000))
    window.dispatchEvent(new Event('online'))
    vi.advanceTimersByTime(5000)
    expect(work).not.toHaveBeenCalled()

    retry.begin()
    retry.begin()
    expect(retry.waiting.value).toBe(true)
    window.dispatchEvent(new Event('online'))
    expect(work).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(2000)
    expect(work).toHaveBeenCalledTimes(3)

    retry.stop()
    window.dispatchEvent(new Event('online'))
    vi.advanceTimersByTime(5000)
    expect(work).toHaveBeenCalledTimes(3)

    retry.begin()
    end()
    vi.advanceTimersByTime(5000)
    expect(work).toHaveBeenCalledTimes(3)
  })
})

describe('what a reporter says to his case', () => {
  it('stays when the sheet was closed by mistake, and does not turn into another thing said', async () => {
    const track = { id: 'c1', track_code: 'T', can: ['reopen', 'add_words'], urge_from: null } as unknown as Track
    const plugins = [createPinia(), createI18n({ legacy: false, locale: 'en', messages: { en: { ...en, ...own } } as never })]
    const api = new ApiClient({ root: '', language: () => 'en' })
    const page = mount(TrackActions, { props: { track }, global: { plugins, stubs: { VanPopup: { template: '<div><slot /></div>' } }, provide: { [API as symbol]: api, [PLACE as symbol]: { prefix: '', base: '/m/', api: '' } } } })
    const [reopen, add] = page.findAll('.actions button')
    await reopen!.trigger('click')
    await page.find('#said').setValue('still dark')
    await page.find('.sheet header button').trigger('click')
    expect(page.find('#said').exists()).toBe(false)
    await reopen!.trigger('click')
    expect(page.find<HTMLTextAreaElement>('#said').element.value).toBe('still dark')
    await add!.trigger('click')
    expect(page.find<HTMLTextAreaElement>('#said').element.value).toBe('')
  })
})
