/** What the pages of the registers share: the kinds, a row as it is shown, what may be done with each of its fields. */
export const KINDS = ['residents', 'households', 'dwellings', 'buildings', 'premises', 'organisations'] as const
export type Kind = (typeof KINDS)[number]

/** A value as the server tells it: masked where it is personal, the key of a choice where one is chosen. */
export type Cell = string | number | null

export interface Option {
  key: string
  title: string
}

export interface Field {
  key: string
  title: string
  access: 'masked' | 'reveal' | 'write'
  /** Stands masked, whoever reads it; whole only for a purpose. */
  personal: boolean
  form: string
  options: Option[]
  /** The order a list can have by it; '' for none. */
  sort: string
  /** The name it narrows a list by; '' for none. */
  filter: string
}

export interface Row {
  id: string
  kind: Kind
  version: number
  title: string
  line: string
  household: string | null
  building: string | null
  cells: Record<string, Cell>
}

/** The columns of a list, the rest is shown when a row is opened. */
const LISTED: Record<Kind, readonly string[]> = {
  residents: ['name', 'sex', 'birth_year', 'relation', 'address', 'registered', 'phone', 'grid'],
  households: ['address', 'household', 'people', 'residents', 'grid'],
  dwellings: ['address', 'use', 'floor', 'households', 'people', 'grid'],
  buildings: ['name', 'kind', 'levels', 'units', 'dwellings', 'grid'],
  premises: ['name', 'kind', 'address', 'organisation', 'phone', 'grid'],
  organisations: ['name', 'kind', 'credit_code', 'address', 'grid'],
}

export const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name)

/** The fields a list shows, in its order. */
export function listed(kind: Kind, fields: readonly Field[]): Field[] {
  return LISTED[kind].flatMap((key) => fields.filter((one) => one.key === key))
}

/** What stands in a cell: the word of a choice, the value itself, or nothing. */
export function said(field: Field, value: Cell | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  return field.options.find((one) => one.key === String(value))?.title ?? String(value)
}
