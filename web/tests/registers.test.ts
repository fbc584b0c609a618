import { describe, expect, it } from 'vitest'
import { chartOf, shadeOf, stepOf, type Door } from '../desk/src/registers/chart'
import { taken, type Pair } from '../desk/src/registers/changing'
import { changesOf, draftOf, settled, writable, type Conflict } from '../desk/src/registers/edits'
import { inFamilyOrder } from '../desk/src/registers/family'
import { chosen, shareOf, stepOf as importStep } from '../desk/src/registers/importing'
import { listed, said, type Cell, type Field, type Row } from '../desk/src/registers/shape'
import { beside, chainTo, linesOf, type Branch } from '../desk/src/registers/tree'
import type { GridInfo } from '@shared/api/types'

const door = (unit: string, floor: number | null, room: string, more: Partial<Door> = {}): Door => ({ dwelling: `${unit}-${room}`, households: [], label: room, unit, floor, room, use: '', people: 0, counts: {}, ...more })
const rooms = (cells: (Door | null)[]): string[] => cells.map((one) => one?.room ?? '-')

describe('the chart of a building', () => {
  it('stands with its highest floor on top and its stairwells side by side', () => {
    const chart = chartOf([door('2', 1, '101'), door('1', 3, '302'), door('1', 3, '301'), door('10', 1, '101')], 3, 3)
    expect(chart.stairwells.map((one) => one.unit)).toEqual(['1', '2', '10'])
    expect(chart.storeys.map((one) => one.floor)).toEqual([3, 2, 1])
    expect(chart.storeys[0]?.cells.map(rooms)).toEqual([['301', '302'], ['-'], ['-']])
    expect(chart.storeys[1]?.cells.map(rooms)).toEqual([['-', '-'], ['-'], ['-']])
  })
  it('goes as high and as deep as its doors do, whatever the building says of itself', () => {
    expect(chartOf([door('', 5, '501'), door('', -1, 'B1')], 2, 1).storeys.map((one) => one.floor)).toEqual([5, 4, 3, 2, 1, 0, -1])
  })
  it('keeps apart the doors whose floor nobody knows', () => {
    const chart = chartOf([door('', null, '10'), door('', null, '9')], 1, 2)
    expect(chart.elsewhere.map((one) => one.room)).toEqual(['9', '10'])
    expect(chart.stairwells.map((one) => one.unit)).toEqual(['1', '2'])
  })
  it('is darker where more are, and coloured by what is asked', () => {
    expect([0, 1, 2, 3, 4, 5, 40].map(stepOf)).toEqual([0, 1, 2, 3, 3, 4, 4])
    const one = door('1', 1, '101', { people: 2, use: 'let', counts: { aged: 1 } })
    expect(shadeOf(one, 'people', [])).toBe('step-2')
    expect(shadeOf(one, 'aged', [])).toBe('step-1')
    expect(shadeOf(one, 'young', [])).toBe('step-0')
    expect(shadeOf(one, 'use', ['owned', 'let'])).toBe('use-2')
    expect(shadeOf(door('1', 1, '102'), 'use', ['owned', 'let'])).toBe('use-0')
    expect(shadeOf(door('1', 1, '102', { use: 'gone' }), 'use', ['owned'])).toBe('use-0')
  })
})

const grid = (id: string, scope_path: string): GridInfo => ({ id, name: id, scope_path }) as GridInfo
const branch = (id: string, path: string, below: Branch[] | null = []): Branch => ({ grid: grid(id, path), below })

describe('the tree of grids', () => {
  const top = branch('county', 'r.', [branch('town', 'r.a.', [branch('village', 'r.a.b.')]), branch('city', 'r.c.', null)])
  const lines = linesOf(top, new Set(['county', 'town']))
  const go = (at: string, key: string): string | null => beside(lines, at, key)

  it('shows what is unfolded, each below its own', () => {
    expect(linesOf(top, new Set()).map((one) => one.branch.grid.id)).toEqual(['county'])
    expect(lines.map((one) => [one.branch.grid.id, one.depth])).toEqual([['county', 0], ['town', 1], ['village', 2], ['city', 1]])
  })
  it('is walked by arrows and stops at its ends', () => {
    expect([go('county', 'ArrowDown'), go('city', 'ArrowDown'), go('county', 'ArrowUp'), go('town', 'ArrowUp')]).toEqual(['town', null, null, 'county'])
    expect([go('town', 'ArrowRight'), go('city', 'ArrowRight'), go('village', 'ArrowLeft'), go('city', 'ArrowLeft')]).toEqual(['village', null, 'town', 'county'])
    expect([go('town', 'Home'), go('town', 'End'), go('town', 'x')]).toEqual(['county', 'city', null])
  })
  it('knows the way from the top of a hat to a grid', () => {
    expect(chainTo([grid('county', 'r.'), grid('town', 'r.a.'), grid('village', 'r.a.b.')], 'r.a.').map((one) => one.id)).toEqual(['village'])
  })
})

const field = (key: string, more: Partial<Field> = {}): Field => ({ key, title: key, access: 'write', personal: false, form: 'text', options: [], sort: '', filter: '', ...more })
const row = (id: string, cells: Record<string, Cell>): Row => ({ id, kind: 'residents', version: 3, title: '', line: '', household: null, building: null, cells })

describe('a row', () => {
  it('tells choices in words, and what is not known as nothing', () => {
    const use = field('use', { options: [{ key: 'let', title: 'Let' }] })
    expect([said(use, 'let'), said(use, 'other'), said(use, null), said(use, undefined), said(field('floor'), 0)]).toEqual(['Let', 'other', '', '', '0'])
  })
  it('shows in a list only what the reader may see, in the order of the list', () => {
    expect(listed('buildings', [field('grid'), field('code'), field('name')]).map((one) => one.key)).toEqual(['name', 'grid'])
  })
})

describe('a family', () => {
  it('is told from its head on, who left last', () => {
    const family = [row('child', { relation: 'son', birth_year: 2010 }), row('gone', { relation: 'spouse', left_on: '2020-01-01' }), row('guest', { relation: '' }), row('elder', { relation: 'son', birth_year: 2001 }), row('head', { relation: 'head' })]
    expect(inFamilyOrder(family).map((one) => one.id)).toEqual(['head', 'elder', 'child', 'guest', 'gone'])
  })
})

describe('an edit', () => {
  const fields = [field('name', { personal: true }), field('phone', { personal: true }), field('sex', { form: 'sex' }), field('relation', { options: [{ key: 'head', title: 'Head' }] }), field('since', { form: 'past' }), field('id_number', { personal: true, access: 'reveal' }), field('address')]
  const seen = row('1', { name: 'W*', phone: '190****0001', sex: 1, relation: 'head', since: '2020-01-01', id_number: '9*' })
  const changed = (more: Record<string, string>, cleared: string[] = []) => changesOf('residents', fields, seen, { ...draftOf('residents', fields, seen), ...more }, cleared)

  it('offers what may be written and can be, and never shows a mask as a value', () => {
    expect(writable('residents', fields).map((one) => one.key)).toEqual(['name', 'sex', 'phone', 'relation', 'since'])
    expect(draftOf('residents', fields, seen)).toEqual({ name: '', sex: '1', phone: '', relation: 'head', since: '2020-01-01' })
  })
  it('sends only what was changed, with what was seen of it', () => {
    expect(changed({})).toEqual({ seen: {}, wanted: {} })
    expect(changed({ sex: '2', relation: ' head ' })).toEqual({ seen: { sex: 1 }, wanted: { sex: 2 } })
    expect(changed({ phone: '19000000002', since: '' })).toEqual({ seen: { phone: '190****0001', since: '2020-01-01' }, wanted: { phone: '19000000002', since: null } })
  })
  it('empties a masked field only when told to', () => expect(changed({}, ['phone'])).toEqual({ seen: { phone: '190****0001' }, wanted: { phone: null } }))
  it('is settled field by field: mine against what stands now, or not at all', () => {
    const clash = (name: string): Conflict => ({ field: name, title: name, seen: 'a', current: 'b', wanted: 'c', at: null, unit: '' })
    const open = { seen: { phone: 'a', relation: 'a', sex: 1 }, wanted: { phone: 'c', relation: 'c', sex: 2 } }
    expect(settled(open, [clash('phone'), clash('relation')], new Set(['phone']))).toEqual({ seen: { phone: 'b', sex: 1 }, wanted: { phone: 'c', sex: 2 } })
  })
})

describe('an import', () => {
  it('stands at one of three steps', () => expect((['uploaded', 'waiting', 'running', 'done', 'cancelled', 'failed'] as const).map((state) => importStep({ state }))).toEqual(['columns', 'running', 'running', 'over', 'over', 'over']))
  it('is whole only when it is over, whatever the estimate said', () => {
    expect(shareOf({ state: 'running', done: 50, total: 200 })).toBe(25)
    expect(shareOf({ state: 'running', done: 900, total: 200 })).toBe(99)
    expect(shareOf({ state: 'waiting', done: 0, total: 0 })).toBe(0)
    expect(shareOf({ state: 'done', done: 190, total: 200 })).toBe(100)
  })
  it('takes a column of the file for one of ours at a time', () => {
    const fields = [{ key: 'name', found: 'A' }, { key: 'phone', found: 'B' }, { key: 'room', found: '' }]
    expect(chosen(fields, 'phone', 'A')).toEqual({ name: '', phone: 'A', room: '' })
    expect(chosen(fields, 'name', '')).toEqual({ name: '', phone: 'B', room: '' })
  })
})

describe('two entries of one person', () => {
  const pair: Pair = { id: '1', why: [], left: { id: '1', place: '', cells: { name: 'a', phone: null, since: 'x' } }, right: { id: '2', place: '', cells: { name: 'b', phone: 'p', since: 'x' } }, fields: ['name', 'phone', 'since'], differing: ['name', 'phone'] }
  it('become one that keeps what it says and takes what only the other knows', () => {
    expect(taken(pair, 'left', {})).toEqual(['phone'])
    expect(taken(pair, 'right', {})).toEqual([])
  })
  it('take what is picked, whichever stays', () => {
    expect(taken(pair, 'left', { name: 'right', phone: 'left' })).toEqual(['name'])
    expect(taken(pair, 'right', { name: 'left' })).toEqual(['name'])
  })
})
