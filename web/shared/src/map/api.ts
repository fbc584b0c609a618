/** What the map's own operations answer. */

export interface MapLevel {
  scheme: string
  level: string
  key: string
  title: string
  grids: number
  from_zoom: number
  to_zoom: number
}

export interface MapMeasure {
  key: string
  title: string
  unit: string
  live: boolean
}

export interface MapAbout {
  version: number
  levels: MapLevel[]
  measures: MapMeasure[]
  layers: string[]
}

export interface Tally {
  measure: string
  unit: string
  level: string
  day_from: string | null
  day_to: string | null
  items: { grid: string; name: string; n: number | null; per_1000: number | null; households: number; query: string | null }[]
  left_out: boolean
}

export interface TimedPoint {
  id: string | null
  lon: number
  lat: number
  state: string
  at: string
  count: number
  number: string
  matter: string
}

export interface TimedPoints {
  points: TimedPoint[]
  left_out: string
  total: number
}

export interface DayCounts {
  items: { day: string; n: number }[]
  total: number
}

export interface CarePoints {
  points: { id: string; lon: number; lat: number; state: string; due: string | null; word: string }[]
  left_out: boolean
}

export interface VisitPoints {
  points: { id: string; lon: number; lat: number; at: string; word: string }[]
  left_out: boolean
}

export interface Tracks {
  tracks: { id: string; who: string; position: string; begun: string; ended: string | null; lines: number[][][] }[]
  left_out: boolean
}

export interface GridCard {
  grid: { id: string; name: string; code: string; level_title: string; scheme: string; level: string; bbox: number[]; lon: number; lat: number; chain: { id: string; name: string }[] }
  area_m2: number | null
  since: string | null
  people: { id: string | null; name: string; position: string; place: string; phone: string; may_call: boolean }[]
  households: number | null
  residents: number | null
  buildings: number | null
  open: { n: number; overdue: number; due_soon: number; query: string; queries: { overdue: string; due_soon: string } } | null
  visits: { at: string; kind: string; word: string; who: string }[] | null
  children: { level: string; key: string; title: string; n: number } | null
}
