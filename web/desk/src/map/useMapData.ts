/** What lies on the map: asked for when the view, the period or the filter changes, and again when something moves. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { ApiError } from '@shared/api/errors'
import type { CarePoints, DayCounts, MapAbout, Tally, TimedPoints, Tracks, VisitPoints } from '@shared/map/api'
import { mapVersion } from '@shared/map/live'
import type { MapView } from '@shared/map/OgMap.vue'
import { usePace, useSparing } from '../queue/pace'
import { filterOf, type MapState } from './state'

/** A window that is still being dragged asks for nothing. */
const SETTLED_MS = 250
/** Figures of a whole county are not asked for with every step that is taken in it. */
const FIGURES_MS = 10_000

/** Of the window's width, on each side. */
const MARGIN = 0.12

/** The level whose outlines are drawn at a zoom, where none is chosen: the deepest that is shown there. */
export function levelAt(about: MapAbout | null, zoom: number, chosen: string): string {
  if (chosen) return chosen
  const shown = about?.levels.filter((one) => one.scheme === '' && one.from_zoom <= zoom && Math.floor(zoom) <= one.to_zoom) ?? []
  return (shown.at(-1) ?? about?.levels.filter((one) => one.scheme === '').at(zoom < 9 ? 0 : -1))?.key ?? ''
}

/** A box a little larger than the window, so that its edges are not bare while it is dragged. */
function boxOf({ bbox: [west, south, east, north] }: MapView): string {
  const [wide, high] = [(east - west) * MARGIN, (north - south) * MARGIN]
  return [west - wide, Math.max(-85, south - high), east + wide, Math.min(85, north + high)].map((edge) => edge.toFixed(4)).join()
}

export function useMapData(api: ApiClient, state: Ref<MapState>, view: Ref<MapView | null>, stamp: Ref<number>) {
  const about = shallowRef<MapAbout | null>(null)
  const tally = shallowRef<Tally | null>(null)
  const points = shallowRef<TimedPoints | null>(null)
  const days = shallowRef<DayCounts | null>(null)
  const care = shallowRef<CarePoints | null>(null)
  const visits = shallowRef<VisitPoints | null>(null)
  const tracks = shallowRef<Tracks | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(0)
  let pause: ReturnType<typeof setTimeout> | undefined

  /** Of several answers to one question only the newest is shown; what may not be seen is nothing, not a fault. */
  function loader<T>(into: Ref<T | null>, wanted: () => boolean, path: string, query: () => Record<string, string | number>) {
    let newest = 0
    return async (): Promise<void> => {
      const mine = ++newest
      if (!wanted()) {
        into.value = null
        return
      }
      busy.value += 1
      try {
        const answer = await api.get<T>(path, query())
        if (mine !== newest) return
        into.value = answer
        error.value = null
      } catch (problem) {
        if (mine !== newest) return
        if (problem instanceof ApiError && problem.status === 403) into.value = null
        else error.value = problem
      } finally {
        busy.value -= 1
      }
    }
  }

  const has = (layer: MapState['layers'][number]) => (): boolean => state.value.layers.includes(layer) && view.value !== null
  const period = (): Record<string, string> => ({ from: state.value.from, to: state.value.to })
  const held = (): Record<string, string> => (state.value.part ? { from: state.value.part[0], to: state.value.part[1] } : period())
  const boxed = (): Record<string, string> => (view.value ? { bbox: boxOf(view.value) } : {})
  const level = (): string => levelAt(about.value, view.value?.zoom ?? 10, state.value.level)

  const loadAbout = loader(about, () => true, '/map', () => ({}))
  const loadTally = loader(tally, () => Boolean(state.value.measure && level() && view.value), '/map/tally', () => ({ measure: state.value.measure, level: level(), ...held(), ...(state.value.grid ? { grid: state.value.grid } : {}), ...boxed() }))
  const loadPoints = loader(points, has('cases'), '/map/points', () => ({ ...filterOf(state.value), ...period(), ...boxed(), zoom: Math.round(view.value?.zoom ?? 10) }))
  const loadDays = loader(days, () => true, '/map/days', () => ({ ...filterOf(state.value), ...period() }))
  const loadCare = loader(care, has('care'), '/map/care', boxed)
  const loadVisits = loader(visits, has('visits'), '/map/visits', () => ({ ...held(), ...boxed() }))
  const loadTracks = loader(tracks, has('tracks'), '/map/tracks', () => ({ day: held().to!, ...boxed() }))

  const figures = useSparing(FIGURES_MS, async () => void (await Promise.all([loadTally(), loadDays()])))
  const pace = usePace(async () => void (await Promise.all([loadPoints(), figures()])))

  function all(): void {
    void Promise.all([figures(true), loadPoints(), loadCare(), loadVisits(), loadTracks()])
  }

  function settled(work: () => void): void {
    clearTimeout(pause)
    pause = setTimeout(work, SETTLED_MS)
  }

  watch(view, () => settled(all))
  watch([() => state.value.layers.join(), () => state.value.shown, () => state.value.within, () => state.value.grid, () => state.value.from, () => state.value.to], () => settled(all))
  watch([() => state.value.measure, level], () => void loadTally())
  watch(() => state.value.part?.join(), () => settled(() => void Promise.all([figures(true), loadVisits(), loadTracks()])))
  watch(stamp, () => pace.ask('later'))
  // Other grids: other levels, other figures.
  watch(mapVersion, (_now, before) => before > 0 && void loadAbout().then(all))
  const again = (): void => void loadAbout().then(all)
  window.addEventListener('onegrid:locale', again)
  onScopeDispose(() => {
    clearTimeout(pause)
    window.removeEventListener('onegrid:locale', again)
  })
  void loadAbout().then(() => view.value && all())
  return { about, tally, points, days, care, visits, tracks, error, busy, level, reload: all }
}
