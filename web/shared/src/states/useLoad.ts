import { onMounted, onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'

export interface Loading<T> {
  data: ShallowRef<T | null>
  error: ShallowRef<unknown>
  busy: Ref<boolean>
  reload: () => Promise<void>
}

/**
 * Loads on mount, again on `reload()`, and again when the reader changes language (words come from the server).
 * An older answer never overwrites a newer one; on error the last good data stays on the screen.
 */
export function useLoad<T>(fetcher: () => Promise<T>): Loading<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(true)
  let newest = 0

  async function reload(): Promise<void> {
    const mine = ++newest
    busy.value = true
    try {
      const answer = await fetcher()
      if (mine !== newest) return
      data.value = answer
      error.value = null
    } catch (problem) {
      if (mine === newest) error.value = problem
    } finally {
      if (mine === newest) busy.value = false
    }
  }

  const again = (): void => void reload()
  onMounted(() => {
    window.addEventListener('onegrid:locale', again)
    again()
  })
  onScopeDispose(() => window.removeEventListener('onegrid:locale', again))
  return { data, error, busy, reload }
}
