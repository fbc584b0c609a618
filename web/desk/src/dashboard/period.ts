/** Days of a dashboard's period, as the reader's calendar has them. */
export const SPANS = [7, 30, 90] as const

export function dayOf(ms: number): string {
  const day = new Date(ms)
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`
}

/** The first day of a period of `days` that ends on `until`. */
export function startOf(until: string, days: number): string {
  const [year = 0, month = 1, day = 1] = until.split('-').map(Number)
  return dayOf(new Date(year, month - 1, day - days + 1, 12).getTime())
}

/** Days in a period, both ends counted. */
export function lengthOf(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 86_400_000) + 1
}
