/** Short names for what the API takes and gives. The types come straight from the committed contract. */
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
export type Dashboard = Schemas['DashboardOut']
export type PublishedFigures = Schemas['PublishedFiguresOut']
export type PublishedFigure = Schemas['PublishedFigure']

/** What the server fills in itself may stay out. */
export type ReportBody = Omit<Partial<Schemas['ReportIn']>, 'on_the_spot'> &
  Pick<Schemas['ReportIn'], 'key' | 'words'> & { on_the_spot?: (Partial<Schemas['OnTheSpot']> & Pick<Schemas['OnTheSpot'], 'words'>) | null }

/** A name in both languages, as packs carry them. */
export type Bilingual = Schemas['Title']
export type LocalityInfo = Schemas['LocalityOut']
export type Hat = Schemas['HatOut']
export type Me = Schemas['Me']
export type GridInfo = Schemas['GridOut']
export type GridDetail = Schemas['GridDetail']
export type LocateAnswer = Schemas['PlaceOut']
export type AddressHit = Schemas['AddressOut']
export type MyGrid = Schemas['MyGridOut']
export type UploadedPhoto = Schemas['PhotoOut']
export type MatterInfo = Schemas['MatterOut']
export type DepartmentInfo = Schemas['DepartmentOut']
