/** Names for what the API takes and gives. The cases' types come straight from the committed contract. */
import type { components } from './schema'

type Schemas = components['schemas']

export type Ref = Schemas['Ref']
export type MatterRef = Schemas['MatterRef']
export type Due = Schemas['Due']
export type DueState = Due['state']
export type CaseRow = Schemas['CaseRow']
export type CasePage = Schemas['CasePage']
export type CaseDetail = Schemas['CaseDetail']
export type CasePhoto = Schemas['CasePhoto']
export type ChainGrid = Schemas['ChainGrid']
export type ClockOut = Schemas['ClockOut']
export type AssignmentOut = Schemas['AssignmentOut']
export type StepOut = Schemas['StepOut']
export type Offer = Schemas['OfferOut']
export type OfferField = Schemas['FieldOut']
export type Preview = Schemas['PreviewOut']
export type NearCase = Schemas['NearCase']
export type Proposal = Schemas['Proposal']
export type Guess = Schemas['Guess']
export type Counts = Schemas['Counts']
export type MapPoint = Schemas['MapPoint']
export type MapPoints = Schemas['MapPoints']
export type Track = Schemas['Track']
export type TrackPage = Schemas['TrackPage']
export type CaseFilter = Partial<Schemas['CaseFilter']>
export type ReportBody = Partial<Schemas['ReportIn']> & Pick<Schemas['ReportIn'], 'key' | 'words'>
export type Dashboard = Schemas['DashboardOut']

/** A name in both languages, as packs carry them. */
export interface Bilingual {
  zh: string
  en: string
}

export interface Reason {
  key: string
  zh?: string
  en?: string
  label?: string
}

export interface LevelInfo {
  key: string
  title: Bilingual
  holds?: string | null
}

export interface LocalityInfo {
  name: string
  title: Bilingual
  kind: string
  schemes: { key: string; title: Bilingual; levels: LevelInfo[] }[]
  centre: { lon: number; lat: number }
  bbox: [number, number, number, number] | null
  feed_url: string
  number_prefix: string
  demo: boolean
  now: string
  map: { version: string | number }
  workflow: Record<string, unknown>
}

export interface Hat {
  id: string
  position: string
  title: string
  place: string
  scope_path: string
  grid_id: string | null
  department: Ref | null
  faces: string[]
  duties: string[]
}

export interface Me {
  kind: 'staff' | 'resident' | 'anonymous'
  name: string
  hats: Hat[]
  hat: string | null
  csrf?: string
  must_change?: boolean
}

export interface GridInfo extends ChainGrid {
  scheme: string
  parent: string | null
  depth: number
  households: number
  lon: number
  lat: number
  bbox: number[]
  active: boolean
}

export interface LocateAnswer {
  chains: { scheme: string; grids: GridInfo[] }[]
  address: string
}

export interface AddressHit {
  label: string
  lon: number
  lat: number
  scope_path: string
}

export interface MyGrid {
  grid: (Ref & { code?: string; level_title?: string; chain?: ChainGrid[] }) | null
  leader: { name: string; title: string } | null
  centre: { name: string; phone: string } | null
}

export interface UploadedPhoto {
  id: string
  url: string
  width: number
  height: number
}

export interface MatterInfo {
  code: string
  name: string
  field?: string
  words?: string
}
