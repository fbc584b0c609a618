/** Where the map looks, in both directions: moving it changes the address, another address moves it. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import type { Map as MapLibre } from 'maplibre-gl'
import type { MapView } from '@shared/map/OgMap.vue'
import { BUILDINGS_FROM } from '@shared/map/style'
import type { MapState, View } from './state'

/** Nearer than this the address says the same. */
const SAME = 1e-5
/** Upright buildings are looked at from here. */
const NEAR = 15.6

export function viewHere(map: MapLibre): View {
  const { lng, lat } = map.getCenter()
  return { lon: lng, lat, zoom: map.getZoom(), bearing: map.getBearing() }
}

export function sameView(one: View | null, other: View | null): boolean {
  if (!one || !other) return one === other
  return Math.abs(one.lon - other.lon) < SAME && Math.abs(one.lat - other.lat) < SAME && Math.abs(one.zoom - other.zoom) < 0.01 && Math.abs(one.bearing - other.bearing) < 1
}

export function useView(state: Ref<MapState>, change: (part: Partial<MapState>) => void) {
  const map = shallowRef<MapLibre | null>(null)
  const view = ref<MapView | null>(null)
  const still = window.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false

  function moved(now: MapView): void {
    // Before it is fitted to the reader's own area there is nothing to ask for.
    if (!map.value && !state.value.at) return
    view.value = now
    if (!map.value) return
    const here = viewHere(map.value)
    if (!sameView(state.value.at, here)) change({ at: here })
  }

  function fit(bbox: readonly number[]): void {
    if (bbox.length !== 4) return
    map.value?.fitBounds(bbox as [number, number, number, number], { padding: 40, maxZoom: 17, duration: still ? 0 : 400 })
  }

  /** Near enough for the buildings to be there. */
  function approach(): void {
    if (map.value && map.value.getZoom() < BUILDINGS_FROM) map.value.jumpTo({ zoom: NEAR })
  }

  // Back and forth through the pages, or an address that somebody sent.
  watch(() => state.value.at, (at) => {
    if (at && map.value && !map.value.isMoving() && !sameView(at, viewHere(map.value))) map.value.jumpTo({ center: [at.lon, at.lat], zoom: at.zoom, bearing: at.bearing })
  }) // prettier-ignore

  return { map, view, moved, fit, approach }
}
