/** Files on their way into a register: uploaded, told which column is which, tried, run, reported on. */
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import { takeFile } from './files'
import type { Kind } from './shape'

type Schemas = components['schemas']
export type ImportRun = Schemas['ImportOut']
export type ImportSheet = Schemas['ImportSheetOut']
export type Ahead = Schemas['AheadOut']
export type Mode = ImportRun['mode']

export const importsList = async (api: ApiClient): Promise<ImportRun[]> => (await api.get<Schemas['ImportList']>('/register/imports')).items
export const readImport = (api: ApiClient, id: string): Promise<ImportRun> => api.get<ImportRun>(`/register/imports/${id}`)
export const readSheet = (api: ApiClient, id: string): Promise<ImportSheet> => api.get<ImportSheet>(`/register/imports/${id}/sheet`)
export const mapSheet = (api: ApiClient, id: string, mapping: Record<string, string>): Promise<ImportSheet> => api.post<ImportSheet>(`/register/imports/${id}/mapping`, { mapping })
export const tryImport = (api: ApiClient, id: string): Promise<Ahead> => api.post<Ahead>(`/register/imports/${id}/preview`)
export const startImport = (api: ApiClient, id: string, mode: Mode): Promise<ImportRun> => api.post<ImportRun>(`/register/imports/${id}/start`, { mode })
export const stopImport = (api: ApiClient, id: string): Promise<ImportRun> => api.post<ImportRun>(`/register/imports/${id}/cancel`)
export const goOn = (api: ApiClient, id: string): Promise<ImportRun> => api.post<ImportRun>(`/register/imports/${id}/resume`)
export const takeReport = (api: ApiClient, id: string): Promise<string> => takeFile(api, `/register/imports/${id}/report`)
export const takeTemplate = (api: ApiClient, kind: Kind): Promise<string> => takeFile(api, `/register/templates/${kind}`)

export function uploadSheet(api: ApiClient, kind: Kind, file: File): Promise<ImportSheet> {
  const form = new FormData()
  form.set('kind', kind)
  form.set('file', file, file.name)
  return api.request<ImportSheet>('POST', '/register/imports', { form })
}

/** Where a run stands: which of the four steps of the page is shown. */
export function stepOf(run: Pick<ImportRun, 'state'>): 'columns' | 'running' | 'over' {
  if (run.state === 'uploaded') return 'columns'
  return run.state === 'waiting' || run.state === 'running' ? 'running' : 'over'
}

/** How much of it is done, 0 … 100; the total is an estimate, so it ends at 99 until it is over. */
export function shareOf(run: Pick<ImportRun, 'state' | 'done' | 'total'>): number {
  if (run.state === 'done') return 100
  return Math.min(99, Math.floor((100 * run.done) / Math.max(run.total, run.done, 1)))
}

/** What of the file each column of ours is taken from, with one choice changed: a column of the file serves once. */
export function chosen(fields: readonly { key: string; found: string }[], key: string, title: string): Record<string, string> {
  return Object.fromEntries(fields.map((one) => [one.key, one.key === key ? title : title && one.found === title ? '' : one.found]))
}
