/** The queue's filter and the URL are the same thing: everything a reader narrows by can be sent to a colleague as an address. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'

export const TABS = ['todo', 'done', 'closed', 'mine', 'copied', 'all'] as const
export type Tab = (typeof TABS)[number]
export const SORTS = ['-reported', 'reported', 'due'] as const
export const NARROWING = ['status', 'matter', 'department', 'grid', 'channel', 'due', 'supervised', 'measure', 'day_from', 'day_to', 'hour', 'direct', 'bbox', 'within', 'q'] as const
export type Narrowing = (typeof NARROWING)[number]

export type Filters = { tab: string; sort: string } & Partial<Record<Narrowing, string>>

/** Reads the address; a dispatcher starts with what waits for him, earliest deadline first. */
export function filtersOf(query: LocationQuery, firstTab: Tab): Filters {
  const tab = one(query.tab) || firstTab
  // What words find is listed by time: a deadline sorts a queue, not a search.
  const sort = one(query.q) && one(query.sort) !== 'reported' ? '-reported' : one(query.sort)
  const found: Filters = { tab, sort: sort || (tab === 'todo' ? 'due' : '-reported') }
  for (const name of NARROWING) if (one(query[name])) found[name] = one(query[name])
  return found
}

/** The ways to sort what is asked for. A department's other tabs follow its grants, which know no deadline. */
export function sortsOf(filters: Filters, department = false): (typeof SORTS)[number][] {
  return SORTS.filter((sort) => sort !== 'due' || !(filters.q || (department && filters.tab !== 'todo')))
}

/** A count as far as it was counted: 12, 999+, and … when some were looked at and none was among them. */
export function counted(n: number | undefined, more: boolean): string {
  return more ? (n ? `${n}+` : '…') : String(n ?? 0)
}

/** The address of another filter: blank parts leave it. */
export function withFilters(query: LocationQuery, change: Partial<Record<string, string>>): LocationQueryRaw {
  const next: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...query, ...change })) {
    const text = one(value as LocationQuery[string])
    if (text) next[name] = text
  }
  return next
}

/** A filter as the server named it (`measure=closed&grid=1`), as an address of the queue. */
export function fromServer(query: string): LocationQueryRaw {
  return { tab: 'all', ...Object.fromEntries(new URLSearchParams(query)) }
}

/** What a saved view keeps of an address: filters, order and columns, without the defaults. */
export function viewOf(query: LocationQuery): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of ['tab', 'sort', 'cols', ...NARROWING]) if (one(query[name])) kept[name] = one(query[name])
  return kept
}

export function activeFilters(filters: Filters): Narrowing[] {
  return NARROWING.filter((name) => name !== 'q' && Boolean(filters[name]))
}

function one(value: LocationQuery[string] | undefined): string {
  return String((Array.isArray(value) ? value[0] : value) ?? '').trim()
}
