/** Words and bounds of a list, as the server says them: statuses, ways in, what may be done to many at once. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { Choice } from '@shared/actions/SearchSelect.vue'
import type { ListWords } from '@shared/api/types'

export type Words = ReturnType<typeof useWords>

export function useWords(api: ApiClient) {
  const statuses = ref<Choice[]>([])
  const channels = ref<Choice[]>([])
  const batch = ref<Choice[]>([])
  const bounds = shallowRef<Pick<ListWords, 'batch_most' | 'export_most'> | null>(null)

  async function load(): Promise<void> {
    const found = await api.get<ListWords>('/cases/words').catch(() => null)
    if (!found) return
    statuses.value = found.statuses
    channels.value = found.channels
    batch.value = found.batch
    bounds.value = found
  }

  const again = (): void => void load()
  window.addEventListener('onegrid:locale', again)
  onScopeDispose(() => window.removeEventListener('onegrid:locale', again))

  const labelIn = (list: Choice[], key: string): string => list.find((one) => one.key === key)?.label ?? key
  return { statuses, channels, batch, bounds, load, status: (key: string) => labelIn(statuses.value, key), channel: (key: string) => labelIn(channels.value, key) }
}
