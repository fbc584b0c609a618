/** Drafts of grids on the server: listed, begun, read, changed, sent on their way. Lines and areas go as they were drawn; the server makes borders of them. */
import type { Feature, FeatureCollection, LineString, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson'
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import type { DraftState, GridFeature, GridProps } from './shape'

type Schema = components['schemas']

export type May = 'edit' | 'undo' | 'redo' | 'send' | 'recall' | 'decide' | 'drop' | 'stop' | 'resume'

/** As the server tells it; states and verbs are closed sets, which its schema gives as words. */
export type Draft = Omit<Schema['DraftOut'], 'state' | 'kind' | 'may'> & { state: DraftState; kind: 'edited' | 'drawn' | 'imported'; may: May[] }

export interface DraftPage {
  items: Draft[]
  next: string | null
}

export type PlanLevel = Schema['PlanLevel']
export type Plan = Schema['PlanOut']
export type Fault = Schema['FaultOut']
/** What was measured of one level. */
export type LevelMeasures = Schema['LevelFigures']
export type Report = Schema['ReportOut']
export type Load = Schema['Load']
/** Who takes over, and how much of it. */
export type Heir = Pick<Schema['HeirOut'], 'name' | 'share'>
export type Preview = Schema['DraftPreviewOut']
export type Relative = Schema['SuccessionOut']
export type History = Schema['GridHistoryOut']
/** What happened to the grids of a draft since it was begun. */
export type Since = Schema['SinceOut']

/** What is done to an open draft. */
export type Edit =
  | { do: 'split'; cell: string; line: LineString; names: string[] }
  | { do: 'merge'; cells: string[]; name: string }
  | { do: 'border'; cell: string; take: Polygon }
  | { do: 'border'; cell: string; other: string; line: MultiLineString }
  | { do: 'redraw'; cells: string[]; size: number; tolerance: number; seed: number }
  | { do: 'rename'; cell: string; name: string }
  | { do: 'undo' }
  | { do: 'redo' }

/** How it goes on its way. */
export type Turn = { do: 'send'; note: string; effective_on: string | null } | { do: 'decide'; approve: boolean; reason: string; effective_on: string | null } | { do: 'recall' | 'drop' | 'stop' | 'resume' | 'carry' }

const at = (id: string, what = ''): string => `/grids/drafts/${id}${what}`

export const draftsList = (api: ApiClient, state: string, before: string | null): Promise<DraftPage> => api.get<DraftPage>('/grids/drafts', { state, before, limit: 50 })
export const readPlan = (api: ApiClient, grid: string): Promise<Plan> => api.get<Plan>('/grids/drafts/plan', { grid })
export const readDraft = (api: ApiClient, id: string): Promise<Draft> => api.get<Draft>(at(id))
export const readBefore = (api: ApiClient, id: string, level: string): Promise<FeatureCollection<Polygon | MultiPolygon>> => api.get(at(id, '/before'), { level })
export const readFaults = async (api: ApiClient, id: string): Promise<Fault[]> => (await api.get<{ items: Fault[] }>(at(id, '/faults'))).items
export const readReport = (api: ApiClient, id: string): Promise<Report> => api.get<Report>(at(id, '/report'))
/** The border two grids share: lines of corners. */
export const readBorder = async (api: ApiClient, id: string, cell: string, other: string): Promise<Position[][]> => (await api.get<{ lines: Position[][] }>(at(id, '/border'), { cell, other })).lines
export const readSince = (api: ApiClient, id: string): Promise<Since> => api.get<Since>(at(id, '/since'))
export const readPreview = (api: ApiClient, id: string): Promise<Preview> => api.get<Preview>(at(id, '/preview'))
export const historyOf = (api: ApiClient, grid: string): Promise<History> => api.get<History>(`/grids/${grid}/history`)
export const outlineOf = (api: ApiClient, grid: string, version: number): Promise<Feature<Polygon | MultiPolygon>> => api.get(`/grids/${grid}/outline`, { version })

export interface Cells {
  features: GridFeature[]
  /** There are more than can be shown at once: look inside one of the level above. */
  truncated: boolean
}

export async function readCells(api: ApiClient, id: string, level: string, parent: string): Promise<Cells> {
  const { features, truncated } = await api.get<FeatureCollection<Polygon | MultiPolygon, GridProps> & { truncated: boolean }>(at(id, '/cells'), { level, parent })
  return { features, truncated }
}

export const beginByHand = (api: ApiClient, about: { grid: string; scheme: string; title: string }): Promise<Draft> => api.post<Draft>('/grids/drafts', about)

export interface Drawing {
  grid: string
  scheme: string
  title: string
  seed: number
  workload: 'households' | 'residents'
  /** Homes of those in charge near the middle of their grids. */
  leaders: boolean
  /** Without a size: along what the plan says. */
  levels: { level: string; size: number | null; tolerance: number | null }[]
}

export const beginDrawing = (api: ApiClient, drawing: Drawing): Promise<Draft> => api.post<Draft>('/grids/drafts/draw', drawing)

export interface Partition {
  grid: string
  scheme: string
  level: string
  title: string
  crs: 'wgs84' | 'gcj02' | 'bd09'
  /** Columns of the file; '' for none. */
  name_field: string
  code_field: string
}

export type FileColumns = Schema['FileColumnsOut']

const sheetOf = (file: File): FormData => {
  const form = new FormData()
  form.set('file', file, file.name)
  return form
}

/** What the file's columns are called; the file is not kept. */
export const readColumns = (api: ApiClient, file: File): Promise<FileColumns> => api.request<FileColumns>('POST', '/grids/drafts/import/columns', { form: sheetOf(file) })

export function uploadPartition(api: ApiClient, about: Partition, file: File): Promise<Draft> {
  const form = sheetOf(file)
  for (const [name, value] of Object.entries(about)) form.set(name, value)
  return api.request<Draft>('POST', '/grids/drafts/import', { form })
}

/** With the step one saw: whoever was overtaken is told. */
export function change(api: ApiClient, draft: Pick<Draft, 'id' | 'step'>, { do: what, ...fields }: Edit | Turn): Promise<Draft> {
  return api.post<Draft>(at(draft.id, `/${what}`), { step: draft.step, ...fields })
}

export const lineOf = (drawn: Position[]): LineString => ({ type: 'LineString', coordinates: drawn })
