/**
 * A list of any length as the stretches it was loaded in. Each stretch begins behind a cursor, so one can be loaded anew
 * without the others: what is looked at stays current, what lies far above and below waits until it is looked at.
 */
import type { CasePage, CaseRow } from '@shared/api/types'

export interface Stretch {
  /** Behind which key it begins; null at the top of the list. */
  cursor: string | null
  items: CaseRow[]
  /** Grows with every load: of two stretches that hold the same case the newer one is right. */
  loaded: number
  stale: boolean
}

export interface Listed {
  stretches: Stretch[]
  /** Behind which key the list goes on; null when all of it is here. */
  next: string | null
}

export const NOTHING: Listed = { stretches: [], next: null }
/** How many more rows than before a stretch is asked for, in case new ones came into it. */
const ROOM = 50
const MOST = 200

/** How many rows to ask for when a stretch is loaded anew. */
export function limitOf(stretch: Stretch): number {
  return Math.min(MOST, stretch.items.length + ROOM)
}

/** The rows in order, each case once. */
export function rowsOf(list: Listed): CaseRow[] {
  const newest = new Map<string, number>()
  for (const { items, loaded } of list.stretches) for (const { id } of items) newest.set(id, Math.max(loaded, newest.get(id) ?? 0))
  const rows: CaseRow[] = []
  const told = new Set<string>()
  for (const { items, loaded } of list.stretches) {
    for (const row of items) {
      if (newest.get(row.id) !== loaded || told.has(row.id)) continue
      told.add(row.id)
      rows.push(row)
    }
  }
  return rows
}

/** The list with one more stretch at its end. */
export function extended(list: Listed, page: CasePage, loaded: number): Listed {
  return { stretches: [...list.stretches, { cursor: list.next, items: page.items, loaded, stale: false }], next: page.next }
}

/**
 * The list with stretch `at` as the server has it now. It ends where the following one begins; when nothing of that is
 * left among what came back, what follows is forgotten and loaded again when it is scrolled to: better short than wrong.
 */
export function renewed(list: Listed, at: number, page: CasePage, loaded: number): Listed {
  const before = list.stretches.slice(0, at)
  const old = list.stretches[at]
  const after = list.stretches.slice(at + 1)
  if (!old) return list
  const whole = { cursor: old.cursor, items: page.items, loaded, stale: false }
  if (page.next === null || !after[0]) return { stretches: [...before, whole], next: page.next }
  const following = new Set(after[0].items.map((row) => row.id))
  const border = page.items.findIndex((row) => following.has(row.id))
  if (border < 0) return { stretches: [...before, whole], next: page.next }
  return { stretches: [...before, { ...whole, items: page.items.slice(0, border) }, ...after], next: list.next }
}

/** The list with every stretch marked as perhaps out of date. */
export function aged(list: Listed): Listed {
  return { ...list, stretches: list.stretches.map((one) => ({ ...one, stale: true })) }
}

/** Which stretches the rows from `first` to `last` lie in. */
export function within(list: Listed, first: number, last: number): number[] {
  const found: number[] = []
  let begin = 0
  list.stretches.forEach((one, at) => {
    if (begin <= last && begin + one.items.length >= first) found.push(at)
    begin += one.items.length
  })
  return found
}
