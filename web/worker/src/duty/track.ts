/**
 * What a track is worth, counted on the phone as the server counts it (`patrols/rules/tracks.py`): metres from anchor to
 * anchor, and every stretch without a position as a gap. Both are held to `tests/programmes/patrols/tracks.json`.
 */
export interface Fix {
  /** Milliseconds since 1970, by the server's clock as far as this phone knows it. */
  at: number
  lon: number
  lat: number
  /** Metres, as the phone says. */
  accuracy: number
}

export interface Gap {
  start: number
  end: number
}

export interface Measured {
  fixes: number
  metres: number
  /** Seconds with positions. */
  covered: number
  gaps: Gap[]
  jumps: number
}

const GOOD_M = 60
const STILL_M = 12
const FASTEST_MPS = 35

export function measure(fixes: readonly Fix[], began: number, ended: number, gapSeconds: number): Measured {
  const moments = [began, ...fixes.map((fix) => fix.at), ended]
  const gaps: Gap[] = []
  for (let at = 1; at < moments.length; at += 1) {
    const [start, end] = [moments[at - 1]!, moments[at]!]
    if (end - start > gapSeconds * 1000) gaps.push({ start, end })
  }
  const missing = gaps.reduce((sum, gap) => sum + Math.floor((gap.end - gap.start) / 1000), 0)
  const { metres, jumps } = walked(fixes, gapSeconds)
  return { fixes: fixes.length, metres: Math.round(metres), covered: Math.max(0, Math.floor((ended - began) / 1000) - missing), gaps, jumps }
}

function walked(fixes: readonly Fix[], gapSeconds: number): { metres: number; jumps: number } {
  let metres = 0
  let jumps = 0
  let anchor: Fix | null = null
  let before: Fix | null = null
  for (const fix of fixes) {
    if (fix.accuracy > GOOD_M) continue
    if (!before || !anchor || (fix.at - before.at) / 1000 > gapSeconds) {
      anchor = before = fix
      continue
    }
    const seconds = Math.max(1, (fix.at - before.at) / 1000)
    if (distance(before, fix) / seconds > FASTEST_MPS) {
      jumps += 1
      anchor = before = fix
      continue
    }
    const step = distance(anchor, fix)
    if (step >= Math.max(STILL_M, fix.accuracy)) {
      metres += step
      anchor = fix
    }
    before = fix
  }
  return { metres, jumps }
}

/** Metres between two near positions: metres per degree by the WGS84 series, at the middle latitude. */
export function distance(one: { lon: number; lat: number }, two: { lon: number; lat: number }): number {
  const phi = ((one.lat + two.lat) / 2) * (Math.PI / 180)
  const east = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi)
  const north = 111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi)
  return Math.hypot((two.lon - one.lon) * east, (two.lat - one.lat) * north)
}

/** The track as lines to draw, broken at every gap: nobody draws a line across what was not seen. */
export function linesOf(fixes: readonly Fix[], gapSeconds: number): [number, number][][] {
  const lines: [number, number][][] = []
  let before = -Infinity
  for (const fix of fixes) {
    if (fix.at - before > gapSeconds * 1000) lines.push([])
    lines[lines.length - 1]!.push([fix.lon, fix.lat])
    before = fix.at
  }
  return lines
}
