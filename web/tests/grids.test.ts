import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import type { Position } from 'geojson'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { defineComponent, h } from 'vue'
import { ApiError } from '@shared/api/errors'
import { added, moved, removable, removed, sameLines, stepped, touched } from '../desk/src/grids/bends'
import { drawsGrids } from '../desk/src/grids/duties'
import { change, uploadPartition, type Draft, type PlanLevel } from '../desk/src/grids/drafts'
import { middleOf } from '../desk/src/grids/layers'
import { drawingOf, expected, lacking, leadersOf, wishesOf } from '../desk/src/grids/planning'
import { boundsOf, inOrder, isBlank, isFar, isRunning, maySame, offWords, percent, shareOf, sumOf, turned, type GridFeature, type GridProps } from '../desk/src/grids/shape'
import { bordersOf, corners, nearest, ringOf } from '../desk/src/grids/strokes'
import { hindrances } from '../desk/src/grids/tools'
import { missing, turnOf } from '../desk/src/grids/turns'
import { useDraft, type OpenDraft } from '../desk/src/grids/useDraft'

const square = (west: number, south: number, side = 1): Position[][] => [[[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]]
const cell = (key: string, more: Partial<GridProps> = {}, at = 0): GridFeature => ({
  type: 'Feature',
  geometry: { type: 'Polygon', coordinates: square(at, 0) },
  properties: { key, level: 'slice', parent: 'g1', name: key, code: '', grid: null, change: 'same', households: 100, residents: 300, children: 0, size: 100, off: 0, ...more },
})

describe('the grids of a draft', () => {
  it('say how far they are off, and are told apart only when that is far', () => {
    expect([offWords(null), offWords(0.004), offWords(0.124), offWords(-0.2)]).toEqual(['', '0%', '+12%', '\u221220%'])
    expect([isFar(null), isFar(0.2), isFar(-0.21)]).toEqual([false, false, true])
  })
  it('are listed by code as people count, the fullest first or the furthest off first, narrowed by words', () => {
    const grids = [cell('a', { code: '10', households: 90, off: -0.1 }), cell('b', { code: '9', households: 140, off: 0.4 }), cell('c', { code: '100', households: 100, off: null })]
    const keys = (found: GridFeature[]): string[] => found.map((one) => one.properties.key)
    expect(keys(inOrder(grids, 'name', ''))).toEqual(['b', 'a', 'c'])
    expect(keys(inOrder(grids, 'most', ''))).toEqual(['b', 'c', 'a'])
    expect(keys(inOrder(grids, 'off', ''))).toEqual(['b', 'a', 'c'])
    expect(keys(inOrder(grids, 'name', ' 10 '))).toEqual(['a', 'c'])
  })
  it('become one only below the same parent', () => {
    const grids = [cell('a'), cell('b'), cell('c', { parent: 'g2' })]
    expect([maySame(grids, ['a']), maySame(grids, ['a', 'b']), maySame(grids, ['a', 'c'])]).toEqual([false, true, false])
    expect(sumOf(grids, ['a', 'c'])).toBe(200)
    expect([turned(['a'], 'b'), turned(['a', 'b'], 'a')]).toEqual([['a', 'b'], ['b']])
  })
  it('lie within their bounds, also those of several pieces', () => {
    expect(boundsOf([])).toBeNull()
    expect(boundsOf([cell('a'), { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: [square(3, -2), square(5, 5)] } }])).toEqual([0, -2, 6, 6])
  })
  it('carry their name in the middle of their largest piece', () => {
    expect(middleOf({ type: 'MultiPolygon', coordinates: [square(0, 0), square(10, 10, 4)] })).toEqual([12, 12])
    expect(middleOf({ type: 'Polygon', coordinates: [[[5, 5], [5, 5], [5, 5]]] })).toEqual([5, 5])
  })
  it('never round what is missing up to all', () => {
    expect([percent(0.9996, 'en'), percent(1, 'en'), percent(0.98, 'en'), percent(0, 'en')]).toEqual(['99.9%', '100%', '98%', '0%'])
  })
})

describe('a draft', () => {
  it('is asked about while the server works, and is blank until it has', () => {
    expect(['waiting', 'running', 'stopped', 'open', 'approved'].map(isRunning)).toEqual([true, true, false, false, false])
    expect(['waiting', 'running', 'stopped', 'failed', 'open', 'applied'].map(isBlank)).toEqual([true, true, true, true, false, false])
    expect([shareOf(null), shareOf({ done: 0, total: 0 }), shareOf({ done: 5, total: 8 }), shareOf({ done: 8, total: 8 })]).toEqual([0, 0, 62, 99])
  })
  it('is refused with a reason, sent without one, and never dated back', () => {
    expect([missing('refuse', ' x ', '', '2026-11-21'), missing('refuse', 'no roads', '', '2026-11-21'), missing('send', '', '2026-11-20', '2026-11-21'), missing('approve', '', '2026-11-21', '2026-11-21')]).toEqual(['reason', '', 'day', ''])
    expect(turnOf('send', ' all 12 villages ', '')).toEqual({ do: 'send', note: 'all 12 villages', effective_on: null })
    expect(turnOf('approve', '', '2026-12-01')).toEqual({ do: 'decide', approve: true, reason: '', effective_on: '2026-12-01' })
    expect(turnOf('refuse', 'no', '2026-12-01')).toEqual({ do: 'decide', approve: false, reason: 'no', effective_on: null })
    expect(turnOf('drop', '', '')).toEqual({ do: 'drop' })
  })
})

describe('what a hand has drawn', () => {
  it('is its own corners, each once, without the pointer and without the closing one', () => {
    expect(corners([[0, 0], [1, 1], [1, 1], [2, 0]], 'linestring', true)).toEqual([[0, 0], [1, 1]])
    expect(corners([[0, 0], [1, 1], [2, 0], [2, 0]], 'linestring', false)).toEqual([[0, 0], [1, 1], [2, 0]])
    expect(corners([[[0, 0], [1, 0], [1, 1], [5, 5], [0, 0]]], 'polygon', true)).toEqual([[0, 0], [1, 0], [1, 1]])
    expect(corners([[[0, 0], [1, 0], [1, 1], [0, 0]]], 'polygon', false)).toEqual([[0, 0], [1, 0], [1, 1]])
    expect(corners([], 'linestring', true)).toEqual([])
  })
  it('goes to the server as a closed ring', () => expect(ringOf([[0, 0], [1, 0], [1, 1]])).toEqual([[[0, 0], [1, 0], [1, 1], [0, 0]]]))
  it('jumps to the nearest corner, with degrees as wide as they are there', () => {
    expect(bordersOf([cell('a').geometry, cell('b', {}, 1).geometry])).toHaveLength(6)
    expect(nearest([], [0, 0])).toBeNull()
    expect(nearest([[1.5, 60], [0, 61]], [0, 60])).toEqual([1.5, 60])
    expect(nearest([[1.5, 0], [0, 1]], [0, 0])).toEqual([0, 1])
  })
})

describe('a border that is dragged', () => {
  const border: Position[][] = [[[0, 0], [1, 0], [2, 0]], [[5, 5], [6, 6]]]
  it('gets corners and loses them, but for its ends', () => {
    expect(added(border, { line: 0, at: 1 })).toEqual({ lines: [[[0, 0], [1, 0], [1.5, 0], [2, 0]], border[1]], at: { line: 0, at: 2 } })
    expect(added(border, { line: 1, at: 1 })).toEqual({ lines: [border[0], [[5, 5], [5.5, 5.5], [6, 6]]], at: { line: 1, at: 1 } })
    expect(removed(border, { line: 0, at: 1 })[0]).toEqual([[0, 0], [2, 0]])
    expect([removable(border, { line: 0, at: 0 }), removable(border, { line: 1, at: 1 }), removed(border, { line: 1, at: 1 })]).toEqual([false, false, border])
    expect(moved(border, { line: 1, at: 0 }, [4, 4])).toEqual([border[0], [[4, 4], [6, 6]]])
    expect(border[0]).toHaveLength(3)
  })
  it('is gone over corner by corner, and round again', () => {
    expect([stepped(border, { line: 0, at: 2 }, 1), stepped(border, { line: 0, at: 0 }, -1), stepped(border, { line: 9, at: 9 }, 0)]).toEqual([{ line: 1, at: 0 }, { line: 1, at: 1 }, { line: 0, at: 0 }])
  })
  it('tells which corner a hand touched, and that rounding is no change', () => {
    expect([touched(border[0], [[0, 0], [1, 0.5], [2, 0]]), touched(border[0], [[0, 0], [1, 1e-10], [2, 0]]), touched(undefined, [[0, 0]])]).toEqual([1, -1, 0])
    expect([sameLines(border, [[[0, 0], [1, 0], [2, 1e-10]], [[5, 5], [6, 6]]]), sameLines(border, [border[0] ?? []]), sameLines(border, moved(border, { line: 0, at: 0 }, [1, 1]))]).toEqual([true, false, false])
  })
})

describe('who drafts grids', () => {
  const wears = (duties: string[], department: string | null = null): boolean => drawsGrids({ may: (duty: string) => duties.includes(duty), hat: { department } } as never)
  it('has the duty and grids of his own', () => expect([wears(['draw']), wears(['administer']), wears(['report', 'triage']), wears(['administer'], 'd.1.')]).toEqual([true, true, false, false]))
})

describe('the tools', () => {
  const grids = [cell('a'), cell('b'), cell('c', { parent: 'g2' })]
  it('say why they cannot be used', () => {
    expect(hindrances(grids, [], true, true)).toEqual({ split: 'one', merge: 'two', border: 'one', bend: 'pair', redraw: 'some', rename: 'one' })
    expect(hindrances(grids, ['a'], true, true)).toEqual({ split: '', merge: 'two', border: '', bend: 'pair', redraw: '', rename: '' })
    expect(hindrances(grids, ['a', 'c'], true, true)).toEqual({ split: 'one', merge: 'parents', border: 'one', bend: 'parents', redraw: 'parents', rename: 'one' })
    expect(hindrances(grids, ['a', 'b'], true, true).bend).toBe('')
  })
  it('work without a map but for those that draw', () => {
    expect(hindrances(grids, ['a'], true, false)).toMatchObject({ split: 'map', border: 'map', bend: 'map', rename: '', redraw: '' })
    expect(hindrances(grids, ['a', 'b'], true, false).merge).toBe('')
  })
  it('rest when the draft is on its way', () => expect(new Set(Object.values(hindrances(grids, ['a'], false, true)))).toEqual(new Set(['closed'])))
})

describe('a drawing', () => {
  const level = (name: string, size: number, drawable = true): PlanLevel => ({ level: name, title: name, size, tolerance: 0.1, grids: 3, drawable, along: '', leaders: 0 })
  it('begins with the sizes of the pack, for the levels that can be drawn', () => {
    expect(wishesOf([level('village', 0, false), level('zone', 1000), level('slice', 0)])).toEqual([
      { level: 'zone', title: 'zone', on: true, size: 1000, tolerance: 10, along: '', follow: false },
      { level: 'slice', title: 'slice', on: true, size: 100, tolerance: 10, along: '', follow: false },
    ])
    expect([expected(52_730, 12, { size: 100 }), expected(1102, 22, { size: 1000 }), expected(0, 0, { size: 10 })]).toEqual([527, 22, 1])
  })
  it('needs a name, a level and sizes that fall from level to level', () => {
    const wishes = wishesOf([level('zone', 1000), level('slice', 100), level('team', 10)])
    const without = (at: number): typeof wishes => wishes.map((one, index) => (index === at ? { ...one, on: false } : one))
    const sized = (at: number, size: number): typeof wishes => wishes.map((one, index) => (index === at ? { ...one, size } : one))
    expect([lacking(' ', wishes), lacking('x', []), lacking('x', sized(1, 0)), lacking('x', sized(1, 2000)), lacking('x', sized(2, 100)), lacking('x', wishes)]).toEqual(['title', 'none', 'size', 'order', 'order', ''])
    expect(lacking('x', without(0).map((one) => (one.level === 'slice' ? { ...one, size: 5000 } : one)))).toBe('')
    expect(drawingOf({ grid: '7', scheme: 'rural', title: ' x ', seed: 3, workload: 'residents', leaders: true }, without(1))).toEqual({ grid: '7', scheme: 'rural', title: 'x', seed: 3, workload: 'residents', leaders: true, levels: [{ level: 'zone', size: 1000, tolerance: 0.1 }, { level: 'team', size: 10, tolerance: 0.1 }] })
  })
})

describe('a level along buildings', () => {
  const levels = [{ level: 'slice', title: '片区', size: 180, tolerance: 0.1, grids: 0, drawable: true, along: '', leaders: 3 }, { level: 'building', title: '楼栋', size: 0, tolerance: 0.2, grids: 0, drawable: true, along: 'building', leaders: 40 }] satisfies PlanLevel[]
  it('has no size unless one is wished for, and no leaders to be near', () => {
    const wishes = wishesOf(levels)
    expect([lacking('x', wishes), leadersOf(levels, wishes)]).toEqual(['', 3])
    expect(drawingOf({ grid: '7', scheme: 'main', title: 'x', seed: 1, workload: 'households', leaders: true }, wishes).levels).toEqual([{ level: 'slice', size: 180, tolerance: 0.1 }, { level: 'building', size: null, tolerance: null }])
    const sized = wishes.map((one) => ({ ...one, follow: false }))
    expect([lacking('x', sized), lacking('x', sized.map((one) => ({ ...one, size: 180 }))), leadersOf(levels, sized)]).toEqual(['', 'order', 43])
  })
})

const api = { get: vi.fn(), post: vi.fn(), request: vi.fn() }
vi.mock('@shared/app', () => ({ useApi: () => api }))

const draftAt = (step: number, more: Partial<Draft> = {}): Draft => ({ id: '4', step, steps: step, state: 'open', levels: [{ level: 'slice', title: 'Slice', size: 100, tolerance: 0.1, before: 2, after: 2 }], may: ['edit'], ...more }) as Draft

function opened(): { open: OpenDraft; page: VueWrapper } {
  let open: OpenDraft | undefined
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: {} }, missingWarn: false, fallbackWarn: false })
  const page = mount(defineComponent({ setup: () => ((open = useDraft(() => '4')), () => h('i')) }), { global: { plugins: [i18n] } })
  return { open: open!, page }
}

describe('an open draft', () => {
  beforeEach(() => {
    vi.useRealTimers()
    for (const one of Object.values(api)) one.mockReset()
  })

  it('sends what is done with the step it was seen at', async () => {
    api.post.mockResolvedValue(draftAt(4))
    await change(api as never, { id: '4', step: 3 }, { do: 'merge', cells: ['a', 'b'], name: '' })
    expect(api.post).toHaveBeenCalledWith('/grids/drafts/4/merge', { step: 3, cells: ['a', 'b'], name: '' })
  })

  it('uploads a file with what is said about it', async () => {
    api.request.mockResolvedValue(draftAt(0))
    await uploadPartition(api as never, { grid: '7', scheme: 'rural', level: 'slice', title: 'x', crs: 'gcj02', name_field: 'WGMC', code_field: '' }, new File(['{}'], 'grids.geojson'))
    const [method, path, { form }] = api.request.mock.calls[0] as [string, string, { form: FormData }]
    expect([method, path, form.get('crs'), form.get('name_field'), form.get('code_field'), (form.get('file') as File).name]).toEqual(['POST', '/grids/drafts/import', 'gcj02', 'WGMC', '', 'grids.geojson'])
  })

  it('fetches its grids anew with every step and with every level', async () => {
    api.get.mockImplementation((path: string) => Promise.resolve(path.endsWith('/cells') ? { features: [cell('a'), cell('b')] } : draftAt(0)))
    api.post.mockResolvedValue(draftAt(1))
    const { open, page } = opened()
    await flushPromises()
    const asked = (): unknown[] => api.get.mock.calls.filter(([path]) => String(path).endsWith('/cells')).map(([, query]) => query as unknown)
    expect(open.grids.value).toHaveLength(2)
    expect(asked()).toEqual([{ level: 'slice', parent: '' }])
    expect(await open.run({ do: 'undo' })).toBe(true)
    await flushPromises()
    expect(asked()).toHaveLength(2)
    open.inside.value = 'g12'
    await flushPromises()
    expect(asked().at(-1)).toEqual({ level: 'slice', parent: 'g12' })
    page.unmount()
  })

  it('shows whoever was overtaken what is there now, with the words why', async () => {
    let step = 0
    api.get.mockImplementation((path: string) => Promise.resolve(path.endsWith('/cells') ? { features: [] } : draftAt(step)))
    const { open, page } = opened()
    await flushPromises()
    step = 5
    api.post.mockRejectedValue(new ApiError(409, 'draft_moved_on', 'Somebody was there before'))
    expect(await open.run({ do: 'merge', cells: ['a', 'b'], name: '' })).toBe(false)
    await flushPromises()
    expect(open.data.value?.step).toBe(5)
    expect(open.trouble.value).toContain('Somebody was there before')
    page.unmount()
  })

  it('does one thing at a time', async () => {
    api.get.mockImplementation((path: string) => Promise.resolve(path.endsWith('/cells') ? { features: [] } : draftAt(0)))
    const { open, page } = opened()
    await flushPromises()
    let answer: (draft: Draft) => void = () => undefined
    api.post.mockImplementation(() => new Promise<Draft>((done) => (answer = done)))
    const first = open.run({ do: 'undo' })
    expect(await open.run({ do: 'undo' })).toBe(false)
    answer(draftAt(1))
    expect(await first).toBe(true)
    expect(api.post).toHaveBeenCalledTimes(1)
    page.unmount()
  })

  it('asks again while the server draws, and asks for no grids until it has', async () => {
    vi.useFakeTimers()
    const states = [draftAt(0, { state: 'running' }), draftAt(0, { state: 'running' }), draftAt(1)]
    api.get.mockImplementation((path: string) => Promise.resolve(path.endsWith('/cells') ? { features: [cell('a')] } : (states.length > 1 ? states.shift() : states[0])))
    const { open, page } = opened()
    await flushPromises()
    expect([open.data.value?.state, open.fetching.value]).toEqual(['running', true])
    await vi.advanceTimersByTimeAsync(2500)
    await flushPromises()
    expect([open.data.value?.state, open.grids.value.length]).toEqual(['open', 1])
    const calls = api.get.mock.calls.length
    await vi.advanceTimersByTimeAsync(5000)
    expect(api.get.mock.calls.length).toBe(calls)
    page.unmount()
  })
})
