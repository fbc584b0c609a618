/** What a hand has drawn, as plain corners: free of the library that draws it. */
import type { MultiPolygon, Polygon, Position } from 'geojson'

export type Stroke = 'linestring' | 'polygon'

const same = (one: Position | undefined, other: Position | undefined): boolean => one?.[0] === other?.[0] && one?.[1] === other?.[1]

/** The corners that were set, each once: without the one that follows the pointer, without the one that closes an area. */
export function corners(coordinates: Position[] | Position[][], kind: Stroke, drawing: boolean): Position[] {
  const all = (kind === 'polygon' ? (coordinates[0] ?? []) : coordinates) as Position[]
  const open = kind === 'polygon' ? all.slice(0, -1) : all
  const set = drawing ? open.slice(0, -1) : open
  const kept = set.filter((one, at) => at === 0 || !same(one, set[at - 1]))
  return kind === 'polygon' && kept.length > 1 && same(kept[0], kept.at(-1)) ? kept.slice(0, -1) : kept
}

/** An area as GeoJSON wants its ring: closed. */
export const ringOf = (drawn: readonly Position[]): Position[][] => [[...drawn, ...drawn.slice(0, 1)]]

/** Every corner of some borders once. */
export function bordersOf(geometries: readonly (Polygon | MultiPolygon)[]): Position[] {
  const found = new Map<string, Position>()
  for (const geometry of geometries)
    for (const polygon of geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates)
      for (const ring of polygon) for (const corner of ring) found.set(`${corner[0]},${corner[1]}`, corner)
  return [...found.values()]
}

/** The corner nearest to a point, on a map where a degree of longitude is narrower than one of latitude. */
export function nearest(among: readonly Position[], [lon = 0, lat = 0]: Position): Position | null {
  const narrow = Math.cos((lat * Math.PI) / 180)
  let best: Position | null = null
  let least = Infinity
  for (const one of among) {
    const away = (((one[0] ?? 0) - lon) * narrow) ** 2 + ((one[1] ?? 0) - lat) ** 2
    if (away < least) [best, least] = [one, away]
  }
  return best
}
