/** Who owns or rents a dwelling and where somebody works: since when, until when; what is sent of it. */
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import { findRows } from './source'
import type { Kind, Row } from './shape'

type Schemas = components['schemas']
export type Tenure = Schemas['TenureOut']
export type Employment = Schemas['EmploymentOut']
export type Role = Tenure['role']
/** As the addresses of the API call them. */
export type TieKind = 'tenures' | 'employments'

/** What ties somebody to a place, as a line tells it. */
export interface Tie {
  id: string
  words: string
  since: string | null
  until: string | null
  /** Written down today: a slip can be taken out. */
  today: boolean
}

/** How long, as a key of the locale below `registers.tie`. */
export function spanOf({ since, until }: Pick<Tie, 'since' | 'until'>): 'span' | 'since' | 'until' | 'open' {
  if (since && until) return 'span'
  return since ? 'since' : until ? 'until' : 'open'
}

/** What is asked of an owner or a tenant. `who`: a member of the household, somebody else of the register, or by hand. */
export interface TenureDraft {
  role: Role
  who: 'family' | 'register' | 'hand'
  resident: string
  name: string
  phone: string
  since: string
}

/** What is sent; null while nobody is named. What was typed for another way of naming is left out. */
export function tenureOf(draft: TenureDraft): Omit<Schemas['TenureIn'], 'key'> | null {
  const since = draft.since || null
  if (draft.who !== 'hand') return draft.resident ? { role: draft.role, resident: Number(draft.resident), name: '', phone: '', since } : null
  const name = draft.name.trim()
  return name ? { role: draft.role, resident: null, name, phone: draft.phone.trim(), since } : null
}

export const tenuresOf = async (api: ApiClient, dwelling: string): Promise<Tenure[]> => (await api.get<Schemas['TenureList']>(`/register/dwellings/${dwelling}/tenures`)).items
export const employmentsOf = async (api: ApiClient, resident: string): Promise<Employment[]> => (await api.get<Schemas['EmploymentList']>(`/register/residents/${resident}/employments`)).items

export const addTenure = (api: ApiClient, dwelling: string, key: string, body: Omit<Schemas['TenureIn'], 'key'>): Promise<unknown> => api.post(`/register/dwellings/${dwelling}/tenures`, { key, ...body }, { key })
export const addEmployment = (api: ApiClient, resident: string, key: string, organisation: string, since: string): Promise<unknown> =>
  api.post(`/register/residents/${resident}/employments`, { key, organisation: Number(organisation), since: since || null }, { key })
export const endTie = (api: ApiClient, kind: TieKind, id: string, key: string, until: string): Promise<unknown> => api.post(`/register/${kind}/${id}/end`, { key, until }, { key })
export const removeTie = (api: ApiClient, kind: TieKind, id: string, key: string): Promise<unknown> => api.post(`/register/${kind}/${id}/remove`, { key }, { key })

/** Rows that fit the words, in the reader's whole reach. */
export const lookFor = async (api: ApiClient, kind: Kind, words: string): Promise<Row[]> => (await findRows(api, kind, { grid: '', words, narrowed: {}, sort: '', cursor: null })).rows
