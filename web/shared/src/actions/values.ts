/** Values of an action's form: how each kind starts, and how it leaves. The server decides what is right. */
import type { OfferField } from '../api/types'

export interface LimitValue {
  amount: string
  unit: string
}

export const LIMIT_UNITS = ['minute', 'urgent_hour', 'working_hour', 'working_day', 'calendar_day'] as const

export type FormValues = Record<string, unknown>

export function blankValue(field: OfferField): unknown {
  if (field.kind === 'departments' || field.kind === 'choices' || field.kind === 'photos') return []
  if (field.kind === 'limit') return { amount: '', unit: 'working_hour' } satisfies LimitValue
  if (field.kind === 'bool' || field.kind === 'stars' || field.kind === 'point') return null
  return ''
}

/** Leaves out what was left blank; a limit becomes `4working_hour`, which the server reads like the catalogue's own form. */
export function toBody(fields: readonly OfferField[], values: FormValues, photoIds: readonly string[]): FormValues {
  const body: FormValues = {}
  for (const field of fields) {
    const value = field.kind === 'photos' ? [...photoIds] : field.kind === 'limit' ? limitText(values[field.name]) : values[field.name]
    if (isFilled(value)) body[field.name] = typeof value === 'string' ? value.trim() : value
  }
  return body
}

/** Names of required fields that are still blank. */
export function missing(fields: readonly OfferField[], body: FormValues): string[] {
  return fields
    .filter((field) => field.required && !isFilled(body[field.name]))
    .map((field) => field.name)
    .concat(fields.filter((field) => field.kind === 'choices' && field.required && lacksChoice(field, body)).map((field) => field.name))
    .filter((name, at, all) => all.indexOf(name) === at)
}

function lacksChoice(field: OfferField, body: FormValues): boolean {
  const chosen = body[field.name]
  return !Array.isArray(chosen) || field.options.some((option) => !chosen.includes(option.key))
}

function limitText(value: unknown): string {
  const limit = value as LimitValue | undefined
  return limit && String(limit.amount).trim() !== '' ? `${String(limit.amount).trim()}${limit.unit}` : ''
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'string') return value.trim() !== ''
  return value !== null && value !== undefined
}
