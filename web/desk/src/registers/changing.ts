/** Edits, what waits to be confirmed, entries that look alike, and who has left: what the pages ask the server for. */
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import { ApiError, isRecord } from '@shared/api/errors'
import type { components } from '@shared/api/schema'
import { EDITABLE, type Conflict, type Value } from './edits'
import type { Page } from './pages'
import type { Cell, Kind } from './shape'

type Schemas = components['schemas']
export type Waiting = Schemas['WaitingOut']
export type History = Schemas['HistoryOut']
type Outcome = Schemas['OutcomeOut']

export interface Edit {
  key: string
  version: number
  seen: Record<string, Value>
  wanted: Record<string, Value>
  at: string
}

export const edit = (api: ApiClient, kind: Kind, id: string, body: Edit): Promise<Outcome> => api.post<Outcome>(`/register/${kind}/${id}/edit`, { ...body, source: 'desk' }, { key: body.key })

/** What others wrote meanwhile into the same fields; none for any other error. */
export function conflictsIn(error: unknown): Conflict[] {
  const found = error instanceof ApiError && error.status === 409 && isRecord(error.body) ? error.body.conflicts : []
  return Array.isArray(found) ? (found as Conflict[]) : []
}

/** The version in which the others' values stand. */
export function versionIn(error: unknown): number | null {
  const found = error instanceof ApiError && isRecord(error.body) ? error.body.version : null
  return typeof found === 'number' ? found : null
}

export const waitingChanges = (api: ApiClient, cursor: string | null): Promise<Page<Waiting>> => api.get<Schemas['WaitingList']>('/register/waiting', { after: cursor })
export const confirmChange = (api: ApiClient, one: Waiting, fields: string[]): Promise<unknown> => api.post(`/register/waiting/${one.id}/confirm`, { version: one.version, fields })
export const refuseChange = (api: ApiClient, id: string, reason: string): Promise<unknown> => api.post(`/register/waiting/${id}/refuse`, { reason })

export const historyOf = async (api: ApiClient, kind: Kind, id: string): Promise<History[]> => (await api.get<Schemas['HistoryList']>(`/register/history/${kind}/${id}`)).items
export const undoChange = (api: ApiClient, id: string): Promise<unknown> => {
  const key = newKey()
  return api.post(`/register/history/${id}/undo`, { key }, { key })
}

export interface Pair {
  id: string
  why: string[]
  left: { id: string; place: string; cells: Record<string, Cell> }
  right: { id: string; place: string; cells: Record<string, Cell> }
  fields: string[]
  differing: string[]
}

export async function duplicates(api: ApiClient, cursor: string | null): Promise<Page<Pair>> {
  const found = await api.get<Schemas['PairList']>('/register/duplicates', { after: cursor })
  return { ...found, items: found.items.map((one) => ({ id: one.id, why: one.words, left: one.one, right: one.other, fields: fieldsIn(one), differing: one.differing })) }
}

const isSaid = (cell: unknown): boolean => cell !== null && cell !== undefined && cell !== ''

/** What either entry says about the person, in one order for both; where they live is told above. */
function fieldsIn(one: Schemas['PairOut']): string[] {
  return EDITABLE.residents.filter((key) => isSaid(one.one.cells[key]) || isSaid(one.other.cells[key]))
}

export type Side = 'left' | 'right'
export const otherSide = (side: Side): Side => (side === 'left' ? 'right' : 'left')

/** Whose value the merged entry gets: the one picked, else that of the entry that stays, unless it says nothing. */
export function takenFrom(pair: Pair, field: string, stays: Side, picked: Side | undefined): Side {
  return picked ?? (isSaid(pair[stays].cells[field]) ? stays : otherSide(stays))
}

/** The fields that come from the entry that goes. */
export function taken(pair: Pair, stays: Side, picked: Partial<Record<string, Side>>): string[] {
  return pair.fields.filter((field) => pair.differing.includes(field) && takenFrom(pair, field, stays, picked[field]) !== stays)
}

/** The number of the change, by which a merge is undone. */
export async function merge(api: ApiClient, pair: string, body: { key: string; keep: string; take: string[] }): Promise<string | null> {
  return (await api.post<Outcome>(`/register/duplicates/${pair}/merge`, { ...body, keep: Number(body.keep) }, { key: body.key })).change
}

export const apart = (api: ApiClient, pair: string): Promise<unknown> => api.post(`/register/duplicates/${pair}/apart`)

/** Whether it is done, or waits for somebody who may confirm it. */
export async function depart(api: ApiClient, body: { key: string; residents: string[]; why: 'left' | 'died'; on: string; at: string }): Promise<'applied' | 'waiting'> {
  const found = await api.post<Schemas['OutcomesOut']>('/register/departures', { ...body, residents: body.residents.map(Number), source: 'desk' }, { key: body.key })
  return found.items.some((one) => one.state === 'waiting') ? 'waiting' : 'applied'
}
