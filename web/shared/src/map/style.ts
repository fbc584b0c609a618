/**
 * The quiet base: water, green, roads by weight, pale buildings; grid borders thin at rest. No `glyphs`: labels are drawn
 * from the device's own fonts, so no glyph server is needed.
 */
import type { LayerSpecification, Map as MapLibre, StyleSpecification, VectorTileSource } from 'maplibre-gl'
import type { BaseMap } from './api'

/** MapLibre paints on a canvas and cannot read CSS variables; these are look.md's colours for the map alone. */
const LIGHT = {
  ground: '#f5f7fa',
  water: '#c9dced',
  green: '#dcebdc',
  road: '#ffffff',
  roadEdge: '#d5dbe5',
  building: '#e4e8ef',
  buildingEdge: '#d0d7e2',
  tower: '#8ea7c8',
  border: '#8ea7c8',
  frame: '#47536b',
  chosen: '#1d4f91',
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
  tower: '#5b7196',
  border: '#5b7196',
  frame: '#9fb4d0',
  chosen: '#8db8ee',
  label: '#9fb4d0',
  halo: '#0b1526',
}

export const FONTS = '"PingFang SC","Microsoft YaHei","HarmonyOS Sans SC","Noto Sans CJK SC","WenQuanYi Zen Hei",sans-serif'
/** Buildings are in the tiles from here on; above it there is nothing to raise. */
export const BUILDINGS_FROM = 14
/** Layers that are drawn upright: shown in 3D only. */
export const UPRIGHT = 'building-3d'
/** Layers whose features are grids a reader can press. */
export const GRID_FILL = 'grid-fill'

export interface TileOptions {
  /** Absolute address of the tile service, without closing slash. */
  tiles: string
  version: string | number
  /** One level's grids at every zoom (`<scheme>.<level>`); blank: the level that fits the zoom. */
  level?: string
}

export interface StyleOptions extends TileOptions {
  /** On a dark page. */
  dark?: boolean
  base?: BaseMap | null
}

/** Vector sources with their zooms: the tiles below the deepest are drawn larger. */
const SOURCES: Record<string, [min: number, max: number]> = { base: [8, 16], grids: [6, 18], grid_labels: [6, 18], building_labels: [17, 17] }

export function tileAddress(options: TileOptions, layer: string): string {
  const level = options.level && layer.startsWith('grid') ? `&level=${encodeURIComponent(options.level)}` : ''
  return `${options.tiles}/${layer}/{z}/{x}/{y}.mvt?v=${options.version}${level}`
}

/** Points a living map at another version or level; tiles that are the same come from the browser's own store. */
export function retile(map: MapLibre, options: TileOptions): void {
  for (const layer of Object.keys(SOURCES)) {
    const source = map.getSource(layer) as VectorTileSource | undefined
    const address = tileAddress(options, layer)
    if (source && source.tiles?.[0] !== address) source.setTiles([address])
  }
}

export function quietStyle(options: StyleOptions): StyleSpecification {
  const sources: StyleSpecification['sources'] = {}
  for (const [layer, [minzoom, maxzoom]] of Object.entries(SOURCES)) {
    sources[layer] = { type: 'vector', tiles: [tileAddress(options, layer)], minzoom, maxzoom, ...(layer === 'grids' ? { promoteId: 'id' } : {}) }
  }
  const base = options.base
  const picture = (tiles: string[], of: BaseMap): StyleSpecification['sources'][string] => ({ type: 'raster', tiles, tileSize: of.tile_size, minzoom: of.min_zoom, maxzoom: of.max_zoom, attribution: of.attribution })
  if (base) sources.ground = picture(base.tiles, base)
  if (base?.labels.length) sources.names = picture(base.labels, base)
  const paint = options.dark ? DARK : LIGHT
  const names: LayerSpecification[] = base?.labels.length ? [{ id: 'picture-names', type: 'raster', source: 'names' }] : []
  return { version: 8, sources, light: { anchor: 'viewport', intensity: 0.28 }, layers: [...groundLayers(paint, Boolean(base)), ...names, ...gridLayers(paint), ...labelLayers(paint)] }
}

/** Where somebody else's picture is shown it has its own water, woods and roads. */
function groundLayers(paint: typeof LIGHT, picture: boolean): LayerSpecification[] {
  const ground: LayerSpecification = { id: 'ground', type: 'background', paint: { 'background-color': paint.ground } }
  if (picture) return [ground, { id: 'picture', type: 'raster', source: 'ground' }]
  return [
    ground,
    { id: 'water', type: 'fill', source: 'base', 'source-layer': 'water', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': paint.water } },
    { id: 'green', type: 'fill', source: 'base', 'source-layer': 'green', paint: { 'fill-color': paint.green } },
    { id: 'stream', type: 'line', source: 'base', 'source-layer': 'water', filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': paint.water, 'line-width': 3 } },
    { id: 'road-edge', type: 'line', source: 'base', 'source-layer': 'road', minzoom: 12, paint: { 'line-color': paint.roadEdge, 'line-width': roadWidth(2) } },
    { id: 'road', type: 'line', source: 'base', 'source-layer': 'road', paint: { 'line-color': paint.road, 'line-width': roadWidth(0) } },
  ]
}

/** Colours of a choropleth come as feature state; the grid that is chosen by a filter; what frames the level stands out. */
function gridLayers(paint: typeof LIGHT): LayerSpecification[] {
  const grids = { source: 'grids', 'source-layer': 'grids' } as const
  const frame = ['==', ['get', 'frame'], true] as never
  return [
    { id: GRID_FILL, type: 'fill', ...grids, filter: ['!', frame] as never, paint: { 'fill-color': ['to-color', ['feature-state', 'shade'], 'rgba(0,0,0,0)'] as never, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 12, 0.62, 16, 0.34] } },
    { id: 'building', type: 'fill', source: 'base', 'source-layer': 'building', minzoom: BUILDINGS_FROM, paint: { 'fill-color': paint.building, 'fill-outline-color': paint.tower } },
    { id: 'grid-line', type: 'line', ...grids, filter: ['!', frame] as never, paint: { 'line-color': paint.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.6, 16, 1.4], 'line-opacity': 0.8 } },
    { id: 'grid-frame', type: 'line', ...grids, filter: frame, paint: { 'line-color': paint.frame, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 1, 16, 2.4], 'line-opacity': 0.65 } },
    { id: 'grid-chosen', type: 'line', ...grids, filter: ['==', ['get', 'id'], ''], layout: { 'line-join': 'round' }, paint: { 'line-color': paint.chosen, 'line-width': 3.5 } },
    {
      id: UPRIGHT,
      type: 'fill-extrusion',
      source: 'base',
      'source-layer': 'building',
      minzoom: BUILDINGS_FROM,
      layout: { visibility: 'none' },
      paint: {
        'fill-extrusion-color': ['interpolate', ['linear'], ['coalesce', ['get', 'levels'], 1], 1, paint.building, 7, paint.buildingEdge, 33, paint.tower],
        'fill-extrusion-height': ['coalesce', ['get', 'height'], 3],
        'fill-extrusion-opacity': 0.92,
      },
    },
  ]
}

function labelLayers(paint: typeof LIGHT): LayerSpecification[] {
  const text = { 'text-field': ['get', 'name'], 'text-size': 12, 'text-font': ['sans-serif'] } as const
  const ink = { 'text-color': paint.label, 'text-halo-color': paint.halo }
  return [
    { id: 'grid-label', type: 'symbol', source: 'grid_labels', 'source-layer': 'grid_labels', layout: { ...text, 'text-max-width': 8 } as never, paint: { ...ink, 'text-halo-width': 1.5 } },
    { id: 'building-label', type: 'symbol', source: 'building_labels', 'source-layer': 'building_labels', minzoom: 17, layout: { ...text, 'text-max-width': 7 } as never, paint: { ...ink, 'text-halo-width': 1.2 } },
  ]
}

/** Outlines one grid (or none) more strongly than the rest. */
export function choose(map: MapLibre, id: string): void {
  if (map.getLayer('grid-chosen')) map.setFilter('grid-chosen', ['==', ['get', 'id'], id])
}

/** Upright buildings on a tilted map, or all of it flat. */
export function setUpright(map: MapLibre, on: boolean, still = false): void {
  map.setLayoutProperty(UPRIGHT, 'visibility', on ? 'visible' : 'none')
  map.setLayoutProperty('building', 'visibility', on ? 'none' : 'visible')
  if (on) map.dragRotate.enable()
  else map.dragRotate.disable()
  map.easeTo({ pitch: on ? 52 : 0, ...(on ? {} : { bearing: 0 }), duration: still ? 0 : 300 })
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
