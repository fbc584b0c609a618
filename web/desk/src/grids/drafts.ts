/** Drafts of grids on the server: listed, begun, read, changed, sent on their way. Lines and areas go as they were drawn; the server makes borders of them. */
import type { Feature, FeatureCollection, LineString, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson'
import type { ApiClient } from '@shared/api/client'
import type { components } from '@shared/api/schema'
import type { GridInfo } from '@shared/api/types'
import type { DraftState, GridFeature, GridProps } from './shape'

type Schema = components['schemas']

export type May = 'edit' | 'undo' | 'redo' | 'send' | 'recall' | 'decide' | 'drop' | 'stop' | 'resume'

export interface DraftLevel {
  level: string
  title: string
  size: number
  tolerance: number
  /** Grids of today and of the draft. */
  before: number
  after: number
}

export interface Draft {
  id: string
  title: string
  state: DraftState
  state_title: string
  kind: 'edited' | 'drawn' | 'imported'
  /** Whose inside is drawn anew. */
  grid: GridInfo
  scheme: string
  scheme_title: string
  author: string
  mine: boolean
  created_at: string
  changed_at: string
  step: number
  steps: number
  last: string
  levels: DraftLevel[]
  work: { stage: string; done: number; total: number; area: string } | null
  failure: string
  stale: boolean
  faults: number
  note: string
  sent_at: string | null
  sent_by: string
  decided_at: string | null
  decided_by: string
  decision: string
  effective_on: string | null
  applied_at: string | null
  may: May[]
}

export interface DraftPage {
  items: Draft[]
  next: string | null
}

export interface PlanLevel {
  level: string
  title: string
  size: number
  tolerance: number
  grids: number
  drawable: boolean
  /** What its grids follow, one each, instead of a size; empty: drawn by size. */
  along: '' | 'block' | 'building' | 'unit'
  /** Homes of those in charge that are known inside. */
  leaders: number
}

export interface Plan {
  grid: GridInfo
  schemes: { scheme: string; title: string; levels: PlanLevel[] }[]
  households: number
  residents: number
  buildings: number
  areas: number
  may_draw: boolean
}

export interface Fault {
  kind: string
  /** Cannot be sent with it. */
  grave: boolean
  lon: number
  lat: number
  area_m2: number | null
  cells: string[]
  level: string
  names: string[]
  text: string
}

/** A grid that is out of tolerance, and why it could not be otherwise. */
export interface Outside {
  cell: string
  level: string
  name: string
  households: number
  size: number
  why: string
  lon: number
  lat: number
}

export interface LevelMeasures {
  level: string
  title: string
  grids: number
  non_contiguous: number
  crossings: number
  within_10: number
  within_20: number
  deviation_max: number
  attainable_max: number
  centre_distance: number
  offstreet_border_km: number
  buildings_split: number
}

export interface Report {
  levels: LevelMeasures[]
  outside: Outside[]
  findings: { kind: string; area: string; count: number; text: string; where: (number | null)[] }[]
}

export interface Load {
  grids: number
  households_min: number
  households_mean: number
  households_max: number
  within_20: number | null
  open_cases_max: number
}

export interface Heir {
  name: string
  share: number
}

export interface Preview {
  levels: { level: string; title: string; before: Load; after: Load }[]
  cells: { key: string; level: string; level_title: string; name: string; code: string; change: string; households: number; residents: number; open_cases: number; was: (Heir & { grid: string })[] }[]
  retired: { grid: string; name: string; code: string; level_title: string; households: number; open_cases: number; into: (Heir & { key: string })[] }[]
  appointments: { person: string; position: string; from: string; to: string; what: 'moves' | 'doubles' | 'ends' }[]
  vacant: { position: string; cell: string }[]
  moved: { households: number; residents: number; open_cases: number; appointments: number }
  truncated: boolean
}

export interface Relative {
  grid: string
  name: string
  code: string
  share: number
  kind: string
  reason: string
  at: string
}

export interface History {
  grid: GridInfo
  versions: { version: number; valid_from: string; valid_to: string | null; area_m2: number }[]
  came_from: Relative[]
  became: Relative[]
}

/** What happened to the grids of a draft since it was begun. */
export interface Since {
  grids: { key: string; name: string; level_title: string; how: 'new' | 'redrawn' | 'renamed' | 'retired' }[]
  /** So many more that are not listed. */
  more: number
  drafts: { title: string; author: string; at: string }[]
  /** Grids that the draft changes too. */
  clashes: string[]
  carries: boolean
}

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
