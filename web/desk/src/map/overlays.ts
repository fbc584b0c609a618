/** Care, visits, rounds and the drawn area: laid over the ground as GeoJSON, quiet beside the cases. */
import type { Feature, FeatureCollection } from 'geojson'
import type { GeoJSONSource, LayerSpecification, Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import type { CarePoints, Tracks, VisitPoints } from '@shared/map/api'
import type { SpotKind } from './spots'
import { cornersOf } from './state'

export const CARE_COLOURS: Record<string, string> = { late: '#b3261e', due: '#9a5b00', fine: '#1b7f4b' }
const VISIT = '#0f6f7c'
const ROUND = '#5b3f9e'
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }
const SOURCES = ['area', 'tracks', 'visits', 'care'] as const
type Source = (typeof SOURCES)[number]

const LAYERS: LayerSpecification[] = [
  { id: 'area-fill', type: 'fill', source: 'area', paint: { 'fill-color': '#1d4f91', 'fill-opacity': 0.06 } },
  { id: 'area-line', type: 'line', source: 'area', paint: { 'line-color': '#1d4f91', 'line-width': 2, 'line-dasharray': [2, 1.5] } },
  { id: 'tracks-line', type: 'line', source: 'tracks', layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-color': ROUND, 'line-width': 3, 'line-opacity': 0.75 } },
  // A line of three pixels is not hit by a finger: what hears the press is wide and not seen.
  { id: 'tracks-hit', type: 'line', source: 'tracks', paint: { 'line-color': ROUND, 'line-width': 18, 'line-opacity': 0 } },
  {
    id: 'care-dot',
    type: 'circle',
    source: 'care',
    paint: { 'circle-radius': 6, 'circle-color': '#ffffff', 'circle-stroke-width': 3, 'circle-stroke-color': ['match', ['get', 'state'], ...Object.entries(CARE_COLOURS).flat(), '#5b6472'] as never },
  },
  // In the middle of the ring of whoever was visited: both are seen.
  { id: 'visits-dot', type: 'circle', source: 'visits', paint: { 'circle-radius': 4, 'circle-color': VISIT, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 1 } },
]

/** What can be pressed, what is meant first: one of them, and not the grid below. A person's card tells his visits. */
export const PRESSED: Record<string, SpotKind> = { 'care-dot': 'care', 'visits-dot': 'visit', 'tracks-hit': 'walk' }

/** Hears presses of care, visits and walks; where several lie on each other the topmost is meant. */
export function hearOverlays(map: MapLibre, onSpot: (kind: SpotKind, id: string) => void, covered: (at: MapMouseEvent['point']) => boolean): void {
  map.on('click', (event) => {
    if (covered(event.point)) return
    const found = map.queryRenderedFeatures(event.point, { layers: Object.keys(PRESSED) })
    const order = Object.keys(PRESSED)
    const top = found.sort((one, other) => order.indexOf(one.layer.id) - order.indexOf(other.layer.id))[0]
    if (top) onSpot(PRESSED[top.layer.id]!, String(top.properties.id))
  })
  for (const layer of Object.keys(PRESSED)) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'))
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''))
  }
}

/** Under the cases: those are what one came for. */
export function addOverlays(map: MapLibre): void {
  for (const name of SOURCES) map.addSource(name, { type: 'geojson', data: EMPTY })
  for (const layer of LAYERS) map.addLayer(layer, map.getLayer('dots') ? 'dots' : undefined)
}

function put(map: MapLibre, name: Source, features: Feature[]): void {
  const source = map.getSource(name) as GeoJSONSource | undefined
  source?.setData({ type: 'FeatureCollection', features })
}

function dots(rows: readonly { id: string; lon: number; lat: number; state?: string }[]): Feature[] {
  return rows.map((one) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [one.lon, one.lat] }, properties: { id: one.id, state: one.state ?? '' } }))
}

export function showCare(map: MapLibre, found: CarePoints | null): void {
  put(map, 'care', dots(found?.points ?? []))
}

export function showVisits(map: MapLibre, found: VisitPoints | null): void {
  put(map, 'visits', dots(found?.points ?? []))
}

export function showTracks(map: MapLibre, found: Tracks | null): void {
  put(
    map,
    'tracks',
    (found?.tracks ?? []).map((one) => ({ type: 'Feature', geometry: { type: 'MultiLineString', coordinates: one.lines.filter((line) => line.length > 1) }, properties: { id: one.id } })),
  )
}

export function showArea(map: MapLibre, within: string): void {
  const corners = cornersOf(within)
  put(map, 'area', corners.length ? [{ type: 'Feature', geometry: { type: 'Polygon', coordinates: [[...corners, corners[0]!]] }, properties: {} }] : [])
}
