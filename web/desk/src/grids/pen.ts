/** Drawing by hand on the map: one line or one area at a time. Loaded only when somebody takes the pen. */
import type { Position } from 'geojson'
import type { Map as MapLibre } from 'maplibre-gl'
import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'
import { corners, nearest, type Stroke } from './strokes'

const INK = '#b3261e'
/** Within this of a corner of a border the pen jumps to it. */
const SNAP_PX = 12

export interface Pen {
  /** Ends the stroke as if its last corner had been clicked again; false when it has too few corners. */
  finish: () => boolean
  /** Puts the pen down; what was begun is gone. */
  drop: () => void
}

/** Jumps to the nearest of some corners, where one is near on the screen. */
export function snappingTo(map: MapLibre, among: () => readonly Position[]): { toCustom: (event: { lng: number; lat: number; containerX: number; containerY: number }) => Position | undefined } {
  return {
    toCustom: (event) => {
      const found = nearest(among(), [event.lng, event.lat])
      if (!found) return undefined
      const at = map.project([found[0] ?? 0, found[1] ?? 0])
      return Math.hypot(at.x - event.containerX, at.y - event.containerY) <= SNAP_PX ? found : undefined
    },
  }
}

/** `borders`: corners the pen jumps to. `done` is told once for each finished stroke. */
export function takePen(map: MapLibre, kind: Stroke, borders: () => readonly Position[], done: (drawn: Position[]) => void, counted: (n: number) => void): Pen {
  const snapping = snappingTo(map, borders)
  const keyEvents = { cancel: null, finish: 'Enter' }
  const line = new TerraDrawLineStringMode({ snapping, keyEvents, styles: { lineStringColor: INK, lineStringWidth: 3, closingPointColor: INK, snappingPointColor: INK } })
  const area = new TerraDrawPolygonMode({ snapping, keyEvents, styles: { outlineColor: INK, outlineWidth: 3, fillColor: INK, fillOpacity: 0.15, closingPointColor: INK, snappingPointColor: INK } })
  const draw = new TerraDraw({ adapter: new TerraDrawMapLibreGLAdapter({ map }), modes: [line, area] })
  const stroke = (): Position[] => {
    const found = draw.getSnapshot().find((one) => one.properties.mode === kind)
    return found ? corners(found.geometry.coordinates as Position[] | Position[][], kind, Boolean(found.properties.currentlyDrawing)) : []
  }
  draw.start()
  draw.setMode(kind)
  draw.on('finish', (id) => {
    const found = draw.getSnapshotFeature(id)
    // Once the library is through with it: whoever is told may put the pen down.
    if (found) setTimeout(() => done(corners(found.geometry.coordinates as Position[] | Position[][], kind, false)))
  })
  draw.on('change', () => counted(stroke().length))

  return {
    finish: () => {
      const drawn = stroke()
      if (drawn.length < (kind === 'linestring' ? 2 : 3)) return false
      done(drawn)
      return true
    },
    drop: () => draw.enabled && draw.stop(),
  }
}
