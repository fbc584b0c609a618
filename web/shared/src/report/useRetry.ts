/** Does something again by itself while there is no network: when the network is back, when the page is looked at, and every while. */
import { onScopeDispose, ref } from 'vue'

export function useRetry(work: () => Promise<void>, everyMs = 12_000) {
  const waiting = ref(false)
  let timer: ReturnType<typeof setInterval> | undefined

  function again(): void {
    if (waiting.value && document.visibilityState !== 'hidden') void work()
  }

  function begin(): void {
    if (waiting.value) return
    waiting.value = true
    timer = setInterval(again, everyMs)
    window.addEventListener('online', again)
    document.addEventListener('visibilitychange', again)
  }

  function stop(): void {
    waiting.value = false
    clearInterval(timer)
    window.removeEventListener('online', again)
    document.removeEventListener('visibilitychange', again)
  }

  onScopeDispose(stop)
  return { waiting, begin, stop }
}
