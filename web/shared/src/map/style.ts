/**
 * The quiet base: water, green, roads by weight, pale buildings; grid borders thin at rest. No `glyphs`: labels are drawn
 * from the device's own fonts, so no glyph server is needed.
 */
import type { StyleSpecification } from 'maplibre-gl'

/** MapLibre paints on a canvas and cannot read CSS variables; these are look.md's colours for the map alone. */
const LIGHT = {
  ground: '#f5f7fa',
  water: '#c9dced',
  green: '#dcebdc',
  road: '#ffffff',
  roadEdge: '#d5dbe5',
  building: '#e4e8ef',
  buildingEdge: '#d0d7e2',
  border: '#8ea7c8',
  label: '#47536b',
  halo: '#ffffff',
}
/** The wall's: the same map by night. */
const DARK: typeof LIGHT = {
  ground: '#0b1526',
  water: '#14304f',
  green: '#10291f',
  road: '#2a4067',
  roadEdge: '#0b1526',
  building: '#1a2b49',
  buildingEdge: '#24385a',
  border: '#5b7196',
  label: '#9fb4d0',
  halo: '#0b1526',
}

export const FONTS = '"PingFang SC","Microsoft YaHei","HarmonyOS Sans SC","Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif'

export interface StyleOptions {
  /** Absolute address of the tile service, without closing slash. */
  tiles: string
  version: string | number
  /** On a dark page. */
  dark?: boolean
}

function source(options: StyleOptions, layer: string, minzoom: number, maxzoom: number): StyleSpecification['sources'][string] {
  return { type: 'vector', tiles: [`${options.tiles}/${layer}/{z}/{x}/{y}.mvt?v=${options.version}`], minzoom, maxzoom }
}

export function quietStyle(options: StyleOptions): StyleSpecification {
  const PAINT = options.dark ? DARK : LIGHT
  const font = ['sans-serif']
  return {
    version: 8,
    sources: {
      base: source(options, 'base', 8, 16),
      grids: source(options, 'grids', 6, 18),
      grid_labels: source(options, 'grid_labels', 6, 18),
      building_labels: source(options, 'building_labels', 17, 17),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': PAINT.ground } },
      { id: 'water', type: 'fill', source: 'base', 'source-layer': 'water', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': PAINT.water } },
      { id: 'green', type: 'fill', source: 'base', 'source-layer': 'green', paint: { 'fill-color': PAINT.green } },
      { id: 'stream', type: 'line', source: 'base', 'source-layer': 'water', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': PAINT.water, 'line-width': 3 } },
      { id: 'road-edge', type: 'line', source: 'base', 'source-layer': 'road', minzoom: 12, paint: { 'line-color': PAINT.roadEdge, 'line-width': roadWidth(2) } },
      { id: 'road', type: 'line', source: 'base', 'source-layer': 'road', paint: { 'line-color': PAINT.road, 'line-width': roadWidth(0) } },
      { id: 'building', type: 'fill', source: 'base', 'source-layer': 'building', minzoom: 14, paint: { 'fill-color': PAINT.building, 'fill-outline-color': PAINT.buildingEdge } },
      { id: 'grid-line', type: 'line', source: 'grids', 'source-layer': 'grids', paint: { 'line-color': PAINT.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.6, 16, 1.4], 'line-opacity': 0.8 } },
      {
        id: 'grid-label',
        type: 'symbol',
        source: 'grid_labels',
        'source-layer': 'grid_labels',
        layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-font': font, 'text-max-width': 8 },
        paint: { 'text-color': PAINT.label, 'text-halo-color': PAINT.halo, 'text-halo-width': 1.5 },
      },
      {
        id: 'building-label',
        type: 'symbol',
        source: 'building_labels',
        'source-layer': 'building_labels',
        minzoom: 17,
        layout: { 'text-field': ['get', 'name'], 'text-size': 12, 'text-font': font, 'text-max-width': 7 },
        paint: { 'text-color': PAINT.label, 'text-halo-color': PAINT.halo, 'text-halo-width': 1.2 },
      },
    ],
  }
}

/** Wider for greater roads and deeper zooms; `extra` makes the edge that lies under the road. */
function roadWidth(extra: number): ['interpolate', ['linear'], ['zoom'], ...unknown[]] & never {
  const byKind = (main: number, middle: number, small: number): unknown => [
    'match',
    ['get', 'kind'],
    ['trunk', 'main'],
    main + extra,
    'through',
    middle + extra,
    small + extra,
  ]
  return ['interpolate', ['linear'], ['zoom'], 8, byKind(1, 0.5, 0.2), 13, byKind(3, 2, 1), 17, byKind(12, 9, 6)] as never
}
