/** A draft on the map: its grids coloured by what became of them or by how full they are, today's borders dashed below, faults as marks. */
import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon, Position } from 'geojson'
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import type { Fault } from './drafts'
import { isFar, offWords, type GridFeature } from './shape'

/** What the colours tell. */
export type Colour = 'change' | 'off'

/** look.md's chart colours: apart from the status colours, told apart by lightness too. */
export const CHANGE_COLOURS = { same: '#8a94a6', redrawn: '#58b3bd', new: '#1d4f91' } as const
/** From far too few over as many as there should be to far too many. */
export const OFF_COLOURS = ['#0f6f7c', '#58b3bd', '#f5f7fa', '#a08fd6', '#5b3f9e'] as const
const OFF_STEPS = [-0.4, -0.2, 0, 0.2, 0.4] as const
const PICKED = '#14213d'

const CHANGE_FILL: ExpressionSpecification = ['match', ['get', 'change'], 'new', CHANGE_COLOURS.new, 'redrawn', CHANGE_COLOURS.redrawn, CHANGE_COLOURS.same]
const OFF_FILL: ExpressionSpecification = ['interpolate', ['linear'], ['coalesce', ['get', 'off'], 0], ...OFF_STEPS.flatMap((step, at) => [step, OFF_COLOURS[at]!])]
const FILLS: Record<Colour, { colour: ExpressionSpecification; opacity: ExpressionSpecification | number }> = {
  change: { colour: CHANGE_FILL, opacity: ['match', ['get', 'change'], ['same', 'renamed'], 0.08, 0.3] },
  off: { colour: OFF_FILL, opacity: 0.55 },
}

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] }
const sourceOf = (map: MapLibre, name: string): GeoJSONSource | undefined => map.getSource(name) as GeoJSONSource | undefined

/** Where a grid's name stands: the middle of its largest ring. */
export function middleOf(geometry: Polygon | MultiPolygon): Position {
  const rings = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).map((polygon) => polygon[0] ?? [])
  const measured = rings.map((ring) => {
    let [area, x, y] = [0, 0, 0]
    const [ox = 0, oy = 0] = ring[0] ?? []
    for (let at = 0; at + 1 < ring.length; at += 1) {
      const [ax, ay] = [(ring[at]?.[0] ?? 0) - ox, (ring[at]?.[1] ?? 0) - oy]
      const [bx, by] = [(ring[at + 1]?.[0] ?? 0) - ox, (ring[at + 1]?.[1] ?? 0) - oy]
      const cross = ax * by - bx * ay
      area += cross
      x += (ax + bx) * cross
      y += (ay + by) * cross
    }
    return { area: Math.abs(area), at: area ? [ox + x / (3 * area), oy + y / (3 * area)] : [ox, oy] }
  })
  return measured.sort((one, other) => other.area - one.area)[0]?.at ?? [0, 0]
}

function labels(features: readonly GridFeature[]): FeatureCollection<Point> {
  return {
    type: 'FeatureCollection',
    features: features.map(({ geometry, properties: one }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: middleOf(geometry) },
      properties: { key: one.key, text: one.name, count: `${Math.round(one.households)}${isFar(one.off) ? ` (${offWords(one.off)})` : ''}`, far: isFar(one.off) },
    })),
  }
}

/** Adds everything once, empty, above the quiet base. */
export function addDraft(map: MapLibre, onPick: (key: string, more: boolean) => void, onFault: (at: number) => void): void {
  map.addSource('draft', { type: 'geojson', data: NOTHING, promoteId: 'key' })
  map.addSource('draft-before', { type: 'geojson', data: NOTHING })
  map.addSource('draft-labels', { type: 'geojson', data: NOTHING })
  map.addSource('draft-faults', { type: 'geojson', data: NOTHING })
  const picked: ExpressionSpecification = ['boolean', ['feature-state', 'picked'], false]
  map.addLayer({ id: 'draft-fill', type: 'fill', source: 'draft', paint: { 'fill-color': FILLS.change.colour, 'fill-opacity': FILLS.change.opacity } })
  map.addLayer({ id: 'draft-before', type: 'line', source: 'draft-before', paint: { 'line-color': '#47536b', 'line-width': 1.4, 'line-dasharray': [3, 2] } })
  map.addLayer({ id: 'draft-line', type: 'line', source: 'draft', paint: { 'line-color': '#1d4f91', 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.7, 16, 1.8] } })
  map.addLayer({ id: 'draft-picked', type: 'line', source: 'draft', paint: { 'line-color': PICKED, 'line-width': 4, 'line-opacity': ['case', picked, 1, 0] } })
  map.addLayer({
    id: 'draft-labels',
    type: 'symbol',
    source: 'draft-labels',
    layout: { 'text-field': ['format', ['get', 'text'], {}, '\n', {}, ['get', 'count'], { 'font-scale': 0.95 }], 'text-size': 12, 'text-font': ['sans-serif'], 'text-max-width': 8 },
    paint: { 'text-color': ['case', ['get', 'far'], '#5b3f9e', '#14213d'], 'text-halo-color': '#ffffff', 'text-halo-width': 1.6 },
  })
  map.addLayer({ id: 'draft-faults', type: 'circle', source: 'draft-faults', paint: { 'circle-radius': ['case', ['get', 'grave'], 9, 6], 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': ['case', ['get', 'grave'], '#b3261e', '#47536b'], 'circle-stroke-width': ['case', ['get', 'grave'], 3, 2] } })
  map.addLayer({
    id: 'draft-fault-words',
    type: 'symbol',
    source: 'draft-faults',
    layout: { 'text-field': ['get', 'words'], 'text-size': 12, 'text-font': ['sans-serif'], 'text-offset': [0, 1.4], 'text-anchor': 'top' },
    paint: { 'text-color': ['case', ['get', 'grave'], '#b3261e', '#47536b'], 'text-halo-color': '#ffffff', 'text-halo-width': 1.6 },
  })
  map.on('click', 'draft-faults', (event) => {
    const at = event.features?.[0]?.properties.at as number | undefined
    if (at !== undefined) onFault(at)
  })
  map.on('click', 'draft-fill', (event) => {
    // A fault lies on a grid: whoever clicks it wants to know what is wrong.
    if (map.queryRenderedFeatures(event.point, { layers: ['draft-faults'] }).length) return
    const key = event.features?.[0]?.properties.key as string | undefined
    if (key !== undefined) onPick(String(key), event.originalEvent.shiftKey || event.originalEvent.ctrlKey || event.originalEvent.metaKey)
  })
}

/** The names of a draft's grids stand instead of those of the map of today. */
export function quieten(map: MapLibre): void {
  for (const layer of ['grid-label', 'grid-line']) if (map.getLayer(layer)) map.setLayoutProperty(layer, 'visibility', 'none')
}

export function showGrids(map: MapLibre, features: GridFeature[], colour: Colour): void {
  sourceOf(map, 'draft')?.setData({ type: 'FeatureCollection', features })
  sourceOf(map, 'draft-labels')?.setData(labels(features))
  map.setPaintProperty('draft-fill', 'fill-color', FILLS[colour].colour)
  map.setPaintProperty('draft-fill', 'fill-opacity', FILLS[colour].opacity)
}

export function showPicked(map: MapLibre, picked: readonly string[]): void {
  map.removeFeatureState({ source: 'draft' })
  for (const id of picked) map.setFeatureState({ source: 'draft', id }, { picked: true })
}

export function showBefore(map: MapLibre, shapes: FeatureCollection<Polygon | MultiPolygon> | null): void {
  sourceOf(map, 'draft-before')?.setData(shapes ?? NOTHING)
}

export function showFaults(map: MapLibre, faults: readonly Pick<Fault, 'lon' | 'lat' | 'grave' | 'kind'>[], word: (kind: string) => string): void {
  const features = faults.map((one, at): Feature<Point> => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [one.lon, one.lat] }, properties: { grave: one.grave, at, words: word(one.kind) } }))
  sourceOf(map, 'draft-faults')?.setData({ type: 'FeatureCollection', features })
}
