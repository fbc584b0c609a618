/** A border on the map whose corners can be dragged, added and taken out. Loaded only when somebody takes hold of one. */
import type { Position } from 'geojson'
import type { Map as MapLibre } from 'maplibre-gl'
import { TerraDraw, TerraDrawLineStringMode, TerraDrawSelectMode, type GeoJSONStoreFeatures } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'
import { touched, type Corner } from './bends'
import { snappingTo } from './pen'

const INK = '#b3261e'
/** What the library takes; about a tenth of a millimetre. */
const DIGITS = 9
const TAKEN = 'border-corner'

export interface Bender {
  /** Shows the border so, with one of its corners taken. */
  show: (lines: readonly Position[][], corner: Corner) => void
  drop: () => void
}

const rounded = ([lon = 0, lat = 0]: Position): Position => [Number(lon.toFixed(DIGITS)), Number(lat.toFixed(DIGITS))]
const lineOf = (feature: GeoJSONStoreFeatures): Position[] => feature.geometry.coordinates as Position[]

/** `guides`: corners the dragged one jumps to. `bent` is told what a hand has done, and to which corner. */
export function takeBorder(map: MapLibre, lines: readonly Position[][], guides: () => readonly Position[], bent: (lines: Position[][], corner: Corner) => void): Bender {
  const snappable = snappingTo(map, guides)
  const point = { selectionPointColor: '#ffffff', selectionPointOutlineColor: INK, selectionPointOutlineWidth: 2, selectionPointWidth: 6 } as const
  const middle = { midPointColor: INK, midPointOutlineColor: '#ffffff', midPointOutlineWidth: 1, midPointWidth: 4 } as const
  const select = new TerraDrawSelectMode({
    flags: { linestring: { feature: { draggable: false, coordinates: { draggable: true, deletable: true, midpoints: { draggable: true }, snappable } } } },
    styles: { ...point, ...middle, selectedLineStringColor: INK, selectedLineStringWidth: 4 },
    keyEvents: null,
    allowManualDeselection: false,
  })
  const draw = new TerraDraw({ adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DIGITS }), modes: [new TerraDrawLineStringMode({ styles: { lineStringColor: INK, lineStringWidth: 4 } }), select] })
  let shown: Position[][] = lines.map((line) => line.map(rounded))
  draw.start()
  draw.setMode('select')
  const ids = draw.addFeatures(shown.map((coordinates) => ({ type: 'Feature', properties: { mode: 'linestring' }, geometry: { type: 'LineString', coordinates } }))).map((one) => one.id)
  const first = ids[0]
  if (first === undefined) throw new Error('the border was not taken')
  draw.selectFeature(first)
  map.addSource(TAKEN, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } })
  map.addLayer({ id: TAKEN, type: 'circle', source: TAKEN, paint: { 'circle-radius': 11, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': '#14213d', 'circle-stroke-width': 3 } })

  function mark(corner: Corner): void {
    const at = shown[corner.line]?.[corner.at]
    const source = map.getSource(TAKEN)
    if (at && source && 'setData' in source) (source as unknown as { setData: (data: GeoJSON.Feature) => void }).setData({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at } })
  }

  /** A corner that is only clicked is taken too. */
  const taken = (event: { point: { x: number; y: number } }): void => {
    const all = shown.flatMap((line, which) => line.map((corner, at) => ({ line: which, at, away: away(map, corner, event.point) })))
    const [nearest] = all.sort((one, other) => one.away - other.away)
    if (nearest && nearest.away <= 16) bent(shown, { line: nearest.line, at: nearest.at })
  }
  map.on('click', taken)
  draw.on('change', (_, kind, context) => {
    if (kind !== 'update' || (context && 'origin' in context)) return
    const now = ids.map((id) => (id === undefined ? undefined : draw.getSnapshotFeature(id))).map((one, at) => (one ? lineOf(one) : (shown[at] ?? [])))
    const line = now.findIndex((one, at) => touched(shown[at], one) >= 0 || one.length !== shown[at]?.length)
    if (line < 0) return
    const at = Math.max(0, touched(shown[line], now[line] ?? []))
    shown = now.map((one) => [...one])
    bent(shown, { line, at: Math.min(at, (now[line]?.length ?? 1) - 1) })
  })

  return {
    show: (next, corner) => {
      const wanted = next.map((line) => line.map(rounded))
      wanted.forEach((coordinates, at) => {
        const id = ids[at]
        if (id !== undefined && (coordinates.length !== shown[at]?.length || touched(shown[at], coordinates) >= 0)) draw.updateFeatureGeometry(id, { type: 'LineString', coordinates })
      })
      shown = wanted
      mark(corner)
    },
    drop: () => {
      map.off('click', taken)
      if (map.getLayer(TAKEN)) map.removeLayer(TAKEN)
      if (map.getSource(TAKEN)) map.removeSource(TAKEN)
      if (draw.enabled) draw.stop()
    },
  }
}

function away(map: MapLibre, [lon = 0, lat = 0]: Position, to: { x: number; y: number }): number {
  const at = map.project([lon, lat])
  return Math.hypot(at.x - to.x, at.y - to.y)
}
