/** What the pages of grids share: a draft and its states, its grids as they are drawn and listed, what is picked of them. */
import type { Feature, MultiPolygon, Polygon, Position } from 'geojson'
import type { IconName } from '@shared/icons/shapes'

export type DraftState = 'waiting' | 'running' | 'stopped' | 'failed' | 'open' | 'sent' | 'refused' | 'approved' | 'applied' | 'dropped'

/** What became of a grid: as it was, with another name or border, not there before. */
export type Change = 'same' | 'renamed' | 'redrawn' | 'new'

export interface GridProps {
  /** Stays the same while the draft lives: `g123` goes on from grid 123, `n7` is new. */
  key: string
  level: string
  parent: string
  name: string
  /** Empty until it takes effect, for one that is new. */
  code: string
  grid: string | null
  change: Change
  households: number
  residents: number
  children: number
  /** What it should hold; 0 where nobody said. */
  size: number
  /** By what share it is above or below that. */
  off: number | null
}

export type GridFeature = Feature<Polygon | MultiPolygon, GridProps>

export const STATES = ['open', 'sent', 'approved', 'applied', 'refused', 'dropped', 'waiting', 'running', 'stopped', 'failed'] as const

export const STATE_ICONS: Record<DraftState, IconName> = {
  waiting: 'hourglass',
  running: 'clock',
  stopped: 'pause',
  failed: 'warning',
  open: 'edit',
  sent: 'send',
  refused: 'back',
  approved: 'check',
  applied: 'done',
  dropped: 'cross',
}

/** Whether the server works on it, so that the page asks again; an approved one waits for its day and is not watched. */
export const isRunning = (state: string): boolean => state === 'waiting' || state === 'running'

/** Nothing is drawn yet. */
export const isBlank = (state: string): boolean => isRunning(state) || state === 'stopped' || state === 'failed'

/** How much of the work is done, 0 … 99; 100 is said by the state. */
export const shareOf = (work: { done: number; total: number } | null): number => (work ? Math.max(0, Math.min(99, Math.floor((100 * work.done) / Math.max(work.total, work.done, 1)))) : 0)

/** Off by more than this, a grid is told apart: what households of whole buildings mostly allow. */
export const FAR = 0.2

export const isFar = (off: number | null): boolean => off !== null && Math.abs(off) > FAR

/** How far above or below its size, in words: +12 %, −8 %, nothing where no size is given. */
export function offWords(off: number | null): string {
  if (off === null) return ''
  const percent = Math.round(off * 100)
  return percent === 0 ? '0%' : `${percent > 0 ? '+' : '\u2212'}${Math.abs(percent)}%`
}

export type Order = 'name' | 'most' | 'off'

/** The grids as the list shows them: by name, the fullest first, or the furthest from its size first. */
export function inOrder(features: readonly GridFeature[], order: Order, words: string): GridFeature[] {
  const wanted = words.trim().toLowerCase()
  const fits = ({ properties: one }: GridFeature): boolean => !wanted || `${one.name} ${one.code}`.toLowerCase().includes(wanted)
  const by: Record<Order, (one: GridFeature, other: GridFeature) => number> = {
    name: (one, other) => one.properties.code.localeCompare(other.properties.code, undefined, { numeric: true }) || one.properties.name.localeCompare(other.properties.name, undefined, { numeric: true }),
    most: (one, other) => other.properties.households - one.properties.households,
    off: (one, other) => Math.abs(other.properties.off ?? 0) - Math.abs(one.properties.off ?? 0),
  }
  return features.filter(fits).sort(by[order])
}

/** West, south, east, north of some shapes; null where there are none. */
export function boundsOf(features: readonly Feature<Polygon | MultiPolygon>[]): [number, number, number, number] | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  const grow = ([lon, lat]: Position): void => {
    box[0] = Math.min(box[0], lon ?? Infinity)
    box[1] = Math.min(box[1], lat ?? Infinity)
    box[2] = Math.max(box[2], lon ?? -Infinity)
    box[3] = Math.max(box[3], lat ?? -Infinity)
  }
  for (const { geometry } of features) for (const polygon of geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) polygon[0]?.forEach(grow)
  return box[0] <= box[2] ? box : null
}

/** One more, or one fewer, of what is picked. */
export const turned = (picked: readonly string[], key: string): string[] => (picked.includes(key) ? picked.filter((one) => one !== key) : [...picked, key])

/** Only grids below one and the same parent can become one. */
export function maySame(features: readonly GridFeature[], picked: readonly string[]): boolean {
  const chosen = features.filter((one) => picked.includes(one.properties.key))
  return chosen.length >= 2 && new Set(chosen.map((one) => one.properties.parent)).size === 1
}

export const sumOf = (features: readonly GridFeature[], picked: readonly string[]): number => features.filter((one) => picked.includes(one.properties.key)).reduce((sum, one) => sum + one.properties.households, 0)

/** A share as percent without decimals but where it would lie: 99.7 % is not 100 %. */
export function percent(share: number, locale: string): string {
  const whole = share * 100
  const digits = whole > 99 && whole < 100 ? 1 : 0
  return `${(digits ? Math.floor(whole * 10) / 10 : Math.round(whole)).toLocaleString(locale)}%`
}

/** An area as people say it, and the end of its message's key. */
export function areaOf(m2: number, locale: string): { key: 'square_metres' | 'square_kilometres'; n: string } {
  const large = m2 >= 1e6
  return { key: large ? 'square_kilometres' : 'square_metres', n: (large ? m2 / 1e6 : Math.round(m2)).toLocaleString(locale, { maximumFractionDigits: 1 }) }
}
