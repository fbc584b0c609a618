/** Keeps a page up to date that has no live feed: asks again while somebody looks at it, and when he comes back to it. */
import { onScopeDispose } from 'vue'

export function useFollow(reload: () => unknown, everyMs = 15_000): void {
  const look = (): void => {
    if (document.visibilityState === 'visible') void reload()
  }
  const timer = setInterval(look, everyMs)
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
  })
}
