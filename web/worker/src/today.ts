/** The order somebody walks in: grid after grid, the nearest first, and within a grid the nearest first. */
import type { CaseRow } from '@shared/api/types'
import { distance } from './duty/track'

export interface Stop {
  row: CaseRow
  /** Metres from here; null when either place is unknown. */
  far: number | null
}

export interface Round {
  id: string
  name: string
  far: number | null
  stops: Stop[]
}

/** What is done there: look and confirm what others did or said, or deal with it oneself. */
export function isCheck(row: CaseRow): boolean {
  return row.status === 'handled' || row.status === 'reported'
}

/** Rows grid by grid. Without a position, grids by name and rows by deadline as they came. */
export function rounds(rows: readonly CaseRow[], here: { lon: number; lat: number } | null): Round[] {
  const grids = new Map<string, Round>()
  for (const row of rows) {
    const far = here && row.lon !== null && row.lat !== null ? Math.round(distance(here, { lon: row.lon, lat: row.lat })) : null
    const round = grids.get(row.grid.id) ?? { id: row.grid.id, name: row.grid.name, far: null, stops: [] }
    round.stops.push({ row, far })
    if (far !== null && (round.far === null || far < round.far)) round.far = far
    grids.set(row.grid.id, round)
  }
  const found = [...grids.values()]
  for (const round of found) round.stops.sort((one, two) => near(one.far, two.far))
  return found.sort((one, two) => near(one.far, two.far) || one.name.localeCompare(two.name, 'zh', { numeric: true }))
}

/** Near before far, unknown last; equal keeps the order it came in. */
function near(one: number | null, two: number | null): number {
  if (one === two) return 0
  return one === null ? 1 : two === null ? -1 : one - two
}
