/** What a team walks to and how it is drawn. Pure: what is planned, shown, printed and handed over is the same. */
import type { FeatureCollection } from 'geojson'
import type { components } from '@shared/api/schema'
import type { CaseRow } from '@shared/api/types'

type Schemas = components['schemas']
export type Ground = Schemas['RoundsGround']
export type Planned = Schemas['RoundsOut']
export type HandedRound = Schemas['HandedOut']
export type Stop = Schemas['HandedStopOut']
export type Walker = Schemas['GroundWalker']
export const KINDS = ['care', 'case', 'building'] as const
export type Kind = (typeof KINDS)[number]

/** As many stops and walkers as one plan takes. */
export const MOST_STOPS = 200
/** Minutes at a stop: a talk, a look, and three for each door of a building. */
export const MINUTES = { care: 15, case: 10, door: 3, most: 90 } as const
/** Hours a walker has, unless told otherwise. */
export const USUAL_HOURS = 4
/** Colours of the walks: the eight of the charts, apart from those of states. Beyond eight they come again; numbers tell. */
export const COLOURS = ['#1d4f91', '#0f6f7c', '#5b3f9e', '#8a5a00', '#a3376b', '#3f6b1f', '#6b4a3a', '#40556f'] as const

/** What may be walked to, by kind; cases without a place cannot. */
export function offered(ground: Ground | null, cases: readonly CaseRow[]): Record<Kind, Stop[]> {
  return {
    care: (ground?.care ?? []).map((one) => ({ kind: 'care', id: one.id, lon: one.lon, lat: one.lat, words: `${one.words} · ${one.due}`, minutes: MINUTES.care })),
    case: cases.flatMap((one) => (one.lon === null || one.lat === null ? [] : [{ kind: 'case' as const, id: one.id, lon: one.lon, lat: one.lat, words: `${one.title} · ${one.place}`.slice(0, 200), minutes: MINUTES.case }])),
    building: (ground?.doors ?? []).map((one) => ({ kind: 'building', id: one.id, lon: one.lon, lat: one.lat, words: one.words, minutes: Math.min(MINUTES.most, Math.max(MINUTES.door, one.households * MINUTES.door)) })),
  }
}

export const keyOf = (stop: Stop): string => `${stop.kind} ${stop.id}`
export const colourOf = (at: number): string => COLOURS[at % COLOURS.length]!

export interface Walk {
  walker: Walker
  colour: string
  stops: Stop[]
  metres: number
  minutes: number
}

/** The answer in the planner's own words, for walkers that have anything to do. */
export function walksOf(planned: Planned, stops: readonly Stop[], walkers: readonly Walker[]): Walk[] {
  const known = new Map(stops.map((stop) => [keyOf(stop), stop]))
  return planned.rounds.flatMap((round, at) => {
    const walker = walkers.find((one) => one.key === round.walker)
    const own = round.stops.flatMap((key) => known.get(key) ?? [])
    return walker && own.length ? [{ walker, colour: colourOf(at), stops: own, metres: round.metres, minutes: round.minutes }] : []
  })
}

/** Lines from where each begins past his stops and back, and the stops with their numbers. `loud`: the one that stands out. */
export function drawn(walks: readonly Walk[], loud: string): FeatureCollection {
  const features: FeatureCollection['features'] = []
  for (const walk of walks) {
    const quiet = loud !== '' && loud !== walk.walker.key
    const properties = { walker: walk.walker.key, colour: walk.colour, quiet }
    const home: [number, number] = [walk.walker.lon, walk.walker.lat]
    features.push({ type: 'Feature', geometry: { type: 'LineString', coordinates: [home, ...walk.stops.map((stop): [number, number] => [stop.lon, stop.lat]), home] }, properties })
    walk.stops.forEach((stop, at) => features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: [stop.lon, stop.lat] }, properties: { ...properties, nth: at + 1 } }))
  }
  return { type: 'FeatureCollection', features }
}

/** West, south, east, north of all that is walked; nothing of nothing. */
export function boundsOf(walks: readonly Walk[]): [number, number, number, number] | null {
  const spots = walks.flatMap((walk) => [walk.walker, ...walk.stops])
  if (spots.length === 0) return null
  const lons = spots.map((spot) => spot.lon)
  const lats = spots.map((spot) => spot.lat)
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}
