import { createApp, defineComponent, h } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
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
