import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useFollow } from '@shared/states/useFollow'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function seen(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

it('asks again while the page is looked at, at once on coming back, and never afterwards', () => {
  const reload = vi.fn()
  const scope = effectScope()
  scope.run(() => useFollow(reload, 1000))
  vi.advanceTimersByTime(2500)
  expect(reload).toHaveBeenCalledTimes(2)
  seen('hidden')
  vi.advanceTimersByTime(5000)
  expect(reload).toHaveBeenCalledTimes(2)
  seen('visible')
  expect(reload).toHaveBeenCalledTimes(3)
  scope.stop()
  vi.advanceTimersByTime(5000)
  seen('visible')
  expect(reload).toHaveBeenCalledTimes(3)
})
