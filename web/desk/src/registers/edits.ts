/** What an edit sends: what was seen of each field, what is wanted of it, and nothing of a field that stays. */
import type { Cell, Field, Kind, Row } from './shape'

export type Value = string | number | null

/** Fields of each kind that can be corrected by hand, in the order they are asked for. What follows from others has none. */
export const EDITABLE: Record<Kind, readonly string[]> = {
  residents: ['name', 'sex', 'birth_date', 'id_kind', 'id_number', 'phone', 'relation', 'registered', 'since'],
  households: ['household', 'people'],
  dwellings: ['unit', 'floor', 'room', 'use'],
  buildings: ['code', 'name', 'kind', 'levels', 'units'],
  premises: ['code', 'name', 'kind', 'address', 'organisation', 'contact', 'phone'],
  organisations: ['credit_code', 'name', 'kind', 'address', 'contact', 'phone'],
}
const NUMBERS = new Set(['number', 'sex'])
/** The fields of `kind` that the reader may write, in order. */
export function writable(kind: Kind, fields: readonly Field[]): { key: string; field: Field }[] {
  return EDITABLE[kind].flatMap((key) => {
    const field = fields.find((one) => one.key === key && one.access === 'write')
    return field ? [{ key, field }] : []
  })
}

/** What stands in the form first: what is masked is not, for a mask is no value. */
export function draftOf(kind: Kind, fields: readonly Field[], row: Row): Record<string, string> {
  return Object.fromEntries(writable(kind, fields).map(({ key, field }) => [key, field.personal ? '' : text(row.cells[field.key])]))
}

/** What was changed in the form, with what was seen of it. `cleared` names personal fields that shall be empty. */
export function changesOf(kind: Kind, fields: readonly Field[], row: Row, draft: Record<string, string>, cleared: readonly string[]): { seen: Record<string, Value>; wanted: Record<string, Value> } {
  const seen: Record<string, Value> = {}
  const wanted: Record<string, Value> = {}
  for (const { key, field } of writable(kind, fields)) {
    const now = (draft[key] ?? '').trim()
    const empties = field.personal && cleared.includes(key)
    const changed = field.personal ? empties || now !== '' : now !== text(row.cells[field.key])
    if (!changed) continue
    seen[key] = plain(row.cells[field.key])
    wanted[key] = empties ? null : valueOf(field, now)
  }
  return { seen, wanted }
}

/** Kinds whose rows keep a point of their own, which can be set right on the map. */
export const pointed = (kind: Kind, fields: readonly Field[]): boolean => (kind === 'buildings' || kind === 'premises') && fields.some((one) => one.key === 'lon' && one.access === 'write')

/** The edit with the point where it is meant, when it was moved. */
export function withPoint(edit: { seen: Record<string, Value>; wanted: Record<string, Value> }, row: Row, point: { lon: number; lat: number } | null): { seen: Record<string, Value>; wanted: Record<string, Value> } {
  if (!point || (point.lon === row.cells.lon && point.lat === row.cells.lat)) return edit
  return { seen: { ...edit.seen, lon: plain(row.cells.lon), lat: plain(row.cells.lat) }, wanted: { ...edit.wanted, lon: point.lon, lat: point.lat } }
}

function valueOf(field: Field, said: string): Value {
  if (NUMBERS.has(field.form)) return said === '' ? null : Number(said)
  return said === '' && field.form !== 'text' && field.form !== 'choice' ? null : said
}

const text = (value: Cell | undefined): string => (value === null || value === undefined ? '' : String(value))
const plain = (value: Cell | undefined): Value => (typeof value === 'boolean' || value === undefined ? null : value)

export interface Conflict {
  field: string
  title: string
  seen: Value
  current: Value
  wanted: Value
  at: string | null
  unit: string
}

/** The edit once more, after a conflict: of each field in question mine or what stands there now; the rest as it was. */
export function settled(
  edit: { seen: Record<string, Value>; wanted: Record<string, Value> },
  conflicts: readonly Conflict[],
  mine: ReadonlySet<string>,
): { seen: Record<string, Value>; wanted: Record<string, Value> } {
  const seen = { ...edit.seen }
  const wanted = { ...edit.wanted }
  for (const { field, current } of conflicts) {
    if (mine.has(field)) seen[field] = current
    else {
      delete seen[field]
      delete wanted[field]
    }
  }
  return { seen, wanted }
}
