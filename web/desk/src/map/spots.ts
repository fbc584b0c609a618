/** What of care, visits and walks was pressed, and the lists beside the map that say the same in words. */
import type { CarePoints, Tracks, VisitPoints } from '@shared/map/api'

export type CarePoint = CarePoints['points'][number]
export type VisitPoint = VisitPoints['points'][number]
export type Track = Tracks['tracks'][number]
export type Spot = { kind: 'care'; of: CarePoint } | { kind: 'visit'; of: VisitPoint } | { kind: 'walk'; of: Track }
export type SpotKind = Spot['kind']

/** How a visit stands, worst first; each with its own icon, so that none stands by its colour alone. */
export const CARE_STATES = ['late', 'due', 'fine'] as const
export const CARE_ICONS = { late: 'alarm', due: 'hourglass', fine: 'clock' } as const

export interface Laid {
  care: CarePoints | null
  visits: VisitPoints | null
  tracks: Tracks | null
}

/** What was pressed, as long as it is still on the map. */
export function spotOf(laid: Laid, kind: SpotKind, id: string): Spot | null {
  if (kind === 'care') return wrap(kind, laid.care?.points.find((one) => one.id === id))
  if (kind === 'visit') return wrap(kind, laid.visits?.points.find((one) => one.id === id))
  return wrap(kind, laid.tracks?.tracks.find((one) => one.id === id))
}

function wrap<K extends SpotKind>(kind: K, of: unknown): Spot | null {
  return of ? ({ kind, of } as Spot) : null
}

export function careCounts(care: CarePoints | null): { state: (typeof CARE_STATES)[number]; n: number }[] {
  return CARE_STATES.map((state) => ({ state, n: care?.points.filter((one) => one.state === state).length ?? 0 }))
}

/** Seconds from the first step to the last; a walk that is going on has no end. */
export function walkSeconds(track: Track): number | null {
  return track.ended ? Math.round((Date.parse(track.ended) - Date.parse(track.begun)) / 1000) : null
}
