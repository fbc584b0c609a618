/** What is written into the registers by hand beside corrections: somebody new, who lives elsewhere from now on, who is erased. */
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import type { Point } from '@shared/map/position'
import { EDITABLE } from './edits'
import type { Field, Kind, Row } from './shape'
import { rowOf } from './source'

type Schemas = components['schemas']
export type Added = Kind
/** The nearest thing a new row belongs to. */
export type Where = { household: string } | { dwelling: string } | { building: string } | { point: Point }
/** What stands in no household: the place of a new one is asked for. */
export const PLACED = ['buildings', 'premises', 'organisations', 'dwellings'] as const
export type Placed = (typeof PLACED)[number]
export const isPlaced = (kind: Kind): kind is Placed => (PLACED as readonly string[]).includes(kind)
/** Of these one that is entered already is looked for first. */
export const hasAlike = (kind: Kind): kind is Exclude<Placed, 'dwellings'> => isPlaced(kind) && kind !== 'dwellings'
/** A house has one floor and one stairwell until somebody says otherwise. */
const FIRST: Record<string, string> = { levels: '1', units: '1' }
export const blankOf = (keys: readonly string[]): Record<string, string> => Object.fromEntries(keys.map((key) => [key, FIRST[key] ?? '']))

/** How many live there is counted from who is registered. */
const NOT_ASKED: readonly string[] = ['people']

/** What is asked of a new row, in order. `waits`: the reader may see the field and not decide on it. */
export function askedOf(kind: Added, fields: readonly Field[]): { key: string; field: Field; waits: boolean }[] {
  return EDITABLE[kind].flatMap((key) => {
    const field = NOT_ASKED.includes(key) ? undefined : fields.find((one) => one.key === key)
    return field ? [{ key, field, waits: field.access !== 'write' }] : []
  })
}

export interface Addition {
  kind: Added
  values: Record<string, string | number>
  lon?: number
  lat?: number
  household?: number
  dwelling?: number
  building?: number
  /** The door a household lives behind, in words, where only the building is known. */
  label?: string
}

/** What is sent of a new row: nothing of what was left empty. A point is a value of what keeps it, else it tells the grid. */
export function additionOf(kind: Added, where: Where, draft: Record<string, string>, label: string): Addition {
  const values: Addition['values'] = Object.fromEntries(Object.entries(draft).flatMap(([key, said]) => (said.trim() ? [[key, said.trim()]] : [])))
  const door = label.trim() ? { label: label.trim() } : {}
  if ('point' in where) return kind === 'organisations' ? { kind, values, ...where.point } : { kind, values: { ...values, ...where.point } }
  const place = Object.fromEntries(Object.entries(where).map(([key, id]) => [key, Number(id)]))
  return { kind, values, ...place, ...door }
}

/** Rows that look like one about to be added, the surest first. */
export async function alike(api: ApiClient, kind: Exclude<Placed, 'dwellings'>, draft: Record<string, string>, point: Point | null): Promise<Row[]> {
  const values = Object.fromEntries(['name', 'code', 'credit_code'].flatMap((key) => (draft[key]?.trim() ? [[key, draft[key].trim()]] : [])))
  return (await api.post<Schemas['AlikeOut']>('/register/alike', { kind, values, lon: point?.lon ?? null, lat: point?.lat ?? null })).items.map(rowOf)
}

export interface Outcome {
  id: string
  state: 'applied' | 'waiting' | 'same' | 'refused'
  /** Fields that are kept until somebody confirms them. */
  waiting: string[]
}

export const add = (api: ApiClient, key: string, at: string, what: Addition): Promise<Outcome> =>
  api.post<Schemas['OutcomeOut']>('/register/add', { key, ...what, at, source: 'desk' }, { key })

/** Into another household, apart from the others behind the same door, or behind another door. */
export type How = 'join' | 'split' | 'door'

export interface Home {
  id: string
  title: string
  line: string
}

export interface Move {
  residents: number[]
  household?: number
  dwelling?: number
  on: string
}

/** What is sent of a move; null while nobody or no place is chosen. */
export function moveOf(who: readonly string[], how: How, dwelling: string, target: string, on: string): Move | null {
  const place = how === 'split' ? dwelling : target
  if (who.length === 0 || !place) return null
  const residents = who.map(Number)
  return how === 'join' ? { residents, household: Number(place), on } : { residents, dwelling: Number(place), on }
}

export const move = (api: ApiClient, key: string, at: string, what: Move): Promise<Outcome> =>
  api.post<Schemas['OutcomeOut']>('/register/moves', { key, ...what, at, source: 'desk' }, { key })

/** Households, or doors, that fit the words: by address or number, a household also by who lives in it. */
export async function homes(api: ApiClient, how: How, words: string, except: string): Promise<Home[]> {
  const found = await api.post<Schemas['SearchOut']>('/register/search', { words, grid: '', kinds: how === 'join' ? ['households', 'residents'] : ['dwellings'] })
  const rows = found.groups.flatMap((group) => group.items)
  const all = rows.map(({ id, kind, household, title, line }): Home => ({ id: (kind === 'dwellings' ? id : household) ?? '', title, line }))
  return all.filter((one, at) => one.id && one.id !== except && all.findIndex((other) => other.id === one.id) === at)
}

/** One person, with everything held about him, for good. */
export const erase = (api: ApiClient, resident: string, reason: string): Promise<unknown> => api.post(`/register/residents/${resident}/erase`, { reason })
