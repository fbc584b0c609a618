/** The tools one draws with: which of them can be used on what is picked, and why the others cannot. */
import { maySame, type GridFeature } from './shape'
import type { Stroke } from './strokes'

export const TOOLS = ['split', 'merge', 'border', 'bend', 'redraw', 'rename'] as const
export type Tool = (typeof TOOLS)[number]

export const TOOL_KEYS: Record<Tool, string> = { split: 's', merge: 'm', border: 'b', bend: 'v', redraw: 'd', rename: 'e' }
/** What is drawn with the tool; '' for those that draw nothing. */
export const STROKES: Record<Tool, Stroke | ''> = { split: 'linestring', border: 'polygon', merge: '', bend: '', redraw: '', rename: '' }

/** Why a tool cannot be used now, as the end of a message's key; '' when it can. */
export function hindrances(features: readonly GridFeature[], picked: readonly string[], edits: boolean, map: boolean): Record<Tool, string> {
  const one = picked.length === 1 ? '' : 'one'
  const drawn = map ? one : 'map'
  const found: Record<Tool, string> = {
    split: drawn,
    border: drawn,
    bend: !map ? 'map' : picked.length !== 2 ? 'pair' : maySame(features, picked) ? '' : 'parents',
    merge: picked.length < 2 ? 'two' : maySame(features, picked) ? '' : 'parents',
    redraw: picked.length < 1 ? 'some' : picked.length === 1 || maySame(features, picked) ? '' : 'parents',
    rename: one,
  }
  return edits ? found : (Object.fromEntries(TOOLS.map((tool) => [tool, 'closed'])) as Record<Tool, string>)
}
