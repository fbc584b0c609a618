/** The rows, counts and points of one filter, kept current by the live feed without moving what is being read. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { ApiError } from '@shared/api/errors'
import type { CasePage, CaseRow, Counts, MapPoints } from '@shared/api/types'
import type { Filters } from './filters'

const PAGE = 50
const MOST_AT_ONCE = 200
/** Several steps in one second are one refresh. */
const GATHER_MS = 600

export function useQueue(api: ApiClient, filters: Ref<Filters>, stamp: Ref<number>, mapOn: Ref<boolean>) {
  const rows = shallowRef<CaseRow[] | null>(null)
  const next = ref<string | null>(null)
  /** The day a search stopped at for now, when little fits. */
  const lookedTo = ref<string | null>(null)
  const counts = shallowRef<Counts | null>(null)
  const points = shallowRef<MapPoints | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  const fresh = ref<Set<string>>(new Set())
  let newest = 0
  let newestMap = 0
  let zoom = 12
  let gather: ReturnType<typeof setTimeout> | undefined

  /** `again` keeps as many rows as are shown; otherwise the first page. */
  async function load(again = false): Promise<void> {
    const mine = ++newest
    const limit = again ? Math.min(MOST_AT_ONCE, Math.max(PAGE, rows.value?.length ?? 0)) : PAGE
    busy.value = true
    try {
      const page = await api.get<CasePage>('/cases', { ...filters.value, limit })
      if (mine !== newest) return
      if (again && rows.value) markChanges(rows.value, page.items)
      rows.value = page.items
      next.value = page.next
      lookedTo.value = page.looked_to ?? null
      error.value = null
    } catch (problem) {
      if (mine !== newest) return
      // Rows of another filter must not stand under one that was refused; its reason does.
      if (!again && problem instanceof ApiError && problem.status === 400) rows.value = null
      error.value = problem
    } finally {
      if (mine === newest) busy.value = false
    }
  }

  async function more(): Promise<void> {
    if (!next.value || busy.value) return
    const mine = ++newest
    busy.value = true
    try {
      const page = await api.get<CasePage>('/cases', { ...filters.value, limit: PAGE, cursor: next.value })
      if (mine !== newest) return
      const known = new Set(rows.value?.map((row) => row.id))
      rows.value = [...(rows.value ?? []), ...page.items.filter((row) => !known.has(row.id))]
      next.value = page.next
      lookedTo.value = page.looked_to ?? null
      error.value = null
    } catch (problem) {
      if (mine === newest) error.value = problem
    } finally {
      if (mine === newest) busy.value = false
    }
  }

  async function loadCounts(): Promise<void> {
    // Counts are a courtesy beside the rows; the rows say it when the server is away.
    counts.value = await api.get<Counts>('/cases/counts').catch(() => counts.value)
  }

  async function loadMap(): Promise<void> {
    if (!mapOn.value) return
    const mine = ++newestMap
    const { sort: _sort, ...narrowed } = filters.value
    const found = await api.get<MapPoints>('/cases/map', { ...narrowed, zoom: Math.round(zoom) }).catch(() => points.value)
    if (mine === newestMap) points.value = found
  }

  function zoomed(to: number): void {
    const other = Math.round(to) !== Math.round(zoom)
    zoom = to
    if (other && points.value?.clustered) void loadMap()
  }

  function markChanges(before: CaseRow[], after: CaseRow[]): void {
    const known = new Map(before.map((row) => [row.id, row.version]))
    fresh.value = new Set(after.filter((row) => known.get(row.id) !== row.version).map((row) => row.id))
  }

  /** A steady stream of steps must not put the refresh off for ever: the first one starts the wait, the others join it. */
  function refresh(): void {
    gather ??= setTimeout(() => {
      gather = undefined
      void load(true)
      void loadCounts()
      void loadMap()
    }, GATHER_MS)
  }

  function start(): void {
    fresh.value = new Set()
    void load()
    void loadMap()
  }

  watch(filters, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) start()
  })
  watch(stamp, refresh)
  watch(mapOn, () => void loadMap())
  const inOtherWords = (): void => refresh()
  window.addEventListener('onegrid:locale', inOtherWords)
  onScopeDispose(() => {
    clearTimeout(gather)
    window.removeEventListener('onegrid:locale', inOtherWords)
  })
  start()
  void loadCounts()

  return { rows, next, lookedTo, counts, points, error, busy, fresh, load, more, refresh, zoomed }
}
