/** Cases on the map: a dot coloured by its clock, with a number where the server counted several together. */
import type { FeatureCollection, Point } from 'geojson'
import type { Map as MapLibre } from 'maplibre-gl'

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

/** Adds the dots' source and layers. The state of a cluster is the worst in it, so red never hides. */
export function addPoints(map: MapLibre, dots: readonly MapDot[], onDot: (id: string) => void): void {
  map.addSource('dots', { type: 'geojson', data: pointData(dots) })
  map.addLayer({
    id: 'dots',
    type: 'circle',
    source: 'dots',
    paint: {
      'circle-radius': ['+', ['case', ['get', 'chosen'], 10, 7], ['min', 14, ['*', 2, ['ln', ['get', 'count']]]]],
      'circle-color': ['match', ['get', 'state'], ...Object.entries(DOT_COLOURS).flat(), '#1d4f91'] as never,
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': ['case', ['get', 'chosen'], 3, 2],
    },
  })
  map.addLayer({
    id: 'dot-counts',
    type: 'symbol',
    source: 'dots',
    filter: ['>', ['get', 'count'], 1],
    layout: { 'text-field': ['to-string', ['get', 'count']], 'text-size': 12, 'text-font': ['sans-serif'], 'text-allow-overlap': true },
    paint: { 'text-color': '#ffffff' },
  })
  map.on('click', 'dots', (event) => {
    const feature = event.features?.[0]
    if (!feature) return
    if (Number(feature.properties.count) > 1) map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2 })
    else onDot(String(feature.properties.id))
  })
  map.on('mouseenter', 'dots', () => (map.getCanvas().style.cursor = 'pointer'))
  map.on('mouseleave', 'dots', () => (map.getCanvas().style.cursor = ''))
}
