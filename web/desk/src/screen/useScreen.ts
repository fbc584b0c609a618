/** What the wall shows, kept current: at once when something moves, and by the clock in any case. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { Dashboard, MapPoints, Wall } from '@shared/api/types'
import type { Tally } from '@shared/map/api'
import { serverClock } from '@shared/time/serverClock'
import { dayOf, startOf } from '../dashboard/period'

/** What just moved is shown within so long; figures of a whole period need not be that fresh. */
const SOON_MS = 2000
const LATER_MS = 20_000
const EVERY_MS = 60_000
/** Older than this and the wall says so: three rounds were missed. */
export const OLD_MS = 3 * EVERY_MS

export interface Asked {
  grid: string
  days: number
}

export function useScreen(api: ApiClient, asked: Ref<Asked>, stamp: Ref<number>) {
  const wall = shallowRef<Wall | null>(null)
  const board = shallowRef<Dashboard | null>(null)
  const points = shallowRef<MapPoints | null>(null)
  /** What is overdue in each of the grids below: the colours of the map. */
  const tally = shallowRef<Tally | null>(null)
  const error = shallowRef<unknown>(null)
  /** When the newest answer was made, by the server's clock in milliseconds; 0 before the first. */
  const at = ref(0)
  const waiting = new Map<() => Promise<void>, ReturnType<typeof setTimeout>>()
  let zoom = 10

  const place = (): Record<string, string> => (asked.value.grid ? { grid: asked.value.grid } : {})

  /** Of several answers to the same question only the one asked for last is shown. */
  function loader<T>(ask: () => Promise<T>, put: (answer: T) => void): () => Promise<void> {
    let newest = 0
    return async () => {
      const mine = ++newest
      try {
        const answer = await ask()
        if (mine !== newest) return
        put(answer)
        error.value = null
      } catch (problem) {
        if (mine === newest) error.value = problem
      }
    }
  }

  const loadWall = loader(
    () => api.get<Wall>('/dashboard/wall', place()),
    (answer) => {
      wall.value = answer
      at.value = Date.parse(answer.updated_at)
    },
  )
  const loadBoard = loader(
    () => {
      const to = dayOf(serverClock.now.value)
      return api.get<Dashboard>('/dashboard', { ...place(), from: startOf(to, asked.value.days), to })
    },
    (answer) => (board.value = answer),
  )
  const loadMap = loader(
    () => api.get<MapPoints>('/cases/map', { ...place(), tab: 'all', measure: 'open', zoom: Math.round(zoom) }),
    (answer) => (points.value = answer),
  )
  const loadTally = loader(
    // Colours are a courtesy: the wall's figures stand without them.
    () => api.get<Tally>('/map/tally', { ...place(), measure: 'overdue' }).catch(() => null),
    (answer) => (tally.value = answer),
  )

  /** The first step starts the wait, what comes meanwhile joins it. */
  function within(ms: number, load: () => Promise<void>): void {
    if (waiting.has(load)) return
    waiting.set(load, setTimeout(() => {
      waiting.delete(load)
      void load()
    }, ms)) // prettier-ignore
  }

  function all(): void {
    void loadWall()
    void loadBoard()
    void loadMap()
    void loadTally()
  }

  function zoomed(to: number): void {
    const other = Math.round(to) !== Math.round(zoom)
    zoom = to
    if (other && points.value?.clustered) void loadMap()
  }

  watch(stamp, () => {
    within(SOON_MS, loadWall)
    within(LATER_MS, loadBoard)
    within(LATER_MS, loadMap)
    within(LATER_MS, loadTally)
  })
  watch(asked, (now, before) => {
    if (now.grid === before.grid && now.days === before.days) return
    wall.value = board.value = points.value = tally.value = null
    all()
  })
  const timer = setInterval(all, EVERY_MS)
  window.addEventListener('onegrid:locale', all)
  onScopeDispose(() => {
    clearInterval(timer)
    for (const one of waiting.values()) clearTimeout(one)
    window.removeEventListener('onegrid:locale', all)
  })
  all()

  const old = computed(() => at.value > 0 && serverClock.now.value - at.value > OLD_MS)
  return { wall, board, points, tally, error, at, old, zoomed, reload: all }
}
