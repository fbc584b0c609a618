/** Which other systems are told of the registers: what was agreed with each, and what it fetched. */
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import type { Field, Kind } from './shape'

type Schemas = components['schemas']
export type Agreement = Schemas['AgreementOut']
export type Made = Schemas['AgreementMadeOut']
export type Asked = Schemas['AgreementIn']

export const agreements = async (api: ApiClient): Promise<Agreement[]> => (await api.get<Schemas['AgreementList']>('/register/agreements')).items
export const agree = (api: ApiClient, what: Asked): Promise<Made> => api.post<Made>('/register/agreements', what)
export const endAgreement = (api: ApiClient, id: string): Promise<unknown> => api.post(`/register/agreements/${id}/revoke`)

/** What may be told to others: nobody agrees to more than he may see whole himself; the grid goes without saying. */
export const tellable = (fields: readonly Field[]): Field[] => fields.filter((one) => one.key !== 'grid' && (!one.personal || one.access !== 'masked'))

/** How many rows of each kind were fetched in the days that are told, most first. */
export function fetchedOf(one: Pick<Agreement, 'fetched'>): { kind: Kind; rows: number }[] {
  const sums = new Map<Kind, number>()
  for (const { kind, rows } of one.fetched) sums.set(kind, (sums.get(kind) ?? 0) + rows)
  return [...sums].map(([kind, rows]) => ({ kind, rows })).sort((a, b) => b.rows - a.rows)
}

/** When it fetched last; '' when it did not of late. */
export const lastFetched = (one: Pick<Agreement, 'fetched'>): string => one.fetched.reduce((last, day) => (day.last_at > last ? day.last_at : last), '')
