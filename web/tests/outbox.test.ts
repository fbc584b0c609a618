import { describe, expect, it, vi } from 'vitest'
import type { DraftPhoto } from '@shared/drafts/drafts'
import { Carrier, sha256, type Road } from '@shared/outbox/carry'
import { base64 } from '@shared/outbox/handOut'
import { fits, type Hand } from '@shared/outbox'
import { bodyOf, parcelOf, reason, type NewParcel, type Parcel, type ParcelPhoto, type Why } from '@shared/outbox/parcel'
import { judge } from '@shared/outbox/room'
import { Sender, type SenderParts, type SenderState } from '@shared/outbox/sender'
import type { Shelf } from '@shared/outbox/shelf'
import { backOff, verdict, type Reply, type Verdict } from '@shared/outbox/verdict'

const BY = { place: '/minhou/worker/', who: 'user:7', hat: '1', hatTitle: 'Worker' }

function parcel(key: string, over: Partial<NewParcel> = {}): Parcel {
  return parcelOf({ key, kind: 'report', title: key, path: '/cases', body: { words: key }, photos: [], deviceAt: '2026-03-02T01:00:00Z', ...over }, BY)
}

function photo(key: string, size: number, slot?: string): DraftPhoto {
  return { key, kind: 'near', type: 'image/jpeg', bytes: new Uint8Array(size).fill(7).buffer, takenAt: '2026-03-02T00:59:00Z', ...(slot ? { slot } : {}) }
}

const TAKEN: Verdict = { kind: 'taken', body: { id: 'c1', number: 'N1' } }
const LOST: Verdict = { kind: 'later', everybody: true, seconds: null }
const STUMBLED: Verdict = { kind: 'later', everybody: false, seconds: null }
const REFUSED: Verdict = { kind: 'refused', why: { status: 422, code: 'invalid', message: 'no', fields: [] } }

/** A shelf in memory, with the rules of the real one. */
class Memory implements Shelf {
  rows: Parcel[] = []
  held = new Map<string, ArrayBuffer>()

  put(one: Parcel, photos: DraftPhoto[] = []): void {
    this.rows.push({ ...one, seq: this.rows.length + 1 })
    for (const each of photos) this.held.set(each.key, each.bytes)
  }
  row(seq: number): Parcel {
    const found = this.rows.find((one) => one.seq === seq)
    if (!found) throw new Error(`no row ${seq}`)
    return found
  }
  async waiting(place: string): Promise<Parcel[]> {
    return this.rows.filter((row) => row.place === place && row.state === 'waiting').map((row) => structuredClone(row))
  }
  async bytes(key: string): Promise<ArrayBuffer | undefined> {
    return this.held.get(key)
  }
  async photo(seq: number, key: string, changes: Partial<ParcelPhoto>): Promise<void> {
    Object.assign(this.row(seq).photos.find((one) => one.key === key) ?? {}, changes)
  }
  async tried(seq: number): Promise<void> {
    this.row(seq).tries += 1
  }
  async rejected(seq: number, why: Why): Promise<void> {
    Object.assign(this.row(seq), { state: 'rejected', why })
  }
  async delivered(seq: number, answer: { id: string; number: string }): Promise<void> {
    Object.assign(this.row(seq), { state: 'sent', answer })
  }
}

function sending(answers: (one: Parcel) => Verdict, over: Partial<SenderParts> = {}) {
  const shelf = new Memory()
  const carried: string[] = []
  const states: SenderState[] = []
  const timers: { work: () => void; seconds: number }[] = []
  const sender = new Sender({
    place: BY.place,
    shelf,
    carry: async (one) => {
      carried.push(one.key)
      return answers(one)
    },
    alone: async (work) => {
      await work()
      return true
    },
    who: () => BY.who,
    fits: () => true,
    refresh: async () => true,
    chance: () => 0,
    later: (work, seconds) => {
      timers.push({ work, seconds })
      return () => undefined
    },
    onState: (state) => states.push(state),
    onDelivered: () => undefined,
    onRejected: () => undefined,
    ...over,
  })
  return { shelf, sender, carried, states, timers }
}

describe('verdict', () => {
  const reply = (status: number, body: unknown = null, retryAfter: number | null = null): Reply => ({ status, body, retryAfter })
  it.each([
    ['nothing came back', null, 'later'],
    ['created', reply(201, { id: '1' }), 'taken'],
    ['nothing to say', reply(204), 'taken'],
    ["a public network's own page", reply(200, null), 'later'],
    ['a refusal of ours', reply(422, { code: 'invalid', message: 'x' }), 'refused'],
    ['a conflict of ours', reply(409, { code: 'stale_version', message: 'x' }), 'refused'],
    ["a gateway's 403", reply(403, null), 'later'],
    ["a gateway's 404", reply(404, { error: 'no route' }), 'later'],
    ['signed out', reply(401, { code: 'not_signed_in', message: 'x' }), 'unsigned'],
    ['an old token', reply(403, { code: 'csrf', message: 'x' }), 'token'],
    ['not allowed', reply(403, { code: 'forbidden', message: 'x' }), 'refused'],
    ['too slow', reply(408, { code: 'x' }), 'later'],
    ['too early', reply(425, { code: 'x' }), 'later'],
    ['too often', reply(429, { code: 'too_many' }, 30), 'later'],
    ['broken', reply(500, { code: 'server_error' }), 'later'],
    ['away', reply(503), 'later'],
  ])('%s', (_what, given, kind) => expect(verdict(given).kind).toBe(kind))

  it('waits as long as it is told, and lets others pass after a fault that is one parcel’s own', () => {
    expect(verdict(reply(429, { code: 'too_many' }, 30))).toEqual({ kind: 'later', everybody: true, seconds: 30 })
    expect(verdict(reply(500, null))).toEqual({ kind: 'later', everybody: false, seconds: null })
  })
  it('backs off to a minute and not beyond', () => {
    expect([1, 2, 3, 6, 7, 50].map((failures) => backOff(failures, 0))).toEqual([1, 2, 4, 32, 60, 60])
    expect(backOff(1, 1)).toBeCloseTo(1.2)
  })
})

describe('a parcel', () => {
  it('is frozen, and its photos’ ids go where they belong', () => {
    const body = { words: 'x', on_the_spot: { words: 'y' } }
    const made = parcel('k', { body, photos: [photo('p1', 3), photo('p2', 4, 'on_the_spot.photos')] })
    body.words = 'changed later'
    made.photos[0]!.id = 'a'
    made.photos[1]!.id = 'b'
    expect(bodyOf(made)).toEqual({ words: 'x', key: 'k', device_at: '2026-03-02T01:00:00Z', photos: ['a'], on_the_spot: { words: 'y', photos: ['b'] } })
    expect(JSON.stringify(bodyOf(made))).toBe(JSON.stringify(bodyOf(made)))
  })
})

describe('Sender', () => {
  it('sends oldest first and keeps what the server said', async () => {
    const { shelf, sender, carried, states } = sending(() => TAKEN)
    for (const key of ['a', 'b', 'c']) shelf.put(parcel(key))
    await sender.kick()
    expect(carried).toEqual(['a', 'b', 'c'])
    expect(shelf.rows.map((row) => [row.state, row.answer?.number])).toEqual(Array(3).fill(['sent', 'N1']))
    expect(states.at(-1)).toBe('idle')
  })

  it('stops at the first silence, loses nothing and waits longer each time', async () => {
    const { shelf, sender, carried, timers } = sending(() => LOST)
    for (const key of ['a', 'b']) shelf.put(parcel(key))
    for (let round = 0; round < 3; round += 1) await sender.kick()
    expect(carried).toEqual(['a', 'a', 'a'])
    expect(shelf.rows.every((row) => row.state === 'waiting')).toBe(true)
    expect(timers.map((timer) => timer.seconds)).toEqual([1, 2, 4])
  })

  it('keeps a refused one with its reason and goes on with the rest', async () => {
    const { shelf, sender } = sending((one) => (one.key === 'a' ? REFUSED : TAKEN))
    for (const key of ['a', 'b']) shelf.put(parcel(key))
    await sender.kick()
    expect(shelf.rows.map((row) => row.state)).toEqual(['rejected', 'sent'])
    expect(shelf.rows[0]?.why?.message).toBe('no')
  })

  it('lets one bad parcel sit out, holds back what follows it in its case, and sends the rest', async () => {
    const { shelf, sender, carried, timers } = sending((one) => (one.key === 'bad' ? STUMBLED : TAKEN))
    shelf.put(parcel('bad', { caseId: 'c1' }))
    shelf.put(parcel('after', { caseId: 'c1' }))
    shelf.put(parcel('other', { caseId: 'c2' }))
    await sender.kick()
    expect(carried).toEqual(['bad', 'other'])
    shelf.put(parcel('new'))
    await sender.kick()
    expect(carried.slice(2)).toContain('new')
    expect(carried).not.toContain('after')
    expect(timers.length).toBeGreaterThan(0)
  })

  it('gives up the round when the server stumbles over several', async () => {
    const { shelf, sender, carried } = sending(() => STUMBLED)
    for (const key of ['a', 'b', 'c', 'd', 'e']) shelf.put(parcel(key))
    await sender.kick()
    expect(carried).toEqual(['a', 'b', 'c'])
  })

  it('keeps the queue when nobody is signed in, and sends it after the sign-in', async () => {
    let who = BY.who
    let signedIn = false
    const { shelf, sender, states } = sending(() => (signedIn ? TAKEN : { kind: 'unsigned' }), { who: () => who })
    shelf.put(parcel('a'))
    await sender.kick()
    expect(states.at(-1)).toBe('unsigned')
    who = ''
    await sender.kick()
    expect(shelf.rows[0]?.state).toBe('waiting')
    who = BY.who
    signedIn = true
    await sender.kick()
    expect(shelf.rows[0]?.state).toBe('sent')
  })

  it('gets a new token once, then says the same again', async () => {
    let token = 'old'
    const { shelf, sender, carried } = sending(() => (token === 'new' ? TAKEN : { kind: 'token' }), {
      refresh: async () => {
        token = 'new'
        return true
      },
    })
    shelf.put(parcel('a'))
    await sender.kick()
    expect(carried).toEqual(['a', 'a'])
    expect(shelf.rows[0]?.state).toBe('sent')
  })

  it('never sends what another person wrote, nor what waits for another position', async () => {
    const { shelf, sender, carried } = sending(() => TAKEN, { fits: (one) => one.hat === '1' })
    shelf.put({ ...parcel('his'), who: 'user:8' })
    shelf.put({ ...parcel('other hat'), hat: '2' })
    shelf.put(parcel('mine'))
    await sender.kick()
    expect(carried).toEqual(['mine'])
  })

  it('takes along what is put while it runs', async () => {
    const { shelf, sender, carried } = sending((one) => {
      if (one.key === 'a') shelf.put(parcel('b'))
      return TAKEN
    })
    shelf.put(parcel('a'))
    await sender.kick()
    expect(carried).toEqual(['a', 'b'])
  })

  it('leaves the work to another tab and looks again soon', async () => {
    const { shelf, sender, carried, timers } = sending(() => TAKEN, { alone: async () => false })
    shelf.put(parcel('a'))
    await sender.kick()
    expect(carried).toEqual([])
    expect(timers).toHaveLength(1)
  })

  it('goes on when the disk refuses for a moment', async () => {
    const { shelf, sender, timers } = sending(() => TAKEN)
    shelf.put(parcel('a'))
    vi.spyOn(shelf, 'waiting').mockRejectedValueOnce(new Error('disk'))
    await sender.kick()
    expect(timers).toHaveLength(1)
    await sender.kick()
    expect(shelf.rows[0]?.state).toBe('sent')
  })

  it('sends four hundred in their order whatever the clock says', async () => {
    const { shelf, sender, carried } = sending(() => TAKEN)
    const keys = Array.from({ length: 400 }, (_, n) => `k${n}`)
    keys.forEach((key, n) => shelf.put(parcel(key, { deviceAt: new Date(Date.UTC(2031, 0, 1) - n * 86_400_000).toISOString() })))
    await sender.kick()
    expect(carried).toEqual(keys)
  })
})

/** A server of uploads in memory; `cut` breaks the line after so many bytes of a request. */
function uploads(cuts: (number | null)[], finish: () => Reply = () => ({ status: 201, body: { id: 'photo-1' }, retryAfter: null })) {
  const have = new Map<string, number[]>()
  const asked: string[] = []
  const road: Road = {
    async ask(_method, path, body) {
      asked.push(path)
      const ok = (said: unknown, status = 200): Reply => ({ status, body: said, retryAfter: null })
      if (path === '/cases') return ok({ id: 'c1', number: 'N1', got: body }, 201)
      if (path === '/photos/uploads') {
        const { key } = body as { key: string }
        if (!have.has(key)) have.set(key, [])
        return ok({ offset: have.get(key)!.length, photo: null })
      }
      const key = path.split('/')[3]!
      const kept = have.get(key)!
      if (path.endsWith('/finish')) return finish()
      const offset = Number(path.split('offset=')[1])
      if (offset !== kept.length) return ok({ code: 'upload_offset', message: '', offset: kept.length }, 409)
      const cut = cuts.shift() ?? null
      const bytes = [...(body as Uint8Array)]
      for (const byte of cut === null ? bytes : bytes.slice(0, cut)) kept.push(byte)
      return cut === null ? ok({ offset: kept.length, photo: null }) : null
    },
  }
  return { road, have, asked }
}

describe('Carrier', () => {
  const size = 300_000
  async function tries(cuts: (number | null)[]) {
    const shelf = new Memory()
    const picture = photo('p1', size)
    shelf.put(parcel('a', { photos: [picture] }), [picture])
    const server = uploads(cuts)
    const carrier = new Carrier(shelf, server.road, () => 0)
    let said: Verdict = LOST
    let rounds = 0
    while (said.kind !== 'taken' && rounds < 30) {
      rounds += 1
      said = await carrier.carry((await shelf.waiting(BY.place))[0]!)
    }
    return { said, rounds, ...server, shelf }
  }

  it('uploads in pieces, then files with the photo’s id', async () => {
    const { said, rounds, have } = await tries([])
    expect(rounds).toBe(1)
    expect(have.get('p1')).toHaveLength(size)
    expect((said as unknown as { body: { got: { photos: string[] } } }).body.got.photos).toEqual(['photo-1'])
  })

  it('goes on at the very byte where the line broke', async () => {
    const { said, have, asked } = await tries([1, 0, 70_001, 16_383, null, 5])
    expect(said.kind).toBe('taken')
    expect(have.get('p1')).toHaveLength(size)
    const offsets = asked.filter((path) => path.includes('offset=')).map((path) => Number(path.split('offset=')[1]))
    // The third request arrived whole, only its answer did not: pieces had shrunk to 32 KB by then.
    expect(offsets.slice(0, 4)).toEqual([0, 1, 1, 32_769])
  })

  it('does not send a photo again that the server has', async () => {
    const { shelf, road, asked } = await tries([])
    const row = (await shelf.waiting(BY.place))[0]!
    const carrier = new Carrier(shelf, road, () => 0)
    asked.length = 0
    const answered: Road = { ask: async (...rest) => (rest[1] === '/photos/uploads' ? { status: 200, body: { offset: size, photo: { id: 'photo-1' } }, retryAfter: null } : road.ask(...rest)) }
    expect((await new Carrier(shelf, answered, () => 0).carry(row)).kind).toBe('taken')
    expect(asked).toEqual(['/cases'])
    expect((await carrier.carry(row)).kind).toBe('taken')
  })

  it('passes on a refused photo as the parcel’s own refusal', async () => {
    const shelf = new Memory()
    const picture = photo('p1', 10)
    shelf.put(parcel('a', { photos: [picture] }), [picture])
    const { road } = uploads([], () => ({ status: 415, body: { code: 'not_a_photo', message: 'not a picture' }, retryAfter: null }))
    const said = await new Carrier(shelf, road, () => 0).carry((await shelf.waiting(BY.place))[0]!)
    expect(said).toEqual({ kind: 'refused', why: { status: 415, code: 'not_a_photo', message: 'not a picture', fields: [] } })
  })

  it.each(['upload_offset', 'upload_damaged'])('waits, and refuses nothing, when the end of a photo is answered with %s', async (code) => {
    const shelf = new Memory()
    const picture = photo('p1', 10)
    shelf.put(parcel('a', { photos: [picture] }), [picture])
    const { road } = uploads([], () => ({ status: 409, body: { code, message: '', offset: 3 }, retryAfter: null }))
    const said = await new Carrier(shelf, road, () => 0).carry((await shelf.waiting(BY.place))[0]!)
    expect(said).toEqual({ kind: 'later', everybody: false, seconds: null })
  })

  it('waits when the server keeps standing elsewhere, for a request given up here still runs there', async () => {
    const shelf = new Memory()
    const picture = photo('p1', 10)
    shelf.put(parcel('a', { photos: [picture] }), [picture])
    const { road } = uploads([])
    let at = 0
    const moving: Road = { ask: async (...rest) => (rest[1].includes('offset=') ? { status: 409, body: { code: 'upload_offset', message: '', offset: (at += 1) }, retryAfter: null } : road.ask(...rest)) }
    const said = await new Carrier(shelf, moving, () => 0).carry((await shelf.waiting(BY.place))[0]!)
    expect(said).toEqual({ kind: 'later', everybody: false, seconds: null })
  })

  it('says so when a photo’s bytes are gone from the disk, instead of sending without it', async () => {
    const shelf = new Memory()
    shelf.put(parcel('a', { photos: [photo('p1', 10)] }))
    const said = await new Carrier(shelf, uploads([]).road, () => 0).carry((await shelf.waiting(BY.place))[0]!)
    expect(said.kind).toBe('refused')
  })
})

describe('a reason', () => {
  it('is the fields’ own words where there are some', () => {
    const field = { field: 'point', message: 'outside' }
    const why = { status: 422, code: 'bad_fields', message: 'some fields' }
    expect([reason({ ...why, fields: [field] }), reason({ ...why, fields: [] }), reason(null)]).toEqual(['outside', 'some fields', ''])
  })
})

describe('positions', () => {
  const hand: Hand = { who: 'user:7', hat: '1', hatTitle: '', hats: ['1', '2'] }
  it('a parcel waits for its own position while that is held', () => {
    expect([fits({ hat: '1' }, hand), fits({ hat: '2' }, hand), fits({ hat: '9' }, hand)]).toEqual([true, false, true])
  })
})

describe('room', () => {
  const MB = 1024 * 1024
  it.each([
    [0, 0, 0, 'fine'],
    [639 * MB, 0, 0, 'fine'],
    [641 * MB, 0, 0, 'near'],
    [800 * MB, 0, 0, 'full'],
    [41 * MB, 50 * MB, 100 * MB, 'near'],
    [50 * MB, 50 * MB, 100 * MB, 'full'],
    [1 * MB, 85 * MB, 100 * MB, 'near'],
  ])('%d queued, %d of %d used', (queued, used, quota, state) => expect(judge(queued, used, quota, null).state).toBe(state))
})

describe('bytes', () => {
  it('make the digest the server makes, and base64 of any length', async () => {
    expect(await sha256(new TextEncoder().encode('abc').buffer as ArrayBuffer)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    const long = new Uint8Array(100_000).map((_, at) => at % 251)
    expect(base64(long.buffer)).toBe(Buffer.from(long).toString('base64'))
  })
})
