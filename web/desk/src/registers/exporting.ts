/** Exports: asked for by one, decided by another, fetched by whoever asked. */
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import { takeFile } from './files'
import type { Kind } from './shape'

type Schemas = components['schemas']
export type ExportRow = Schemas['RegisterExportOut']

export const exportsList = async (api: ApiClient): Promise<ExportRow[]> => (await api.get<Schemas['RegisterExportList']>('/register/exports')).items
export const askExport = (api: ApiClient, body: { key: string; kind: Kind; filter: Record<string, string>; whole: boolean; purpose: string; words: string }): Promise<ExportRow> => api.post<ExportRow>('/register/exports', body, { key: body.key })
export const decideExport = (api: ApiClient, id: string, how: 'approve' | 'refuse' | 'withdraw'): Promise<ExportRow> => api.post<ExportRow>(`/register/exports/${id}/${how}`)
export const fetchExport = (api: ApiClient, one: ExportRow): Promise<string> => takeFile(api, `/register/exports/${one.id}/file`, 'POST')
