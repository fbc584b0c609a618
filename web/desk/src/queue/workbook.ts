/** Fetches a list as a workbook and hands it to the browser as a file. */
import type { ApiClient } from '@shared/api/client'
import { errorFrom, OfflineError } from '@shared/api/errors'
import type { Filters } from './filters'

export interface Workbook {
  name: string
  rows: number
  /** More cases fit than it holds. */
  cut: boolean
}

export async function takeWorkbook(api: ApiClient, filters: Filters, reason: string): Promise<Workbook> {
  const init = { method: 'POST', credentials: 'same-origin' as const, headers: { ...api.headers(), 'Content-Type': 'application/json' }, body: JSON.stringify({ filter: filters, reason }) }
  const answer = await fetch(api.url('/cases/export'), init).catch((error: unknown) => {
    throw new OfflineError(String(error))
  })
  if (!answer.ok) throw await errorFrom(answer)
  const name = nameIn(answer.headers.get('Content-Disposition') ?? '')
  handOver(await answer.blob(), name)
  return { name, rows: Number(answer.headers.get('X-Rows') ?? 0), cut: answer.headers.get('X-Cut') === 'yes' }
}

/** Gives the browser a file to save. */
export function handOver(file: Blob, name: string): void {
  const address = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** The file name of a Content-Disposition, in whatever script it is. */
export function nameIn(disposition: string): string {
  const wide = /filename\*=utf-8''([^;]+)/i.exec(disposition)
  if (wide?.[1]) return decodeURIComponent(wide[1])
  return /filename="([^"]+)"/i.exec(disposition)?.[1] ?? 'cases.xlsx'
}
