/** The rows, counts and points of one filter, kept current by the live feed without moving what is being read. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { CasePage, CaseRow, Counts, MapPoints } from '@shared/api/types'
import type { CaseEvent } from '@shared/feed/feed'
import type { Filters } from './filters'
import { usePace, useSparing } from './pace'
import { aged, extended, limitOf, NOTHING, renewed, rowsOf, within, type Listed } from './paging'

const PAGE = 100
/** Counts and map are a courtesy beside the rows: not more often than this. */
const COUNTS_MS = 5000
const MAP_MS = 8000

export interface Told {
  stamp: number
  items: readonly CaseEvent[]
}

export function useQueue(api: ApiClient, filters: Ref<Filters>, news: Told, mapOn: Ref<boolean>) {
  const rows = shallowRef<CaseRow[] | null>(null)
  const next = ref<string | null>(null)
  /** The day a search stopped at for now, when little fits. */
  const lookedTo = ref<string | null>(null)
  const counts = shallowRef<Counts | null>(null)
  const points = shallowRef<MapPoints | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  const fresh = ref<Set<string>>(new Set())
  let list: Listed = NOTHING
  let newest = 0
  let loads = 0
  let newestMap = 0
  let zoom = 12
  let shown: [number, number] = [0, 0]
  /** My own step: counts and map as well, at once. */
  let own = false

  function show(now: Listed): void {
    list = now
    rows.value = rowsOf(now)
    next.value = now.next
  }

  /** One request at a time decides what the list is; an older answer never replaces a newer one. */
  async function ask(query: Record<string, string | number | null>, take: (page: CasePage) => Listed, failed?: () => void): Promise<boolean> {
    const mine = ++newest
    busy.value = true
    try {
      const page = await api.get<CasePage>('/cases', { ...filters.value, ...query })
      if (mine !== newest) return false
      show(take(page))
      lookedTo.value = list.next === page.next ? (page.looked_to ?? null) : lookedTo.value
      error.value = null
      return true
    } catch (problem) {
      if (mine === newest) {
        error.value = problem
        failed?.()
      }
      return false
    } finally {
      if (mine === newest) busy.value = false
    }
  }

  /** The list from its top. */
  async function load(): Promise<void> {
    // Rows of another filter must not stand under one that has no answer; the reason does.
    await ask({ limit: PAGE }, (page) => extended(NOTHING, page, ++loads), () => {
      show(NOTHING)
      rows.value = null
    }) // prettier-ignore
  }

  async function more(): Promise<void> {
    if (list.next === null || busy.value) return
    await ask({ limit: PAGE, cursor: list.next }, (page) => extended(list, page, ++loads))
  }

  /** What is looked at, anew. Two stretches at most: the rows in sight cross no more than one border. */
  async function renew(stretches: number[]): Promise<void> {
    for (const at of stretches) {
      const stretch = list.stretches[at]
      if (!stretch?.stale) continue
      const before = rows.value
      const done = await ask({ limit: limitOf(stretch), cursor: stretch.cursor }, (page) => renewed(list, at, page, ++loads))
      if (!done) return
      if (before && rows.value) markChanges(before, rows.value)
    }
  }

  const pace = usePace(async () => {
    if (rows.value === null || list.stretches.length === 0) await load()
    else {
      list = aged(list)
      await renew(within(list, ...shown))
    }
    const now = own
    own = false
    await Promise.all([loadCounts(now), loadMap(now)])
  })

  /** Which rows are on the page now: what is stale among them is loaded anew, and the list goes on before its end. */
  function look(first: number, last: number): void {
    shown = [first, last]
    if (busy.value) return
    if (last >= (rows.value?.length ?? 0) - 30 && list.next !== null && lookedTo.value === null && !error.value) void more()
    else if (within(list, first, last).some((at) => list.stretches[at]?.stale)) void renew(within(list, first, last))
  }

  const loadCounts = useSparing(COUNTS_MS, async () => {
    // Counts are a courtesy beside the rows; the rows say it when the server is away.
    counts.value = await api.get<Counts>('/cases/counts').catch(() => counts.value)
  })

  const loadMap = useSparing(MAP_MS, async () => {
    if (!mapOn.value) return
    const mine = ++newestMap
    const { sort: _sort, ...narrowed } = filters.value
    const found = await api.get<MapPoints>('/cases/map', { ...narrowed, zoom: Math.round(zoom) }).catch(() => points.value)
    if (mine === newestMap) points.value = found
  })

  function zoomed(to: number): void {
    const other = Math.round(to) !== Math.round(zoom)
    zoom = to
    if (other && points.value?.clustered) void loadMap(true)
  }

  function markChanges(before: CaseRow[], after: CaseRow[]): void {
    const known = new Map(before.map((row) => [row.id, row.version]))
    fresh.value = new Set(after.filter((row) => known.get(row.id) !== row.version).map((row) => row.id))
  }

  /** My own step, or my own wish: everything at once. */
  function refresh(): void {
    own = true
    pace.ask('soon')
  }

  let last: CaseEvent | undefined = news.items[0]
  watch(
    () => news.stamp,
    () => {
      const until = last ? news.items.indexOf(last) : -1
      const told = until < 0 ? news.items : news.items.slice(0, until)
      last = news.items[0]
      const here = new Set(rows.value?.slice(shown[0], shown[1] + 1).map((row) => row.id))
      pace.ask(told.some((event) => here.has(event.id)) ? 'soon' : 'later')
    },
  )

  function start(): void {
    fresh.value = new Set()
    shown = [0, 0]
    void load()
    void loadMap(true)
  }

  watch(filters, (now, before) => {
    if (JSON.stringify(now) !== JSON.stringify(before)) start()
  })
  watch(mapOn, () => void loadMap(true))
  const inOtherWords = (): void => refresh()
  window.addEventListener('onegrid:locale', inOtherWords)
  onScopeDispose(() => window.removeEventListener('onegrid:locale', inOtherWords))
  start()
  void loadCounts(true)

  return { rows, next, lookedTo, counts, points, error, busy, fresh, load, more, refresh, look, zoomed }
}
