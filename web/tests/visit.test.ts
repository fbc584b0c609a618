/** A visit at the door: what is sent of it, and what becomes of it when somebody else was faster. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '@shared/api/client'
import { ApiError, OfflineError } from '@shared/api/errors'
import type { CareLine, CareSheet } from '@shared/api/types'
import { verdict } from '@shared/outbox/verdict'
import { dueState, useCares } from '../worker/src/care/care'
import type { Cupboard } from '../worker/src/people/folders'
import { blank, bodyOf, clashesOf, isEmpty, keyOf, leave, mine, settle, visitOf, want, wantedOf, type Clash } from '../worker/src/people/visit'

const ROW = { kind: 'residents', id: '7', version: 3 } as const
const PHONE = { ...ROW, field: 'phone', title: 'Phone', seen: '139****1111', current: '139****2222', wanted: '139****3333', unit: 'A' } satisfies Clash & { version: number }

describe('a visit', () => {
  it('holds what differs and what it was seen as; put back it is empty again', () => {
    let visit = want(blank('1'), ROW, 'phone', '139****1111', '13900003333')
    visit = want(visit, ROW, 'relation', 'head', 'spouse')
    expect(visit.changes).toEqual([{ ...ROW, seen: { phone: '139****1111', relation: 'head' }, wanted: { phone: '13900003333', relation: 'spouse' } }])
    visit = want(visit, ROW, 'relation', 'head', 'head')
    expect(visit.changes).toEqual([{ ...ROW, seen: { phone: '139****1111' }, wanted: { phone: '13900003333' } }])
    expect(isEmpty(want(visit, ROW, 'phone', '139****1111', '139****1111'))).toBe(true)
  })

  it('empties a number nobody uses, and takes that back', () => {
    const visit = want(blank('1'), ROW, 'phone', '139****1111', '')
    expect(visit.changes).toEqual([{ ...ROW, seen: { phone: '139****1111' }, wanted: { phone: '' } }])
    expect(wantedOf(visit, 'residents', '7', 'phone')).toBe('')
    expect(isEmpty(want(visit, ROW, 'phone', '139****1111', '139****1111'))).toBe(true)
  })

  it('knows who leaves and who after all does not', () => {
    const visit = leave(blank('1'), '7', { on: '2026-03-02', how: 'moved' })
    expect(visit.left).toEqual([{ id: '7', on: '2026-03-02', how: 'moved' }])
    expect(isEmpty(leave(visit, '7', null))).toBe(true)
  })

  it('tells of a newcomer only what is known, and comes back from its parcel as it was', () => {
    const visit = { ...blank(null, { building: '3', label: '2-301' }), joined: [{ name: 'N', phone: '', sex: 1, since: null }] }
    const body = bodyOf(visit)
    expect(body.joined).toEqual([{ name: 'N', sex: 1 }])
    expect(visitOf({ ...body, photos: [], key: 'k' })).toEqual({ household: null, at: { building: '3', label: '2-301' }, changes: [], joined: [{ name: 'N', sex: 1 }], left: [] })
  })
})

describe('a clash', () => {
  const written = want(want(blank('1'), ROW, 'phone', '139****1111', '13900003333'), ROW, 'relation', 'head', 'spouse')
  const versions = { 'residents.7': 5 }

  it('comes out of the answer whole, and the parcel keeps it', () => {
    const said = verdict({ status: 409, retryAfter: null, body: { code: 'register_conflict', message: 'm', fields: [], request_id: 'x', conflicts: [PHONE], versions } })
    if (said.kind !== 'refused') throw new Error(said.kind)
    expect(said.why.more).toEqual({ conflicts: [PHONE], versions })
    expect(clashesOf(said.why.more)).toHaveLength(1)
    expect(clashesOf(undefined)).toEqual([])
  })

  it('shows what I wrote whole, though the answer carries it masked', () => {
    expect(mine(written, PHONE)).toBe('13900003333')
  })

  it('settled as mine is wanted against what stands there now, at the version it has now', () => {
    const next = settle(written, [PHONE], versions, { [keyOf(PHONE)]: 'mine' })
    expect(next.changes).toEqual([{ ...ROW, version: 5, seen: { phone: '139****2222', relation: 'head' }, wanted: { phone: '13900003333', relation: 'spouse' } }])
    expect(written.changes[0]?.version).toBe(3)
  })

  it('settled as theirs leaves the field and keeps the rest; with nothing left there is nothing to send', () => {
    const next = settle(written, [PHONE], versions, { [keyOf(PHONE)]: 'theirs' })
    expect(wantedOf(next, 'residents', '7', 'phone')).toBeUndefined()
    expect(wantedOf(next, 'residents', '7', 'relation')).toBe('spouse')
    const only = want(blank('1'), ROW, 'phone', '139****1111', '13900003333')
    expect(isEmpty(settle(only, [PHONE], versions, { [keyOf(PHONE)]: 'theirs' }))).toBe(true)
  })

  it('not decided counts as theirs, so nothing is written over unseen', () => {
    expect(wantedOf(settle(written, [PHONE], versions, {}), 'residents', '7', 'phone')).toBeUndefined()
  })
})

/** A care register with plans, and a count of what was read. */
class Server {
  asked: string[] = []
  refuse: Error | null = null

  constructor(public there: CareSheet[]) {}

  get = (path: string): Promise<unknown> => {
    this.asked.push(path)
    if (this.refuse) return Promise.reject(this.refuse)
    if (path === '/care') return Promise.resolve({ items: this.there.map(({ plan: _plan, ...line }) => line), next: null, today: '2026-03-02', needs: [{ key: 'a', title: 'A' }] })
    return Promise.resolve(this.there.find((one) => path === `/care/${one.id}`))
  }

  get api(): ApiClient {
    return this as unknown as ApiClient
  }
}

function sheet(id: string, version: number, due = '2026-03-02'): CareSheet {
  const line: CareLine = { id, version, resident: id, name: 'X*', sex: 2, born: 1941, needs: ['a'], every_days: 7, next_due: due, household: '1', house: 'H', label: '1' }
  return { ...line, plan: `plan ${id} ${version}`, begun_on: '2026-03-01', helpers: [], visits: [] }
}

function cupboard(): Cupboard & { held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    keep: (name, value) => Promise.resolve(void held.set(name, JSON.stringify(value))),
    open: <T>(name: string) => Promise.resolve(held.has(name) ? (JSON.parse(held.get(name)!) as T) : undefined),
    drop: (name) => Promise.resolve(void held.delete(name)),
  }
}

describe('care', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('reads a plan once for each version, and is the same after a restart without a network', async () => {
    const server = new Server([sheet('1', 1), sheet('2', 1)])
    const held = cupboard()
    await useCares().pull(server.api, held, 5)
    expect(server.asked).toEqual(['/care', '/care/1', '/care/2'])
    server.there = [sheet('1', 1), sheet('3', 1)]
    server.asked = []
    await useCares().pull(server.api, held, 6)
    expect(server.asked).toEqual(['/care', '/care/3'])
    expect([...held.held.keys()].sort()).toEqual(['care 1', 'care 3', 'cares'])

    setActivePinia(createPinia())
    const again = useCares()
    await again.load(held)
    server.refuse = new OfflineError('cut')
    await again.pull(server.api, held, 7)
    expect((await again.open(server.api, held, '3')).plan).toBe('plan 3 1')
    expect(again.items.map((one) => one.id)).toEqual(['1', '3'])
  })

  it('reads no plan ahead while nothing can be kept', async () => {
    const server = new Server([sheet('1', 1)])
    await useCares().pull(server.api, null, 5)
    expect(server.asked).toEqual(['/care'])
  })

  it('shows nothing any more to whoever may not see it', async () => {
    const server = new Server([sheet('1', 1)])
    const cares = useCares()
    await cares.pull(server.api, cupboard(), 5)
    server.refuse = new ApiError(403, 'forbidden', '')
    await cares.pull(server.api, cupboard(), 6)
    expect([cares.items, cares.sheets, cares.allowed]).toEqual([[], {}, false])
  })

  it('counts what is due', async () => {
    const server = new Server([sheet('1', 1, '2026-03-01'), sheet('2', 1, '2026-03-02'), sheet('3', 1, '2026-03-03')])
    const cares = useCares()
    await cares.pull(server.api, null, 5)
    expect(cares.due('2026-03-02')).toHaveLength(2)
    expect(['2026-03-01', '2026-03-02', '2026-03-03'].map((day) => dueState(day, '2026-03-02'))).toEqual(['late', 'today', 'later'])
  })
})
