/** How many notices to me I have not opened. Asked at the start and every few minutes while the page is looked at. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import type { ApiClient } from '../api/client'
import type { StaffNoticePage } from '../api/types'

const EVERY_MS = 5 * 60_000

export const useUnreadNotices = defineStore('unread-notices', () => {
  const unread = ref(0)

  function set(count: number): void {
    unread.value = Math.max(0, count)
  }

  return { unread, set }
})

/** Keeps the count current while the calling component lives. */
export function watchNotices(api: ApiClient): void {
  const store = useUnreadNotices()

  async function ask(): Promise<void> {
    if (document.visibilityState === 'hidden') return
    try {
      store.set((await api.get<StaffNoticePage>('/notices/mine', { limit: 1 })).unread)
    } catch {
      // The number stays as it was; it is a hint, the list itself says when it cannot be loaded.
    }
  }

  const again = (): void => void ask()
  const timer = setInterval(again, EVERY_MS)
  document.addEventListener('visibilitychange', again)
  again()
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', again)
  })
}
