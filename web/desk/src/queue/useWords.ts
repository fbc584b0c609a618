/** Words of statuses and ways in, as the server says them in its figures; a code unknown there shows as it is. */
import { onScopeDispose, ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { Choice } from '@shared/actions/SearchSelect.vue'
import type { Dashboard } from '@shared/api/types'

export function useWords(api: ApiClient) {
  const statuses = ref<Choice[]>([])
  const channels = ref<Choice[]>([])

  async function load(): Promise<void> {
    const found = await api.get<Dashboard>('/dashboard').catch(() => null)
    if (!found) return
    statuses.value = found.by_status.map((row) => ({ key: row.status, label: row.status_word }))
    channels.value = found.by_channel.filter((row) => row.key).map((row) => ({ key: row.key, label: row.name }))
  }

  const again = (): void => void load()
  window.addEventListener('onegrid:locale', again)
  onScopeDispose(() => window.removeEventListener('onegrid:locale', again))

  const labelIn = (list: Choice[], key: string): string => list.find((one) => one.key === key)?.label ?? key
  return { statuses, channels, load, status: (key: string) => labelIn(statuses.value, key), channel: (key: string) => labelIn(channels.value, key) }
}
