/** The phone counts a track as the server does: both are held to one table. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linesOf, measure, type Fix } from '../worker/src/duty/track'

interface Row {
  name: string
  lasts: number
  fixes: [number, number, number, number][]
  metres: number
  covered: number
  gaps: [number, number][]
  jumps: number
}

const table = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../tests/programmes/patrols/tracks.json'), 'utf8')) as {
  origin: [number, number]
  gap_seconds: number
  tracks: Row[]
}
const BEGAN = Date.UTC(2026, 2, 2, 1)

function fix([seconds, east, north, accuracy]: [number, number, number, number]): Fix {
  const [lon, lat] = table.origin
  const phi = (lat * Math.PI) / 180
  return {
    at: BEGAN + seconds * 1000,
    lon: lon + east / (111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi)),
    lat: lat + north / (111132.92 - 559.82 * Math.cos(2 * phi)),
    accuracy,
  }
}

describe('what a track is worth', () => {
  it.each(table.tracks)('$name', (row) => {
    const found = measure(row.fixes.map(fix), BEGAN, BEGAN + row.lasts * 1000, table.gap_seconds)
    expect(Math.abs(found.metres - row.metres)).toBeLessThanOrEqual(Math.max(1, row.metres / 100))
    expect(found.gaps.map((gap) => [(gap.start - BEGAN) / 1000, (gap.end - BEGAN) / 1000])).toEqual(row.gaps)
    expect([found.covered, found.jumps]).toEqual([row.covered, row.jumps])
  })

  it('draws no line across a gap', () => {
    const fixes = [0, 30, 60, 400, 430].map((seconds) => fix([seconds, seconds, 0, 8]))
    expect(linesOf(fixes, 120).map((line) => line.length)).toEqual([3, 2])
  })
})
