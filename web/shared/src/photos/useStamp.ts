/** Gathers what is to be written on a photo: the locality's wish, the taker's name, where the phone is. */
import type { LocateAnswer } from '../api/types'
import { useApi, usePlace } from '../app'
import { locate, type Point } from '../map/position'
import { useSession } from '../stores/session'
import { isFresh, stampLines } from './stamp'

/** Longest wait for a position: indoors it may never come, and the next photo is waiting to be taken. */
const POSITION_MS = 4000
/** Longest wait for the words of a place; without them its degrees are written. */
const WORDS_MS = 1500

export interface Stamped {
  lines: string[]
  point: Point | null
}

export type Stamper = (takenAt: number) => Promise<Stamped>

/** Stamps on the worker's face only: at the desk and on the residents' page a photo comes from somebody else, or from nobody. */
export function useStamp(): Stamper {
  const api = useApi()
  const session = useSession()
  const asked = usePlace().base.endsWith('/worker/')

  async function here(takenAt: number): Promise<Point | null> {
    if (!isFresh(takenAt, Date.now())) return null
    const found = await within(locate(session.locality?.bbox ?? null), POSITION_MS, null)
    return found?.kind === 'here' ? found.point : null
  }

  async function addressOf(point: Point): Promise<string> {
    const query = { lon: point.lon.toFixed(6), lat: point.lat.toFixed(6) }
    const told = api.get<LocateAnswer>('/grids/locate', query).then((answer) => answer.address || (answer.chains.at(-1)?.grids ?? []).map((grid) => grid.name).join(' '))
    return within(told.catch(() => ''), WORDS_MS, '')
  }

  return async (takenAt) => {
    const parts = session.locality?.photos.stamp ?? []
    if (!asked || session.me.kind !== 'staff' || parts.length === 0) return { lines: [], point: null }
    const point = parts.includes('place') ? await here(takenAt) : null
    const facts = { takenAt: new Date(takenAt).toISOString(), point, address: point ? await addressOf(point) : '', name: session.me.name }
    return { lines: stampLines(parts, facts), point }
  }
}

/** The answer, or `otherwise` when it takes longer than `ms`. */
function within<T, U>(answer: Promise<T>, ms: number, otherwise: U): Promise<T | U> {
  return Promise.race([answer, new Promise<U>((done) => setTimeout(done, ms, otherwise))])
}
