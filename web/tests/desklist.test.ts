import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ApiClient } from '@shared/api/client'
import type { BatchPreviewRow, BatchResult, CaseDetail, CasePage, CaseRow } from '@shared/api/types'
import type { CaseEvent } from '@shared/feed/feed'
import { reactive } from 'vue'
import { backFrom, grouped, proposedFor, rowsToSend, sendAll } from '../desk/src/queue/batch'
import { columnsOf, fit, USUAL } from '../desk/src/queue/columns'
import { viewOf } from '../desk/src/queue/filters'
import { aged, extended, limitOf, NOTHING, renewed, rowsOf, within, type Listed } from '../desk/src/queue/paging'
import { keepUndo, stepsBack, takeBack, undoable } from '../desk/src/queue/undo'
import { useQueue } from '../desk/src/queue/useQueue'
import { useSelection } from '../desk/src/queue/useSelection'
import { shows } from '../desk/src/queue/useViews'
import { nameIn } from '../desk/src/queue/workbook'

const row = (id: number | string, version = 1): CaseRow => ({ id: String(id), version }) as CaseRow
const page = (from: number, count: number, next: string | null, version = 1): CasePage => ({ items: Array.from({ length: count }, (_, at) => row(from + at, version)), next, looked_to: null }) as CasePage
const ids = (list: Listed): string[] => rowsOf(list).map((one) => one.id)

/** Three stretches of ten: 0–9, 10–19, 20–29. */
function thirty(): Listed {
  return [page(0, 10, 'a'), page(10, 10, 'b'), page(20, 10, 'c')].reduce((list, one, at) => extended(list, one, at + 1), NOTHING)
}

describe('a list in stretches', () => {
  it('goes on behind its last cursor', () => {
    const list = thirty()
    expect(ids(list)).toHaveLength(30)
    expect(list.stretches.map((one) => one.cursor)).toEqual([null, 'a', 'b'])
    expect(list.next).toBe('c')
  })

  it('loads one stretch anew without losing the others, and ends it where the next begins', () => {
    const fresh = { ...page(0, 60, 'z'), items: [row('new'), ...page(0, 15, null).items] }
    const list = renewed(thirty(), 0, fresh, 9)
    expect(ids(list)).toEqual(['new', ...Array.from({ length: 30 }, (_, at) => String(at))])
    expect(list.next).toBe('c')
  })

  it('drops what has left a stretch', () => {
    const left = { ...page(0, 10, 'z'), items: [row(0), row(2), ...page(10, 8, null).items] }
    expect(ids(renewed(thirty(), 0, left, 9)).slice(0, 4)).toEqual(['0', '2', '10', '11'])
  })

  it('shows a case that moved from one stretch to another where it is now', () => {
    const list = renewed(thirty(), 2, { ...page(20, 10, 'c'), items: [row(3, 7), ...page(20, 10, null).items] }, 9)
    expect(ids(list).filter((id) => id === '3')).toHaveLength(1)
    expect(ids(list).indexOf('3')).toBe(19)
    expect(rowsOf(list).find((one) => one.id === '3')?.version).toBe(7)
  })

  it('forgets what follows rather than leaving a hole', () => {
    const far = { ...page(100, 60, 'far'), items: page(100, 60, null).items }
    const list = renewed(thirty(), 0, far, 9)
    expect(ids(list)).toHaveLength(60)
    expect(list.next).toBe('far')
  })

  it('ends where the server says it ends', () => {
    expect(ids(renewed(thirty(), 1, page(10, 4, null), 9))).toHaveLength(14)
    expect(renewed(thirty(), 1, page(10, 4, null), 9).next).toBeNull()
  })

  it('knows which stretches are looked at, and asks for room for new rows', () => {
    expect(within(thirty(), 0, 5)).toEqual([0])
    expect(within(thirty(), 8, 12)).toEqual([0, 1])
    expect(within(thirty(), 25, 29)).toEqual([2])
    expect(aged(thirty()).stretches.every((one) => one.stale)).toBe(true)
    expect(limitOf(thirty().stretches[0]!)).toBe(60)
    expect(limitOf({ cursor: null, items: page(0, 180, null).items, loaded: 1, stale: true })).toBe(200)
  })
})

describe('columns', () => {
  it('shows as many as fit, who has it before its number', () => {
    const all = columnsOf('number,matter,place,department,reported,channel')!
    expect(fit(all, 1400, 84).columns).toEqual(all)
    expect(fit(all, 600, 84).columns).toEqual(['department'])
    expect(fit(all, 550, 84).columns).toEqual([])
    expect(fit(USUAL, 1400, 84).grid.split(' ').length).toBeGreaterThan(4)
  })

  it('takes no column it does not know', () => {
    expect(columnsOf('place,phone,due')).toEqual(['place'])
    expect(columnsOf('')).toBeNull()
    expect(columnsOf(null)).toBeNull()
    expect(columnsOf([])).toEqual([])
  })
})

describe('saved views', () => {
  it('keep filters, order and columns of an address and nothing else', () => {
    expect(viewOf({ tab: 'todo', due: 'over', cols: 'place', foo: 'x', q: '' })).toEqual({ tab: 'todo', due: 'over', cols: 'place' })
    expect(shows({ id: '1', name: '', query: { tab: 'todo' } }, { tab: 'todo' })).toBe(true)
    expect(shows({ id: '1', name: '', query: { tab: 'todo' } }, { tab: 'todo', due: 'over' })).toBe(false)
  })
})

const UM = { id: '7', name: '城管局' }
const asked = (number: number, more: Partial<BatchPreviewRow> = {}): BatchPreviewRow => ({
  case: String(number), number: `N${number}`, title: '', status: 'accepted', status_word: '', version: number, possible: true, message: '', assignment: null, matter: null, department: UM, joint: [], limit_text: '1', declined: false, ...more,
}) // prettier-ignore
const told = (id: string, done = true, more: Partial<BatchResult> = {}): BatchResult => ({ case: id, done, code: '', message: done ? '' : '不行', fields: [], version: 5, status: null, status_word: null, back: [], ...more }) as BatchResult

describe('one step for many', () => {
  it('groups by who is proposed, those without anybody last', () => {
    const rows = [asked(1, { department: null }), asked(2), asked(3), asked(4, { declined: true }), asked(5, { department: { id: '8', name: '住建局' } })]
    expect(grouped('dispatch', rows).map((one) => [one.name, one.rows.length])).toEqual([['城管局', 2], ['住建局', 1], ['', 2]])
    expect(grouped('urge', rows).map((one) => one.rows.length)).toEqual([5])
  })

  it('proposes neither nobody nor whoever has sent it back', () => {
    expect(proposedFor('dispatch', asked(1, { department: null }))).toBeNull()
    expect(proposedFor('dispatch', asked(1, { declined: true }))).toBeNull()
    expect(proposedFor('dispatch', asked(1, { joint: [{ id: '9', name: '' }] }))).toEqual({ department: '7', joint: ['9'] })
    expect(proposedFor('accept', asked(1))).toBeNull()
    expect(proposedFor('accept', asked(1, { matter: { code: 'A', name: '' } }))).toEqual({ matter: 'A' })
    expect(proposedFor('close', asked(1))).toEqual({})
  })

  it('sends each with its own key and version, to whom it is proposed or to one for all', () => {
    const rows = [asked(1), asked(2, { department: null })]
    expect(rowsToSend('dispatch', rows, { rest: '8', all: '' }).map((one) => [one.version, one.fields.department])).toEqual([[1, '7'], [2, '8']])
    expect(rowsToSend('dispatch', rows, { rest: '', all: '9' }).map((one) => one.fields)).toEqual([{ department: '9' }, { department: '9' }])
    expect(rowsToSend('dispatch', rows, { rest: '', all: '' })[1]?.fields).toEqual({})
    expect(new Set(rowsToSend('urge', rows, { rest: '', all: '' }).map((one) => one.key)).size).toBe(2)
  })

  it('goes chunk by chunk, and can be stopped between two', async () => {
    const rows = rowsToSend('urge', Array.from({ length: 45 }, (_, at) => asked(at)), { rest: '', all: '' })
    const seen: number[] = []
    const post = vi.fn(async (_path: string, body: { rows: { case: string }[] }) => ({ results: body.rows.map((one) => told(one.case)) }))
    const api = { post } as unknown as ApiClient
    await sendAll(api, 'urge', rows, {}, (some) => seen.push(some.length), () => false)
    expect(seen).toEqual([20, 20, 5])
    seen.length = 0
    await sendAll(api, 'urge', rows, {}, (some) => seen.push(some.length), () => seen.length === 1)
    expect(seen).toEqual([20])
  })
})

describe('taking back', () => {
  const answer = (state: string): CaseDetail => ({ id: 'c', version: 4, assignments: [{ id: 'a', state }], actions: [{ action: 'withdraw', assignment: 'a' }, { action: 'withdraw', assignment: 'old' }, { action: 'urge', assignment: null }] }) as unknown as CaseDetail

  it('is possible only while nobody has begun', () => {
    expect(stepsBack('dispatch', answer('offered'))).toEqual([{ case: 'c', version: 4, action: 'withdraw', assignment: 'a' }])
    expect(stepsBack('dispatch', answer('handling'))).toEqual([])
    expect(stepsBack('accept', answer('offered'))).toEqual([])
  })

  it('is told from what a batch answered', () => {
    expect(backFrom([told('1', true, { back: [{ action: 'withdraw', assignment: 'a' }] }), told('2'), told('3', false)])).toEqual([{ case: '1', version: 5, action: 'withdraw', assignment: 'a' }])
  })

  it('takes two assignments of one case back one after the other, by the version in between', async () => {
    const sent: { rows: { case: string; version: number }[] }[] = []
    const api = {
      post: async (_path: string, body: (typeof sent)[number]) => {
        sent.push(body)
        return { results: body.rows.map((one) => told(one.case, one.case !== 'd', { version: one.version + 1 })) }
      },
    } as unknown as ApiClient
    const step = (of: string, assignment: string) => ({ case: of, version: 4, action: 'withdraw', assignment })
    keepUndo('派遣', [step('c', 'a'), step('c', 'b'), step('d', 'e')])
    const result = await takeBack(api, undoable.value!, '撤回')
    expect(sent.map((one) => one.rows.map((each) => [each.case, each.version]))).toEqual([[['c', 4], ['d', 4]], [['c', 5]]])
    expect(result).toEqual({ done: 2, refused: ['不行'] })
    expect(undoable.value).toBeNull()
  })

  it('keeps nothing where there is no way back', () => {
    expect(keepUndo('催办', [])).toBe(false)
    expect(undoable.value).toBeNull()
  })
})

describe('picking', () => {
  it('picks one, a stretch, all, and none under another filter', async () => {
    const rows = ref([row(1), row(2), row(3), row(4)])
    const filter = ref('todo')
    const { picked, toggle, reach, all, count } = effectScope().run(() => useSelection(rows, () => filter.value))!
    toggle('2')
    reach('4')
    expect([...picked.value]).toEqual(['2', '3', '4'])
    toggle('3')
    expect(count.value).toBe(2)
    all()
    expect(count.value).toBe(4)
    all()
    expect(count.value).toBe(0)
    toggle('1')
    filter.value = 'done'
    await nextTick()
    expect(count.value).toBe(0)
  })
})

it('reads the name of a file in any script', () => {
  expect(nameIn(`attachment; filename*=utf-8''%E4%BA%8B%E4%BB%B6_1.xlsx`)).toBe('事件_1.xlsx'.replace('事件', '\u4e8b\u4ef6'))
  expect(nameIn('attachment; filename="Cases_1.xlsx"')).toBe('Cases_1.xlsx')
})

describe('a list that hears of steps', () => {
  const asks: Record<string, number> = {}
  let took = 0
  let scope = effectScope()

  const api = {
    get: vi.fn(async (path: string) => {
      asks[path] = (asks[path] ?? 0) + 1
      if (took) await new Promise((done) => setTimeout(done, took))
      if (path === '/cases') return page(0, 20, null)
      return path === '/cases/counts' ? { tabs: {}, due: {}, more: [] } : { points: [], clustered: false, left_out: '' }
    }),
  } as unknown as ApiClient

  function listening(mapOn = true) {
    const news = reactive({ stamp: 0, items: [] as CaseEvent[] })
    const queue = scope.run(() => useQueue(api, ref({ tab: 'todo', sort: 'due' }), news, ref(mapOn)))!
    const tell = (id: string): void => {
      news.items = [{ id, at: String(news.stamp) } as CaseEvent, ...news.items]
      news.stamp += 1
    }
    return { queue, tell, news }
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    for (const path of Object.keys(asks)) delete asks[path]
    took = 0
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  it('loads once at first, and a row that is looked at anew within a second', async () => {
    const { queue, tell } = listening()
    await vi.advanceTimersByTimeAsync(0)
    expect(asks).toEqual({ '/cases': 1, '/cases/counts': 1, '/cases/map': 1 })
    queue.look(0, 15)
    tell('3')
    await vi.advanceTimersByTimeAsync(1000)
    expect(asks['/cases']).toBe(2)
  })

  it('waits a little with what happened elsewhere, and makes one refresh of a burst', async () => {
    const { queue, tell } = listening()
    await vi.advanceTimersByTimeAsync(0)
    queue.look(0, 15)
    for (let at = 0; at < 200; at += 1) {
      tell(`far-${at}`)
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(asks['/cases']).toBe(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(asks['/cases']).toBe(2)
  })

  it('never asks so often that asking takes a good part of the time', async () => {
    const { queue, tell } = listening()
    await vi.advanceTimersByTimeAsync(0)
    queue.look(0, 15)
    took = 1000
    for (let at = 0; at < 600; at += 1) {
      tell('3')
      await vi.advanceTimersByTimeAsync(100)
    }
    // A minute of steps in sight; each refresh takes two seconds (rows, then counts and map): at most one in fourteen.
    expect(asks['/cases']).toBeLessThanOrEqual(8)
    expect(asks['/cases']).toBeGreaterThanOrEqual(4)
    expect(asks['/cases/counts']).toBeLessThanOrEqual(8)
  })

  it('counts at most every five seconds, and once more at the end', async () => {
    const { queue, tell } = listening()
    await vi.advanceTimersByTimeAsync(0)
    queue.look(0, 15)
    for (let at = 0; at < 4; at += 1) {
      tell('3')
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(asks['/cases']).toBeGreaterThanOrEqual(3)
    expect(asks['/cases/counts']).toBe(1)
    await vi.advanceTimersByTimeAsync(6000)
    expect(asks['/cases/counts']).toBe(2)
  })

  it('leaves a hidden page alone until somebody looks', async () => {
    const { queue, tell } = listening()
    await vi.advanceTimersByTimeAsync(0)
    queue.look(0, 15)
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    for (let at = 0; at < 50; at += 1) {
      tell('3')
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(asks['/cases']).toBe(1)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(asks['/cases']).toBe(2)
    hidden.mockRestore()
  })

  it('asks for everything at once after a step of the reader’s own', async () => {
    const { queue } = listening()
    await vi.advanceTimersByTimeAsync(0)
    queue.refresh()
    await vi.advanceTimersByTimeAsync(700)
    expect(asks).toEqual({ '/cases': 2, '/cases/counts': 2, '/cases/map': 2 })
  })

  it('asks for no map nobody has open', async () => {
    listening(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(asks['/cases/map']).toBeUndefined()
  })
})
