/** What the pages of the registers ask the server for. Words somebody looks for go in bodies, never in addresses. */
import { inject, provide, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import { type ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import type { Door } from './chart'
import { said, type Cell, type Field, type Kind, type Option, type Row } from './shape'

type Schemas = components['schemas']
type RecordOut = Schemas['RecordOut']
export type By = Schemas['StatisticsOut']['by']
export type Statistics = Schemas['StatisticsOut']

export interface KindInfo {
  fields: Field[]
  sorts: string[]
  edits: boolean
}

/** What the registers are for the reader: asked for once, used by every page of them. */
export interface Known {
  kinds: Partial<Record<Kind, KindInfo>>
  purposes: { key: string; title: string; kinds: string[] }[]
}

const KNOWN: InjectionKey<ShallowRef<Known | null>> = Symbol('known')
export const provideKnown = (known: ShallowRef<Known | null>): void => provide(KNOWN, known)
export const useKnown = (): ShallowRef<Known | null> => inject(KNOWN, () => shallowRef(null), true)

/** How the kind of a building is called where it narrows a list, for `kind` names the list itself. */
const QUERY: Record<string, string> = { kind: 'of_kind' }

export async function loadKnown(api: ApiClient): Promise<Known> {
  const found = await api.get<Schemas['KindList']>('/register/kinds')
  const fields = (one: Schemas['KindOut']): Field[] =>
    one.columns.map((column) => ({
      key: column.key,
      title: column.title,
      access: column.access === 'hidden' ? 'masked' : column.access,
      personal: column.personal,
      form: column.form,
      options: column.choices,
      sort: one.sorts.find((sort) => sort === column.key || (sort === 'place' && column.key === 'address') || (sort === 'place' && column.key === 'grid')) ?? '',
      filter: one.filters.includes(QUERY[column.key] ?? column.key) && column.choices.length > 0 ? (QUERY[column.key] ?? column.key) : '',
    }))
  return { kinds: Object.fromEntries(found.items.map((one) => [one.kind, { fields: fields(one), sorts: one.sorts, edits: one.edits }])), purposes: found.purposes }
}

export const fieldsOf = (known: Known | null, kind: Kind): Field[] => known?.kinds[kind]?.fields ?? []
export const purposesFor = (known: Known | null, kind: Kind): { key: string; title: string }[] => known?.purposes.filter((one) => one.kinds.includes(kind)) ?? []
export const optionsOf = (known: Known | null, kind: Kind, field: string): Option[] => fieldsOf(known, kind).find((one) => one.key === field)?.options ?? []

/** A value in words, as lists show it. */
export function wordOf(known: Known | null, kind: Kind, field: string, value: Cell): string {
  const found = fieldsOf(known, kind).find((one) => one.key === field)
  return found ? said(found, value) : String(value ?? '')
}

export function rowOf(one: RecordOut): Row {
  return { id: one.id, kind: one.kind, version: one.version, title: one.title, line: one.line, household: one.household, building: one.building, cells: { ...one.cells, grid: one.grid?.name ?? null } }
}

export interface Question {
  grid: string
  words: string
  narrowed: Record<string, string>
  sort: string
  cursor: string | null
}

export interface RowPage {
  rows: Row[]
  next: string | null
  total: number
  /** There are others beyond those counted. */
  more: boolean
}

/** A page of a list; with words to look for, the rows that fit them best. */
export async function findRows(api: ApiClient, kind: Kind, { grid, words, narrowed, sort, cursor }: Question): Promise<RowPage> {
  if (words) {
    const found = await api.post<Schemas['SearchOut']>('/register/search', { words, grid, kinds: [kind] })
    const hits = found.groups.find((one) => one.kind === kind)
    return { rows: (hits?.items ?? []).map(rowOf), next: null, total: hits?.items.length ?? 0, more: hits?.more ?? false }
  }
  const page = await api.get<Schemas['RecordPage']>(`/register/records/${kind}`, { grid, sort, cursor, limit: 50, ...narrowed })
  return { rows: page.items.map(rowOf), next: page.next, total: page.total, more: page.more }
}

export async function readRow(api: ApiClient, kind: Kind, id: string): Promise<Row> {
  return rowOf(await api.get<RecordOut>(`/register/records/${kind}/${id}`))
}

export const looksLeft = (api: ApiClient): Promise<Schemas['LooksLeftOut']> => api.get<Schemas['LooksLeftOut']>('/register/looks')

export async function reveal(api: ApiClient, kind: Kind, id: string, field: string, purpose: string): Promise<string> {
  return (await api.post<Schemas['ValueOut']>(`/register/records/${kind}/${id}/reveal`, { field, purpose })).value
}

export interface Household {
  row: Row
  place: string
  grid: string
  number: string
  people: number
  dwelling: string
  building: string
  lon: number
  lat: number
  residents: Row[]
  stays: Schemas['StayOut'][]
  tenures: Schemas['TenureOut'][]
}

export async function readHousehold(api: ApiClient, id: string): Promise<Household> {
  const found = await api.get<Schemas['FamilyOut']>(`/register/households/${id}`)
  return {
    row: rowOf(found.household),
    place: found.household.title,
    grid: found.household.grid?.name ?? '',
    number: String(found.household.cells.household ?? ''),
    people: Number(found.household.cells.people ?? 0),
    dwelling: found.dwelling.id,
    building: found.building.id,
    lon: found.building.lon,
    lat: found.building.lat,
    residents: [...found.residents, ...found.gone].map(rowOf),
    stays: found.stays,
    tenures: found.tenures,
  }
}

export interface Building {
  row: Row
  name: string
  kind: Cell
  grid: string
  levels: number
  units: number
  lon: number
  lat: number
  doors: Door[]
  cut: boolean
}

export async function readBuilding(api: ApiClient, id: string): Promise<Building> {
  const found = await api.get<Schemas['ChartOut']>(`/register/buildings/${id}`)
  const row = rowOf(found.building)
  return {
    row,
    name: String(row.cells.name ?? row.title),
    kind: row.cells.kind ?? null,
    grid: found.building.grid?.name ?? '',
    levels: found.levels,
    units: found.units,
    lon: found.lon,
    lat: found.lat,
    doors: found.doors.map(({ known, aged, young, elsewhere, unknown, ...door }) => ({ ...door, counts: { known, aged, young, elsewhere, unknown } })),
    cut: found.cut,
  }
}

export const statistics = (api: ApiClient, grid: string, by: By): Promise<Statistics> => api.get<Statistics>('/register/statistics', { grid, by })
