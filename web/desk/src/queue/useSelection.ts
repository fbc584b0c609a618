/** Which cases of the list are picked for something to be done to all of them. */
import { computed, ref, watch, type Ref } from 'vue'
import type { CaseRow } from '@shared/api/types'

export function useSelection(rows: Ref<readonly CaseRow[] | null>, filter: () => string) {
  const picked = ref<Set<string>>(new Set())
  /** Those that still stand in the list, in its order: what is done is done to them. */
  const here = computed(() => (rows.value ?? []).filter((row) => picked.value.has(row.id)).map((row) => row.id))
  const count = computed(() => here.value.length)
  let last = ''

  function set(ids: Iterable<string>): void {
    picked.value = new Set(ids)
  }

  function toggle(id: string): void {
    const next = new Set(picked.value)
    if (!next.delete(id)) next.add(id)
    last = id
    set(next)
  }

  /** From the last one picked to this one. */
  function reach(id: string): void {
    const all = rows.value ?? []
    const [from, to] = [all.findIndex((row) => row.id === last), all.findIndex((row) => row.id === id)]
    if (from < 0 || to < 0) return toggle(id)
    set([...picked.value, ...all.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.id)])
    last = id
  }

  /** Every row that is loaded, or none when they all are picked already. */
  function all(): void {
    const ids = rows.value?.map((row) => row.id) ?? []
    set(ids.every((id) => picked.value.has(id)) ? [] : ids)
  }

  function clear(): void {
    last = ''
    set([])
  }

  // Picked under one filter is not picked under another.
  watch(filter, clear)

  return { picked, here, count, toggle, reach, all, set, clear }
}
