/** An area drawn by hand: corner by corner, or in one stroke. The drawing kit is fetched when somebody draws. */
import type { Map as MapLibre } from 'maplibre-gl'

export interface Drawing {
  stop: () => void
}

const STYLE = { fillColor: '#1d4f91', fillOpacity: 0.08, outlineColor: '#1d4f91', outlineWidth: 2 } as const

/** Lets the reader draw one area; `done` gets its ring, or null when he gave up. */
export async function drawArea(map: MapLibre, freehand: boolean, done: (ring: number[][] | null) => void): Promise<Drawing> {
  const [{ TerraDraw, TerraDrawFreehandMode, TerraDrawPolygonMode }, { TerraDrawMapLibreGLAdapter }] = await Promise.all([import('terra-draw'), import('terra-draw-maplibre-gl-adapter')])
  const styles = STYLE as never
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: 7 }),
    modes: [new TerraDrawPolygonMode({ styles }), new TerraDrawFreehandMode({ styles, minDistance: 12 })],
  })
  let over = false

  function stop(): void {
    if (over) return
    over = true
    document.removeEventListener('keydown', given, true)
    map.doubleClickZoom.enable()
    // The stroke's own events are still on their way while it tells that it is done.
    setTimeout(() => draw.enabled && draw.stop())
  }

  function given(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    stop()
    done(null)
  }

  draw.start()
  draw.setMode(freehand ? 'freehand' : 'polygon')
  map.doubleClickZoom.disable()
  document.addEventListener('keydown', given, true)
  draw.on('finish', (id) => {
    const found = draw.getSnapshot().find((one) => one.id === id)
    stop()
    done(found?.geometry.type === 'Polygon' ? (found.geometry.coordinates[0] ?? null) : null)
  })
  return { stop }
}
