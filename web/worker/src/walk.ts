/**
 * The shortest walk past all stops, on the phone and without a network: the nearest stop first, then 2-opt (turn a stretch
 * round) and Or-opt (carry up to three stops elsewhere) until neither helps, then again from small disturbances while time
 * lasts. Distances are straight lines; the walk ends wherever its last stop is.
 */
import { distance } from './duty/track'

export interface Spot {
  lon: number
  lat: number
}

export interface Patience {
  /** The clock, in milliseconds. */
  now: () => number
  /** How long to go on looking. */
  millis: number
}

/** Further disturbances without a better walk are given up after this many for each stop. */
const TRIES = 12
const CARRIED = 3
const LEAST_M = 1e-6

/** Positions of the spots in the order to walk; from `start`, or from the first spot when it is not known. */
export function walk(spots: readonly Spot[], start: Spot | null, patience: Patience): number[] {
  if (spots.length < 2) return spots.map((_, at) => at)
  const all = start ? [start, ...spots] : [...spots]
  const until = patience.now() + patience.millis
  const metres = table(all)
  let best = improved(nearest(metres, all.length), metres)
  let length = lengthOf(best, metres)
  const draw = drawing(all.length)
  for (let tries = 0; tries < TRIES * all.length && all.length > 4 && patience.now() < until; tries += 1) {
    const other = improved(disturbed(best, draw), metres)
    const found = lengthOf(other, metres)
    if (found < length - LEAST_M) {
      best = other
      length = found
      tries = 0
    }
  }
  return start ? best.slice(1).map((at) => at - 1) : best
}

/** Metres of a walk through these spots, one after the other. */
export function walkLength(spots: readonly Spot[], start: Spot | null): number {
  const all = start ? [start, ...spots] : spots
  return all.slice(1).reduce((sum, spot, at) => sum + distance(all[at]!, spot), 0)
}

type Metres = (one: number, two: number) => number

function table(spots: readonly Spot[]): Metres {
  const wide = spots.length
  const cells = new Float64Array(wide * wide)
  for (let one = 0; one < wide; one += 1) {
    for (let two = 0; two < one; two += 1) cells[one * wide + two] = cells[two * wide + one] = distance(spots[one]!, spots[two]!)
  }
  return (one, two) => cells[one * wide + two]!
}

function lengthOf(order: readonly number[], metres: Metres): number {
  let sum = 0
  for (let at = 1; at < order.length; at += 1) sum += metres(order[at - 1]!, order[at]!)
  return sum
}

function nearest(metres: Metres, count: number): number[] {
  const order = [0]
  const left = new Set(Array.from({ length: count - 1 }, (_, at) => at + 1))
  while (left.size) {
    const last = order[order.length - 1]!
    let next = -1
    for (const one of left) if (next < 0 || metres(last, one) < metres(last, next)) next = one
    left.delete(next)
    order.push(next)
  }
  return order
}

/** No stretch can be turned round and no three stops carried elsewhere for the better; the first stays first. */
function improved(order: number[], metres: Metres): number[] {
  let better = true
  while (better) better = turned(order, metres) || carried(order, metres)
  return order
}

function turned(order: number[], metres: Metres): boolean {
  let any = false
  for (let from = 1; from < order.length - 1; from += 1) {
    for (let to = from + 1; to < order.length; to += 1) {
      const [before, first, last, after] = [order[from - 1]!, order[from]!, order[to]!, order[to + 1]]
      const gain = metres(before, first) - metres(before, last) + (after === undefined ? 0 : metres(last, after) - metres(first, after))
      if (gain <= LEAST_M) continue
      for (let low = from, high = to; low < high; low += 1, high -= 1) [order[low], order[high]] = [order[high]!, order[low]!]
      any = true
    }
  }
  return any
}

function carried(order: number[], metres: Metres): boolean {
  let any = false
  for (let size = 1; size <= CARRIED; size += 1) {
    for (let from = 1; from + size <= order.length; from += 1) any = carry(order, from, size, metres) || any
  }
  return any
}

/** Carry the stops at `from` to where they cost least, turned round where that is shorter. */
function carry(order: number[], from: number, size: number, metres: Metres): boolean {
  const [before, first, last, after] = [order[from - 1]!, order[from]!, order[from + size - 1]!, order[from + size]]
  const saved = metres(before, first) + (after === undefined ? 0 : metres(last, after) - metres(before, after))
  let most = LEAST_M
  let place = -1
  let turn = false
  for (let at = 0; at < order.length; at += 1) {
    if (at >= from - 1 && at < from + size) continue
    const [left, right] = [order[at]!, order[at + 1]]
    const open = right === undefined ? 0 : metres(left, right)
    const ahead = metres(left, first) + (right === undefined ? 0 : metres(last, right)) - open
    const back = metres(left, last) + (right === undefined ? 0 : metres(first, right)) - open
    const gain = saved - Math.min(ahead, back)
    if (gain > most) [most, place, turn] = [gain, at, back < ahead]
  }
  if (place < 0) return false
  const stops = order.splice(from, size)
  if (turn) stops.reverse()
  order.splice(place > from ? place - size + 1 : place + 1, 0, ...stops)
  return true
}

/** Two neighbouring stretches change places: what neither turning nor carrying undoes easily. */
function disturbed(order: readonly number[], draw: (below: number) => number): number[] {
  const cuts = [1 + draw(order.length - 1), 1 + draw(order.length - 1), 1 + draw(order.length - 1)].sort((one, two) => one - two)
  const [one, two, three] = cuts as [number, number, number]
  return [...order.slice(0, one), ...order.slice(two, three), ...order.slice(one, two), ...order.slice(three)]
}

/** The same draws every time, so that the same stops give the same walk. */
function drawing(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}
