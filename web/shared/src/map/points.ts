/**
 * Cases on the map. One alone is a dot coloured by its clock; many together are a ring whose arcs show how many are late,
 * due soon, in time, with their number inside. Red never hides: the worst state is always drawn, however small its share.
 */
import type { FeatureCollection, Point } from 'geojson'
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import type { IconName } from '../icons/shapes'

export interface MapDot {
  id: string
  lon: number
  lat: number
  /** State of the clock, or `closed`. */
  state: string
  count?: number
  chosen?: boolean
}

export const DOT_COLOURS: Record<string, string> = {
  in_time: '#1b7f4b',
  due_soon: '#9a5b00',
  overdue: '#b3261e',
  paused: '#5b6472',
  closed: '#3a5a78',
  none: '#1d4f91',
}
/** The order of the arcs, worst first. */
export const STATES = ['overdue', 'due_soon', 'in_time', 'paused', 'none', 'closed'] as const
/** A state never stands by its colour alone. */
export const STATE_ICONS: Record<(typeof STATES)[number], IconName> = { overdue: 'alarm', due_soon: 'hourglass', in_time: 'clock', paused: 'pause', none: 'dash', closed: 'done' }
/** A ring has so many parts: enough to read, few enough to keep the pictures. */
export const PARTS = 16
const RING = 'ring:'
const RING_PX = 40
/** Beyond this the ground is so near that cases of one house are best seen one by one. */
const APART_FROM = 17

export function pointData(dots: readonly MapDot[]): FeatureCollection<Point> {
  return {
    type: 'FeatureCollection',
    features: dots.map((dot) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [dot.lon, dot.lat] },
      properties: { id: dot.id, state: dot.state, count: dot.count ?? 1, chosen: dot.chosen ?? false },
    })),
  }
}

/** The parts of a ring by state: every state that occurs has at least one, together they make the whole. */
export function ringParts(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0)
  if (total <= 0) return counts.map(() => 0)
  const parts = counts.map((n) => (n > 0 ? Math.max(1, Math.round((n / total) * PARTS)) : 0))
  const largest = (): number => parts.indexOf(Math.max(...parts))
  for (let over = parts.reduce((sum, n) => sum + n, 0) - PARTS; over !== 0; over -= Math.sign(over)) parts[largest()]! -= Math.sign(over)
  return parts
}

/** The name of a ring's picture tells how it is to be drawn. */
export function ringCounts(name: string): number[] | null {
  return name.startsWith(RING) ? name.slice(RING.length).split(',').map(Number) : null
}

const own = ['coalesce', ['get', 'count'], 1]
const stateCount = (state: string): unknown => ['case', ['==', ['get', 'state'], state], own, 0]
/** Shares in parts of a ring, so that many clusters share one picture. */
const share = (state: string): unknown => ['to-string', ['ceil', ['/', ['*', PARTS, ['get', state]], ['max', 1, ['get', 'total']]]]]
const TOTAL = ['coalesce', ['get', 'total'], own]

function addSource(map: MapLibre, name: string, dots: readonly MapDot[], together: boolean): void {
  const clusterProperties = Object.fromEntries([['total', ['+', own]], ...STATES.map((state) => [state, ['+', stateCount(state)]])]) as never
  map.addSource(name, { type: 'geojson', data: pointData(dots), ...(together ? { cluster: true, clusterRadius: 42, clusterMaxZoom: APART_FROM - 1, clusterProperties } : {}) })
}

function addDots(map: MapLibre, name: string, radius: number): void {
  map.addLayer({
    id: name,
    type: 'circle',
    source: name,
    filter: ['!', ['has', 'point_count']],
    paint: {
      'circle-radius': ['+', radius, ['min', 11, ['*', 2.4, ['ln', ['get', 'count']]]]],
      'circle-color': ['match', ['get', 'state'], ...Object.entries(DOT_COLOURS).flat(), '#1d4f91'] as never,
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': radius > 8 ? 3 : 1.5,
    },
  })
}

/** Adds the dots' sources and layers; the chosen ones stand above and never melt into a ring. */
export function addPoints(map: MapLibre, dots: readonly MapDot[], onDot: (id: string) => void, dark = false): void {
  addSource(map, 'dots', dots.filter((dot) => !dot.chosen), true)
  addSource(map, 'chosen', dots.filter((dot) => dot.chosen), false)
  addDots(map, 'dots', 6)
  map.addLayer({
    id: 'rings',
    type: 'symbol',
    source: 'dots',
    filter: ['has', 'point_count'],
    layout: {
      'icon-image': ['concat', RING, ...STATES.flatMap((state, at) => (at ? [',', share(state)] : [share(state)]))] as never,
      'icon-size': ['interpolate', ['linear'], ['log10', TOTAL], 0, 0.7, 2, 0.95, 4, 1.3] as never,
      'icon-allow-overlap': true,
    },
  })
  map.addLayer({
    id: 'dot-counts',
    type: 'symbol',
    source: 'dots',
    filter: ['>', TOTAL as never, 1],
    layout: { 'text-field': ['to-string', TOTAL] as never, 'text-size': 12, 'text-font': ['sans-serif'], 'text-allow-overlap': true },
    paint: { 'text-color': ['case', ['has', 'point_count'], dark ? '#eaf0f8' : '#14213d', '#ffffff'] },
  })
  addDots(map, 'chosen', 10)
  map.setMissingStyleImageResolver((id) => {
    const counts = ringCounts(id)
    if (counts && !map.hasImage(id)) map.addImage(id, ringPicture(ringParts(counts), dark), { pixelRatio: 2 })
  })
  hear(map, onDot)
}

/** New dots in a map that has the layers. */
export function setPoints(map: MapLibre, dots: readonly MapDot[]): void {
  for (const chosen of [false, true]) {
    const source = map.getSource(chosen ? 'chosen' : 'dots') as GeoJSONSource | undefined
    source?.setData(pointData(dots.filter((dot) => Boolean(dot.chosen) === chosen)))
  }
}

function hear(map: MapLibre, onDot: (id: string) => void): void {
  const nearer = (event: MapMouseEvent): void => void map.easeTo({ center: event.lngLat, zoom: Math.min(map.getZoom() + 2, 19) })
  for (const layer of ['dots', 'chosen']) {
    map.on('click', layer, (event) => {
      const feature = event.features?.[0]
      if (!feature) return
      if (Number(feature.properties.count) > 1) nearer(event)
      else onDot(String(feature.properties.id))
    })
  }
  map.on('click', 'rings', nearer)
  for (const layer of ['dots', 'chosen', 'rings']) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'))
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''))
  }
}

/** Whether a press on the map met a case, or something of the layers `above`: then it did not mean the grid below. */
export function onPoint(map: MapLibre, at: MapMouseEvent['point'], above: readonly string[] = []): boolean {
  const layers = ['dots', 'chosen', 'rings', ...above].filter((name) => map.getLayer(name))
  return layers.length > 0 && map.queryRenderedFeatures(at, { layers }).length > 0
}

/** A ring as a picture: arcs clockwise from the top, worst first, around a plain disc. */
function ringPicture(parts: readonly number[], dark: boolean): ImageData {
  const size = RING_PX * 2
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size
  const pen = canvas.getContext('2d')
  if (!pen) return new ImageData(size, size)
  pen.fillStyle = dark ? '#101d33' : '#ffffff'
  pen.beginPath()
  pen.arc(size / 2, size / 2, size / 2 - 2, 0, 2 * Math.PI)
  pen.fill()
  pen.lineWidth = size * 0.14
  let from = -Math.PI / 2
  for (const [at, state] of STATES.entries()) {
    const to = from + ((parts[at] ?? 0) / PARTS) * 2 * Math.PI
    if (to === from) continue
    pen.strokeStyle = DOT_COLOURS[state]!
    pen.beginPath()
    pen.arc(size / 2, size / 2, size * 0.41, from, to)
    pen.stroke()
    from = to
  }
  return pen.getImageData(0, 0, size, size)
}
