/**
 * One visit at a door, as the phone holds it until the worker says that it is right: what is to change, who moved in, who
 * left. Nothing here knows of screens or of the network. What the server refuses comes back and is settled here.
 */
import type { HomeInfo, PersonInfo } from '@shared/api/types'

export type Kind = 'residents' | 'households' | 'dwellings'
export type Value = string | number | null
export type Values = Record<string, Value>

export interface Edit {
  kind: Kind
  id: string
  version: number
  /** As it was shown, masked where it was. */
  seen: Values
  wanted: Values
}

export interface Leaving {
  id: string
  on: string
  how: 'moved' | 'died'
}

export interface Spot {
  dwelling?: string
  building?: string
  label?: string
}

export interface Visit {
  household: string | null
  at: Spot | null
  changes: Edit[]
  joined: Values[]
  left: Leaving[]
}

/** A field two people changed, as the server tells it. */
export interface Clash {
  kind: Kind
  id: string
  field: string
  title: string
  seen: Value
  current: Value
  wanted: Value
  /** Who changed it meanwhile. */
  unit: string
}

/** What can be put right about a person at the door, in the order it is asked. */
export const PERSON = ['name', 'phone', 'relation', 'registered'] as const
export const NEWCOMER = ['name', 'sex', 'birth_date', 'id_kind', 'id_number', 'phone', 'relation', 'registered', 'since'] as const

export function blank(household: string | null, at: Spot | null = null): Visit {
  return { household, at, changes: [], joined: [], left: [] }
}

export function isEmpty(visit: Visit): boolean {
  return visit.changes.length === 0 && visit.joined.length === 0 && visit.left.length === 0
}

/** The visit with one field wanted otherwise; the same as it was shown is no change. */
export function want(visit: Visit, row: Pick<Edit, 'kind' | 'id' | 'version'>, field: string, seen: Value, value: Value): Visit {
  const known = visit.changes.find((one) => one.kind === row.kind && one.id === row.id)
  const { [field]: _was, ...wanted } = known?.wanted ?? {}
  const { [field]: _saw, ...others } = known?.seen ?? {}
  const next: Edit = { kind: row.kind, id: row.id, version: known?.version ?? row.version, seen: others, wanted }
  if (!same(seen, value)) {
    next.seen = { ...others, [field]: seen }
    next.wanted = { ...wanted, [field]: value }
  }
  const rest = visit.changes.filter((one) => one !== known)
  return { ...visit, changes: Object.keys(next.wanted).length ? [...rest, next] : rest }
}

/** What is wanted of a field; undefined when it stays as it is. */
export function wantedOf(visit: Visit, kind: Kind, id: string, field: string): Value | undefined {
  return visit.changes.find((one) => one.kind === kind && one.id === id)?.wanted[field]
}

/** Somebody leaves, or after all does not (`null`). */
export function leave(visit: Visit, id: string, leaving: Omit<Leaving, 'id'> | null): Visit {
  const rest = visit.left.filter((one) => one.id !== id)
  return { ...visit, left: leaving ? [...rest, { id, ...leaving }] : rest }
}

export function seenOf(person: PersonInfo, field: (typeof PERSON)[number]): Value {
  return person[field]
}

/** What is sent. Empty answers of a newcomer are not told. */
export function bodyOf(visit: Visit): Record<string, unknown> {
  const joined = visit.joined.map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== '' && value !== null)))
  return { household: visit.household, at: visit.at, changes: visit.changes, joined, left: visit.left }
}

/** The visit a parcel holds. */
export function visitOf(body: Record<string, unknown>): Visit {
  const { household, at, changes, joined, left } = JSON.parse(JSON.stringify(body)) as Partial<Visit>
  return { household: household ?? null, at: at ?? null, changes: changes ?? [], joined: joined ?? [], left: left ?? [] }
}

export function clashesOf(more: Record<string, unknown> | undefined): Clash[] {
  return Array.isArray(more?.conflicts) ? (more.conflicts as Clash[]) : []
}

/** What the worker wrote of a clash, whole: the answer carries it masked. */
export function mine(visit: Visit, clash: Clash): Value {
  return wantedOf(visit, clash.kind, clash.id, clash.field) ?? clash.wanted
}

/**
 * The visit after the worker has decided each clash: `mine` is wanted against what stands there now, and nothing that came
 * meanwhile is unseen any more; `theirs` stays. What did not clash is kept.
 */
export function settle(visit: Visit, clashes: readonly Clash[], versions: Record<string, number>, keep: Record<string, 'mine' | 'theirs'>): Visit {
  const changes = visit.changes.flatMap((edit) => {
    const next: Edit = { ...edit, version: versions[`${edit.kind}.${edit.id}`] ?? edit.version, seen: { ...edit.seen }, wanted: { ...edit.wanted } }
    for (const clash of clashes.filter((one) => one.kind === edit.kind && one.id === edit.id)) {
      if (keep[keyOf(clash)] === 'mine') next.seen[clash.field] = clash.current
      else {
        delete next.seen[clash.field]
        delete next.wanted[clash.field]
      }
    }
    return Object.keys(next.wanted).length ? [next] : []
  })
  return { ...visit, changes }
}

export const keyOf = (clash: Pick<Clash, 'kind' | 'id' | 'field'>): string => `${clash.kind}.${clash.id}.${clash.field}`

/** The people of a home as they are after the visit: who is left is gone. */
export function staying(home: HomeInfo, visit: Visit): PersonInfo[] {
  return home.residents.filter((one) => !visit.left.some((gone) => gone.id === one.id))
}

function same(one: Value, other: Value): boolean {
  return (one ?? '') === (other ?? '') || String(one ?? '') === String(other ?? '')
}
