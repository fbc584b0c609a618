/** Days under a brush: which are held, how the brush is dragged, and how it plays. Pure. */
import { dayOf, lengthOf } from '../dashboard/period'

export type Part = readonly [string, string]
export type Grip = 'from' | 'to' | 'both' | 'new'

/** All days of a period, both ends counted. */
export function daysOf(from: string, to: string): string[] {
  const n = lengthOf(from, to)
  return Array.from({ length: Math.max(0, n) }, (_, at) => shifted(from, at))
}

export function shifted(day: string, by: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return dayOf(new Date(year, month - 1, date + by, 12).getTime())
}

/** The brush after a drag of `grip` from day number `start` to `now`; it stays inside and never turns inside out. */
export function dragged(days: readonly string[], part: Part, grip: Grip, start: number, now: number): Part {
  const last = days.length - 1
  const within = (at: number): number => Math.min(last, Math.max(0, at))
  const from = days.indexOf(part[0])
  const to = days.indexOf(part[1])
  if (grip === 'new') return [days[within(Math.min(start, now))]!, days[within(Math.max(start, now))]!]
  if (grip === 'both') {
    const by = Math.min(last - to, Math.max(-from, now - start))
    return [days[from + by]!, days[to + by]!]
  }
  return grip === 'from' ? [days[Math.min(to, within(now))]!, part[1]] : [part[0], days[Math.max(from, within(now))]!]
}

/** The next picture of a playback: the brush moved on by a day; at the end it begins anew. */
export function played(days: readonly string[], part: Part | null, width: number): Part {
  const last = days.length - 1
  const n = Math.min(width, days.length)
  const from = part ? days.indexOf(part[0]) + 1 : 0
  const begin = from + n - 1 > last ? 0 : from
  return [days[begin]!, days[begin + n - 1]!]
}

/** How many days a playback shows at once: a week of a long period, a day of a short one, or what the reader chose. */
export function playWidth(days: readonly string[], part: Part | null): number {
  if (part && (part[0] !== days[0] || part[1] !== days.at(-1))) return days.indexOf(part[1]) - days.indexOf(part[0]) + 1
  return days.length > 60 ? 7 : days.length > 20 ? 3 : 1
}
