/** The order somebody walks in. */
import { describe, expect, it } from 'vitest'
import type { CaseRow } from '@shared/api/types'
import { isCheck, rounds } from '../worker/src/today'

function row(id: string, grid: string, north: number | null): CaseRow {
  return { id, status: 'dispatched', grid: { id: grid, name: grid }, lon: north === null ? null : 119, lat: north === null ? null : 26 + north / 110_900 } as CaseRow
}

const rows = [row('a', 'g10', 900), row('b', 'g2', 300), row('c', 'g10', 100), row('d', 'g2', null), row('e', 'g3', null)]
const order = (here: { lon: number; lat: number } | null): string => rounds(rows, here).map((one) => `${one.name}:${one.stops.map((stop) => stop.row.id).join('')}`).join(' ')

describe('rounds', () => {
  it('goes grid by grid, the nearest first, unknown places last', () => {
    expect(order({ lon: 119, lat: 26 })).toBe('g10:ca g2:bd g3:e')
    expect(rounds(rows, { lon: 119, lat: 26 }).map((one) => one.far)).toEqual([100, 300, null].map((far) => (far === null ? null : expect.closeTo(far, -1) as unknown)))
  })

  it('without a position keeps the order by deadline within grids by name', () => expect(order(null)).toBe('g2:bd g3:e g10:ac'))

  it('what others did is to be checked, the rest is mine to do', () => {
    expect(['reported', 'handled', 'dispatched', 'handling'].map((status) => isCheck({ status } as CaseRow))).toEqual([true, true, false, false])
  })
})
