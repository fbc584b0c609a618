import { beforeEach, describe, expect, it, vi } from 'vitest'
import { missing, toBody, blankValue } from '@shared/actions/values'
import type { Due, OfferField } from '@shared/api/types'
import { codesHere, rememberCode } from '@shared/drafts/mine'
import { Feed } from '@shared/feed/feed'
import { preferredLocale, inLanguage } from '@shared/i18n'
import { inside, locate } from '@shared/map/position'
import { pointData } from '@shared/map/points'
import { placeOf } from '@shared/paths'
import { fitted } from '@shared/photos/downscale'
import { secondsLeft, stateNow } from '@shared/time/due'
import { dayOf, momentWords, spanWords } from '@shared/time/words'

describe('placeOf', () => {
  it.each([
    ['/minhou/worker/today', 'worker', '/minhou', '/minhou/worker/', '/minhou/api/v1'],
    ['/worker/', 'worker', '', '/worker/', '/api/v1'],
    ['/minhou/resident', 'resident', '/minhou', '/minhou/resident/', '/minhou/api/v1'],
    ['/minhou/desk/worker/x', 'desk', '/minhou', '/minhou/desk/', '/minhou/api/v1'],
  ] as const)('%s', (path, face, prefix, base, api) => {
    expect(placeOf(path, face)).toEqual({ prefix, base, api })
  })
})

describe('dayOf', () => {
  it('is the reader\'s own day, also between midnight and eight in China', () => {
    vi.stubEnv('TZ', 'Asia/Shanghai')
    expect(dayOf(Date.parse('2026-03-04T17:30:00Z'))).toBe('2026-03-05')
    vi.unstubAllEnvs()
  })
})

describe('spanWords', () => {
  it.each([
    [0, 'span.less', {}],
    [-5, 'span.less', {}],
    [59, 'span.less', {}],
    [60, 'span.m', { m: 1 }],
    [3599, 'span.m', { m: 59 }],
    [3600, 'span.h', { h: 1 }],
    [4800, 'span.hm', { h: 1, m: 20 }],
    [86_400, 'span.d', { d: 1 }],
    [93_600, 'span.dh', { d: 1, h: 2 }],
    [10 * 86_400 + 7200, 'span.d', { d: 10 }],
  ])('%d s', (seconds, key, values) => expect(spanWords(seconds)).toEqual({ key, values }))
})

describe('momentWords', () => {
  const now = new Date(2026, 2, 2, 0, 30).getTime()
  it.each([
    [new Date(2026, 2, 2, 23, 59), 'moment.today'],
    [new Date(2026, 2, 1, 23, 59), 'moment.yesterday'],
    [new Date(2026, 2, 3, 0, 0), 'moment.tomorrow'],
    [new Date(2026, 0, 5, 8, 5), 'moment.date'],
    [new Date(2025, 11, 31, 8, 5), 'moment.year'],
  ])('%s', (at, key) => expect(momentWords(at.toISOString(), now).key).toBe(key))

  it('pads the hour', () => expect(momentWords(new Date(2026, 2, 2, 8, 5).toISOString(), now).values.time).toBe('08:05'))
})

describe('due', () => {
  const due = (over: Partial<Due>): Due => ({ at: null, kind: '', kind_word: '', state: 'in_time', remaining_s: null, text: '', ...over })
  const now = Date.parse('2026-03-02T00:00:00Z')

  it('counts to the deadline itself, not from an old snapshot', () => {
    expect(secondsLeft(due({ at: '2026-03-02T01:00:00Z', remaining_s: 9999 }), now)).toBe(3600)
    expect(secondsLeft(due({ remaining_s: 42 }), now)).toBe(42)
  })
  it('shows overdue once the deadline has passed on this screen', () => {
    expect(stateNow(due({ at: '2026-03-01T23:59:59Z', state: 'due_soon' }), now)).toBe('overdue')
  })
  it('lets a paused clock stand', () => {
    expect(secondsLeft(due({ at: '2026-03-01T00:00:00Z', state: 'paused' }), now)).toBeNull()
    expect(stateNow(due({ at: '2026-03-01T00:00:00Z', state: 'paused' }), now)).toBe('paused')
  })
})

describe('an action form', () => {
  const field = (name: string, kind: string, required = false, options: string[] = []): OfferField => ({
    name, kind, required, label: name, options: options.map((key) => ({ key, label: key })), max: null,
  }) // prettier-ignore
  const fields = [field('words', 'text', true), field('photos', 'photos', true), field('limit', 'limit'), field('real', 'bool', true), field('evidence', 'choices', true, ['a', 'b'])]

  it('starts blank and names everything that is required', () => {
    const values = Object.fromEntries(fields.map((one) => [one.name, blankValue(one)]))
    expect(toBody(fields, values, [])).toEqual({})
    expect(missing(fields, {})).toEqual(['words', 'photos', 'real', 'evidence'])
  })
  it('keeps a no as an answer', () => expect(missing([field('real', 'bool', true)], { real: false })).toEqual([]))
  it('wants the whole checklist', () => {
    expect(missing([fields[4]!], { evidence: ['a'] })).toEqual(['evidence'])
    expect(missing([fields[4]!], { evidence: ['a', 'b'] })).toEqual([])
  })
  it('writes a limit as the server reads it and trims words', () => {
    const body = toBody(fields, { words: ' done ', limit: { amount: '4', unit: 'working_hour' }, real: false, evidence: [] }, ['p1'])
    expect(body).toEqual({ words: 'done', photos: ['p1'], limit: '4working_hour', real: false })
  })
})

describe('Feed', () => {
  class Source {
    static made: Source[] = []
    readyState = 1
    onopen: (() => void) | null = null
    onerror: (() => void) | null = null
    private readonly heard = new Map<string, (message: unknown) => void>()
    constructor(readonly url: string) {
      Source.made.push(this)
    }
    addEventListener(name: string, listener: (message: unknown) => void): void {
      this.heard.set(name, listener)
    }
    say(name: string, data: unknown, lastEventId = ''): void {
      this.heard.get(name)?.({ data: JSON.stringify(data), lastEventId })
    }
    close(): void {
      this.readyState = 2
    }
  }

  beforeEach(() => {
    Source.made = []
    vi.useFakeTimers()
  })

  function started() {
    const seen: string[] = []
    const onPoll = vi.fn()
    const feed = new Feed({ url: 'http://county.test/feed', onCase: (event) => seen.push(event.id), onPoll, makeSource: (url) => new Source(url) as unknown as EventSource })
    feed.start()
    return { feed, seen, onPoll }
  }

  it('goes stale when nothing is heard, and polls meanwhile', () => {
    const { feed, seen, onPoll } = started()
    Source.made[0]?.onopen?.()
    Source.made[0]?.say('case', { id: 'c1' }, '7')
    expect([feed.state.value, seen]).toEqual(['live', ['c1']])
    vi.advanceTimersByTime(60_000)
    expect(feed.state.value).toBe('stale')
    vi.advanceTimersByTime(30_000)
    expect(onPoll).toHaveBeenCalled()
    feed.stop()
  })

  it.each(['refresh', 'reset'])('loads anew once when told %s, and goes on from there', (word) => {
    const { feed, seen, onPoll } = started()
    const first = Source.made[0]!
    first.onopen?.()
    for (const number of [41, 42, 43]) first.say(word, { events: 300 }, String(number))
    expect(onPoll).not.toHaveBeenCalled()
    vi.advanceTimersByTime(5000)
    expect(onPoll).toHaveBeenCalledOnce()
    first.say('case', { id: 'c9' })
    expect([feed.state.value, seen]).toEqual(['live', ['c9']])
    first.readyState = 2
    first.onerror?.()
    vi.advanceTimersByTime(1500)
    expect(Source.made[1]?.url).toContain('last_event_id=43')
    feed.stop()
  })

  it('stays live as long as the server ticks', () => {
    const { feed } = started()
    Source.made[0]?.onopen?.()
    for (let round = 0; round < 8; round++) {
      vi.advanceTimersByTime(15_000)
      Source.made[0]?.say('tick', {})
    }
    expect(feed.state.value).toBe('live')
    feed.stop()
  })

  it('starts anew after the browser gave up, from the last event it saw, and catches up', () => {
    const { feed, onPoll } = started()
    const first = Source.made[0]!
    first.onopen?.()
    first.say('case', { id: 'c1' }, '7')
    first.readyState = 2
    first.onerror?.()
    vi.advanceTimersByTime(1500)
    expect(Source.made[1]?.url).toContain('last_event_id=7')
    Source.made[1]?.onopen?.()
    expect(feed.state.value).toBe('live')
    expect(onPoll).toHaveBeenCalledOnce()
    feed.stop()
    vi.useRealTimers()
  })
})

describe('small things', () => {
  it('fits a photo without enlarging it', () => {
    expect(fitted(4000, 3000)).toEqual({ width: 1600, height: 1200 })
    expect(fitted(800, 600)).toEqual({ width: 800, height: 600 })
    expect(fitted(10_000, 2)).toEqual({ width: 1600, height: 1 })
  })
  it('knows inside from outside', () => {
    expect(inside({ lon: 119, lat: 26 }, [118, 25, 120, 27])).toBe(true)
    expect(inside({ lon: 2, lat: 48 }, [118, 25, 120, 27])).toBe(false)
  })
  it('explains every way a position can fail', async () => {
    vi.stubGlobal('isSecureContext', true)
    const device = (code: number) => ({ getCurrentPosition: (_ok: unknown, no: (problem: { code: number }) => void) => no({ code }) }) as unknown as Geolocation
    expect((await locate(null, device(1))).kind).toBe('refused')
    expect((await locate(null, device(3))).kind).toBe('unavailable')
    expect((await locate(null, undefined)).kind).toBe('unavailable')
    vi.unstubAllGlobals()
  })
  it('takes Chinese unless every language of the browser is another', () => {
    const storage = { getItem: () => null } as unknown as Storage
    expect(preferredLocale(storage, ['en-US', 'zh-CN'])).toBe('zh-CN')
    expect(preferredLocale(storage, ['en-US'])).toBe('en')
    expect(preferredLocale(storage, [])).toBe('zh-CN')
    expect(preferredLocale({ getItem: () => 'en' } as unknown as Storage, ['zh-CN'])).toBe('en')
  })
  it('reads a bilingual name', () => {
    expect(inLanguage({ zh: 'Z', en: 'E' }, 'en')).toBe('E')
    expect(inLanguage({ zh: 'Z', en: '' }, 'en')).toBe('Z')
    expect(inLanguage(null, 'en')).toBe('')
  })
  it('remembers codes per locality, newest first, each once', () => {
    rememberCode('/a', 'one')
    rememberCode('/a', 'two')
    rememberCode('/a', 'one')
    rememberCode('/b', 'other')
    expect(codesHere('/a')).toEqual(['one', 'two'])
    localStorage.setItem('onegrid.codes/a', 'not json')
    expect(codesHere('/a')).toEqual([])
  })
  it('counts single dots as one', () => {
    expect(pointData([{ id: '1', lon: 1, lat: 2, state: 'overdue' }]).features[0]?.properties).toMatchObject({ count: 1, state: 'overdue' })
  })
})
