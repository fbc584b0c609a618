/** What the map's own operations answer, under short names. The types come straight from the committed contract. */
import type { components } from '../api/schema'

type Schemas = components['schemas']

export type BaseMap = NonNullable<Schemas['MapOut']['base']>
export type MapAbout = Schemas['MapSetupOut']
export type MapVersion = Schemas['MapVersionOut']
export type Tally = Schemas['TallyOut']
export type TimedPoints = Schemas['TimedPoints']
export type DayCounts = Schemas['DayCounts']
export type CarePoints = Schemas['CarePoints']
export type VisitPoints = Schemas['VisitPoints']
export type Tracks = Schemas['TracksOut']
export type GridCard = Schemas['CardOut']
