/** The order somebody walks in: the shortest way past everything, told grid by grid as the walk comes through them. */
import type { CaseRow } from '@shared/api/types'
import { distance } from './duty/track'
import { walk, type Patience, type Spot } from './walk'

export interface Stop {
  row: CaseRow
  /** Which stop of the walk it is, from 1; null where its place is unknown. */
  nth: number | null
  /** Metres from the stop before, of the first one from here; null when either place is unknown. */
  far: number | null
}

export interface Round {
  key: string
  name: string
  stops: Stop[]
}

export interface Walk {
  rounds: Round[]
  /** Metres of the whole walk. */
  metres: number
}

const MILLIS = 60

/** What is done there: look and confirm what others did or said, or deal with it oneself. */
export function isCheck(row: CaseRow): boolean {
  return row.status === 'handled' || row.status === 'reported'
}

/** All rows as one walk from here, or from the first row (the most urgent) without a position; unknown places last. */
export function walked(rows: readonly CaseRow[], here: Spot | null, patience: Patience = { now: () => performance.now(), millis: MILLIS }): Walk {
  const placed = rows.flatMap((row) => (row.lon === null || row.lat === null ? [] : [{ row, lon: row.lon, lat: row.lat }]))
  const order = walk(placed, here, patience).map((at) => placed[at]!)
  let metres = 0
  const stops: Stop[] = order.map((stop, at) => {
    const before = at ? order[at - 1]! : here
    const far = before ? distance(before, stop) : null
    metres += far ?? 0
    return { row: stop.row, nth: at + 1, far: far === null ? null : Math.round(far) }
  })
  const unplaced = rows.filter((row) => row.lon === null || row.lat === null).map((row): Stop => ({ row, nth: null, far: null }))
  return { rounds: [...runs(stops), ...runs(unplaced)], metres: Math.round(metres) }
}

/** Stops that follow each other in one grid stand under its name. */
function runs(stops: readonly Stop[]): Round[] {
  const found: Round[] = []
  let last = ''
  for (const stop of stops) {
    if (!found.length || stop.row.grid.id !== last) found.push({ key: `${stop.row.grid.id} ${stop.nth ?? ''}`, name: stop.row.grid.name, stops: [] })
    last = stop.row.grid.id
    found[found.length - 1]!.stops.push(stop)
  }
  return found
}
