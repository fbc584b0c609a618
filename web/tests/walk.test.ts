/** The walk past all stops: never longer than going to the nearest first, and the shortest there is where that can be told. */
import { describe, expect, it } from 'vitest'
import type { CaseRow } from '@shared/api/types'
import { isCheck, walked } from '../worker/src/today'
import { walk, walkLength, type Spot } from '../worker/src/walk'

const EAST = 100_000
const PATIENT = { now: () => 0, millis: 1 }

/** So many looks at the clock, whatever the machine. */
function looks(count: number): { now: () => number; millis: number } {
  let asked = 0
  return { now: () => (asked += 1), millis: count }
}

function spots(count: number, seed: number): Spot[] {
  let state = seed
  const draw = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state / 4294967296
  }
  return Array.from({ length: count }, () => ({ lon: 119 + draw() / 50, lat: 26 + draw() / 50 }))
}

function orders(count: number): number[][] {
  if (!count) return [[]]
  return orders(count - 1).flatMap((one) => Array.from({ length: count }, (_, at) => [...one.slice(0, at), count - 1, ...one.slice(at)]))
}

function nearestFirst(all: readonly Spot[], start: Spot): number {
  const left = [...all]
  const way: Spot[] = []
  let at = start
  while (left.length) {
    left.sort((one, two) => walkLength([one], at) - walkLength([two], at))
    at = left.shift()!
    way.push(at)
  }
  return walkLength(way, start)
}

describe('walk', () => {
  it('passes every stop once, from one place and from none', () => {
    for (const count of [0, 1, 2, 3, 17]) {
      const all = spots(count, count + 1)
      for (const start of [{ lon: 119, lat: 26 }, null]) {
        expect([...walk(all, start, PATIENT)].sort((one, two) => one - two)).toEqual(all.map((_, at) => at))
      }
    }
  })

  it('is the shortest there is, for few stops', () => {
    const every = orders(7)
    for (let seed = 1; seed <= 12; seed += 1) {
      const [start, ...all] = spots(8, seed) as [Spot, ...Spot[]]
      const found = walkLength(walk(all, start, PATIENT).map((at) => all[at]!), start)
      const shortest = Math.min(...every.map((order) => walkLength(order.map((at) => all[at]!), start)))
      expect(found).toBeCloseTo(shortest, 3)
    }
  })

  it('is shorter than the nearest first, for many', () => {
    let found = 0
    let plain = 0
    for (let seed = 1; seed <= 6; seed += 1) {
      const [start, ...all] = spots(61, seed) as [Spot, ...Spot[]]
      const own = walkLength(walk(all, start, looks(40)).map((at) => all[at]!), start)
      const nearest = nearestFirst(all, start)
      expect(own).toBeLessThanOrEqual(nearest + 1e-6)
      found += own
      plain += nearest
    }
    expect(found / plain).toBeLessThan(0.9)
  })

  it('gives the same walk for the same stops, and stops looking when time is up', () => {
    const all = spots(30, 5)
    expect(walk(all, null, looks(30))).toEqual(walk(all, null, looks(30)))
    let asked = 0
    walk(all, null, { now: () => (asked += 1), millis: 5 })
    expect(asked).toBeLessThan(10)
  })

  it('takes stops at one place and in one line', () => {
    const same = Array.from({ length: 6 }, () => ({ lon: 119, lat: 26 }))
    expect(walk(same, null, PATIENT)).toHaveLength(6)
    const line = [3, 1, 2, 0].map((north) => ({ lon: 119, lat: 26 + north / EAST }))
    expect(walk(line, { lon: 119, lat: 26 - 1 / EAST }, PATIENT)).toEqual([3, 1, 2, 0])
  })
})

function row(id: string, grid: string, north: number | null): CaseRow {
  return { id, status: 'dispatched', grid: { id: grid, name: grid }, lon: north === null ? null : 119, lat: north === null ? null : 26 + north / 110_900 } as CaseRow
}

const rows = [row('a', 'g10', 900), row('b', 'g2', 300), row('c', 'g10', 100), row('d', 'g2', null), row('e', 'g3', null)]
const told = (here: Spot | null): string => walked(rows, here, PATIENT).rounds.map((one) => `${one.name}:${one.stops.map((stop) => `${stop.nth ?? '-'}${stop.row.id}`).join('')}`).join(' ')

describe('today as one walk', () => {
  it('numbers the stops, names the grids it comes through, and leaves unknown places to the end', () => {
    expect(told({ lon: 119, lat: 26 })).toBe('g10:1c g2:2b g10:3a g2:-d g3:-e')
    const { metres, rounds } = walked(rows, { lon: 119, lat: 26 }, PATIENT)
    expect(metres).toBeCloseTo(900, -1)
    expect(rounds.flatMap((one) => one.stops).map((stop) => stop.far)).toEqual([100, 200, 600, null, null].map((far) => (far === null ? null : (expect.closeTo(far, -1) as unknown))))
  })

  it('without a position begins at the most urgent one', () => {
    expect(told(null)).toBe('g10:1a g2:2b g10:3c g2:-d g3:-e')
    expect(walked(rows, null, PATIENT).rounds[0]!.stops[0]!.far).toBeNull()
  })

  it('what others did is to be checked, the rest is mine to do', () => {
    expect(['reported', 'handled', 'dispatched', 'handling'].map((status) => isCheck({ status } as CaseRow))).toEqual([true, true, false, false])
  })
})
