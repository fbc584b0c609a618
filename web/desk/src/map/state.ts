/** What the map shows and its address are the same thing: a view can be sent to a colleague, kept, gone back to. */
import type { LocationQuery } from 'vue-router'
import { lengthOf, startOf } from '../dashboard/period'

/** What can be laid over the ground; visits and rounds only for whoever may see them. */
export const LAYERS = ['cases', 'care', 'visits', 'tracks'] as const
export type Layer = (typeof LAYERS)[number]
/** Which cases: all of the period, those still worked on, those past their deadline. */
export const SHOWN = ['all', 'open', 'over'] as const
export type Shown = (typeof SHOWN)[number]

export interface View {
  lon: number
  lat: number
  zoom: number
  bearing: number
}

export interface MapState {
  /** Where one looks; nothing: the whole of one's own area. */
  at: View | null
  upright: boolean
  /** What colours the grids; blank: nothing. */
  measure: string
  /** The level that is shown (`<scheme>.<level>`); blank: what fits the zoom. */
  level: string
  layers: Layer[]
  shown: Shown
  /** First and last day of the period. */
  from: string
  to: string
  /** The part of the period the brush holds; nothing: all of it. */
  part: [string, string] | null
  /** Corners of the area that was drawn: `lon,lat;lon,lat;…`. */
  within: string
  /** Only what lies below this grid. */
  grid: string
  /** The grid or the case whose card is open. */
  card: string
  open: string
}

export const USUAL_DAYS = 30
/** As far back as the brush reaches: more days than it has pixels show nothing. */
export const MOST_DAYS = 366
const MOST_CORNERS = 80
const DAY = /^\d{4}-\d{2}-\d{2}$/

function text(value: LocationQuery[string] | undefined): string {
  return String((Array.isArray(value) ? value[0] : value) ?? '').trim()
}

function isDay(day: string): boolean {
  return DAY.test(day) && !Number.isNaN(Date.parse(`${day}T12:00:00Z`))
}

function viewOf(value: string): View | null {
  const [lon, lat, zoom, bearing = 0] = value.split(',').map(Number)
  const whole = [lon, lat, zoom, bearing].every((n) => typeof n === 'number' && Number.isFinite(n))
  if (!whole || Math.abs(lon!) > 180 || Math.abs(lat!) > 85 || zoom! < 0 || zoom! > 20) return null
  return { lon: lon!, lat: lat!, zoom: zoom!, bearing: bearing }
}

export function cornersOf(within: string): [number, number][] {
  const corners = within.split(';').map((pair) => pair.split(',').map(Number) as [number, number])
  return corners.length >= 3 && corners.length <= MOST_CORNERS && corners.every((pair) => pair.length === 2 && pair.every(Number.isFinite)) ? corners : []
}

/** Reads the address; whatever in it makes no sense is left out. `today` ends the usual period. */
export function stateOf(query: LocationQuery, today: string): MapState {
  const to = isDay(text(query.to)) && text(query.to) <= today ? text(query.to) : today
  const asked = text(query.from)
  const from = isDay(asked) && asked <= to && lengthOf(asked, to) <= MOST_DAYS ? asked : startOf(to, USUAL_DAYS)
  const [begin = '', end = ''] = text(query.part).split('_')
  const layers = query.layers === undefined ? ['cases'] : text(query.layers).split(',')
  return {
    at: viewOf(text(query.at)),
    upright: text(query.d) === '3',
    measure: query.measure === undefined ? 'reported' : text(query.measure),
    level: text(query.level),
    layers: LAYERS.filter((one) => layers.includes(one)),
    shown: SHOWN.find((one) => one === text(query.shown)) ?? 'all',
    from,
    to,
    part: isDay(begin) && isDay(end) && from <= begin && begin <= end && end <= to ? [begin, end] : null,
    within: cornersOf(text(query.within)).length ? text(query.within) : '',
    grid: /^\d+$/.test(text(query.grid)) ? text(query.grid) : '',
    card: /^\d+$/.test(text(query.card)) ? text(query.card) : '',
    open: text(query.open),
  }
}

/** The address of a state, without what is usual. */
export function queryOf(state: MapState, today: string): Record<string, string> {
  const usual = stateOf({}, today)
  const { at } = state
  const query: Record<string, string> = {}
  if (at) query.at = [at.lon.toFixed(5), at.lat.toFixed(5), at.zoom.toFixed(2), ...(Math.abs(at.bearing) >= 0.5 ? [at.bearing.toFixed(0)] : [])].join()
  if (state.upright) query.d = '3'
  if (state.measure !== usual.measure) query.measure = state.measure
  if (state.layers.join() !== usual.layers.join()) query.layers = state.layers.join()
  if (state.shown !== usual.shown) query.shown = state.shown
  if (state.from !== usual.from || state.to !== usual.to) Object.assign(query, { from: state.from, to: state.to })
  if (state.part) query.part = state.part.join('_')
  for (const name of ['level', 'within', 'grid', 'card', 'open'] as const) if (state[name]) query[name] = state[name]
  return query
}

/** The `/cases` filter of what is shown: the same words for the points, the bars of the brush and the list in the queue. */
export function filterOf(state: Pick<MapState, 'shown' | 'within' | 'grid'>): Record<string, string> {
  return {
    tab: 'all',
    ...(state.shown === 'open' ? { measure: 'open' } : state.shown === 'over' ? { due: 'over' } : {}),
    ...(state.within ? { within: state.within } : {}),
    ...(state.grid ? { grid: state.grid } : {}),
  }
}

/** The queue's address of exactly the cases the map shows now. */
export function queueOf(state: MapState): Record<string, string> {
  const [from, to] = state.part ?? [state.from, state.to]
  return { ...filterOf(state), day_from: from, day_to: to }
}

/** Corners of a drawn area as an address has them: as many as the server takes, evenly left out, about a metre exact. */
export function withinOf(ring: readonly (readonly number[])[]): string {
  const open = ring.length > 1 && ring[0]![0] === ring.at(-1)![0] && ring[0]![1] === ring.at(-1)![1] ? ring.slice(0, -1) : ring
  const every = Math.max(1, open.length / MOST_CORNERS)
  const kept: string[] = []
  for (let at = 0; Math.floor(at) < open.length && kept.length < MOST_CORNERS; at += every) {
    const [lon, lat] = open[Math.floor(at)]!
    const pair = `${lon!.toFixed(5)},${lat!.toFixed(5)}`
    if (kept.at(-1) !== pair) kept.push(pair)
  }
  return kept.length >= 3 ? kept.join(';') : ''
}
