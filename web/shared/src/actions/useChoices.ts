/** Choices that are too many to come with every offer: departments, matters, grids, cases. Loaded when first needed. */
import { ref } from 'vue'
import type { ApiClient } from '../api/client'
import { isRecord } from '../api/errors'
import type { CasePage } from '../api/types'
import type { Choice } from './SearchSelect.vue'

type Named = Record<string, unknown> & { id?: string; code?: string; name?: string }

/** Pinyin initials first, then what else people call it. */
function foundBy(...lists: unknown[]): string {
  return lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : [])).join(' ')
}

/** Lists arrive bare or in a page (`items`), departments and matters alike. */
export function rowsOf(answer: unknown): Named[] {
  if (Array.isArray(answer)) return answer as Named[]
  if (isRecord(answer) && Array.isArray(answer.items)) return answer.items as Named[]
  return []
}

export function useChoices(api: ApiClient, kind: string, near: readonly Choice[] = []) {
  const choices = ref<Choice[]>(kind === 'case' ? [...near] : [])
  const failed = ref(false)
  let newest = 0

  async function load(text = ''): Promise<void> {
    const mine = ++newest
    try {
      const found = await fetchChoices(api, kind, text)
      if (mine !== newest) return
      choices.value = kind === 'case' ? [...near, ...found.filter((one) => near.every((other) => other.key !== one.key))] : found
      failed.value = false
    } catch {
      if (mine === newest) failed.value = true
    }
  }

  /** Grids and cases are searched on the server; departments and matters are loaded once and filtered here. */
  function search(text: string): void {
    if ((kind === 'grid' || kind === 'case') && text.trim().length > 0) void load(text.trim())
  }

  return { choices, failed, load, search }
}

async function fetchChoices(api: ApiClient, kind: string, text: string): Promise<Choice[]> {
  if (kind === 'matter') {
    const rows = rowsOf(await api.get('/matters', { limit: 500 }))
    return rows.map((row) => ({ key: String(row.code), label: String(row.name), hint: String(row.code), find: foundBy(row.initials, row.words) }))
  }
  if (kind === 'grid') {
    if (!text) return []
    const rows = rowsOf(await api.get('/grids/search', { q: text }))
    return rows.map((row) => ({ key: String(row.id), label: String(row.name), hint: String(row.place ?? row.code ?? ''), find: text }))
  }
  if (kind === 'case') {
    if (!text) return []
    const page = await api.get<CasePage>('/cases', { q: text, limit: 20 })
    return page.items.map((row) => ({ key: row.id, label: row.title, hint: row.number }))
  }
  const rows = rowsOf(await api.get('/departments', { limit: 500 }))
  return rows.map((row) => ({ key: String(row.id), label: String(row.name), find: foundBy(row.initials, row.aliases) }))
}
