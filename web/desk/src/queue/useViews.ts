/** A reader's saved views of the list and his columns: his own, on every machine he signs in at. */
import { ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { SavedView, Views } from '@shared/api/types'
import { columnsOf, type Column } from './columns'

const PAGE = 'cases'

export function useViews(api: ApiClient) {
  const views = ref<SavedView[]>([])
  const remembered = ref<Column[] | null>(null)
  /** Something was saved here since the last question: an answer to it is old. */
  let touched = false

  async function load(): Promise<void> {
    touched = false
    const found = await api.get<Views>('/me/views', { page: PAGE }).catch(() => null)
    if (!found) return
    if (touched) return load()
    views.value = found.views
    remembered.value = columnsOf(found.columns)
  }

  async function save(name: string, query: Record<string, string>): Promise<void> {
    touched = true
    const saved = await api.post<SavedView>('/me/views', { page: PAGE, name, query })
    const at = views.value.findIndex((one) => one.id === saved.id)
    views.value = at < 0 ? [...views.value, saved] : views.value.map((one) => (one.id === saved.id ? saved : one))
  }

  async function drop(id: string): Promise<void> {
    touched = true
    await api.delete(`/me/views/${id}`)
    views.value = views.value.filter((one) => one.id !== id)
  }

  /** Remembered for next time; not being remembered is no reason to stop. */
  async function choose(columns: readonly Column[]): Promise<void> {
    touched = true
    remembered.value = [...columns]
    await api.post('/me/views/columns', { page: PAGE, columns }).catch(() => undefined)
  }

  return { views, remembered, load, save, drop, choose }
}

/** Whether an address shows a view: the same parts with the same values. */
export function shows(view: SavedView, query: Record<string, string>): boolean {
  const names = new Set([...Object.keys(view.query), ...Object.keys(query)])
  return [...names].every((name) => (view.query[name] ?? '') === (query[name] ?? ''))
}
