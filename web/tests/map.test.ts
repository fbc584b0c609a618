import { effectScope, nextTick } from 'vue'
import { mount } from '@vue/test-utils'
import { createI18n } from 'vue-i18n'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiClient } from '@shared/api/client'
import { useFeed } from '@shared/feed/feed'
import type { MapAbout } from '@shared/map/api'
import { breaksOf, figureWords, RAMPS, shade } from '@shared/map/choropleth'
import { FrameWatch, SLOW_MS } from '@shared/map/frames'
import { ASK_MS, forgetMapVersion, mapVersion, tellMapVersion, useMapVersion } from '@shared/map/live'
import { PARTS, pointData, ringCounts, ringParts, STATES } from '@shared/map/points'
import { quietStyle, tileAddress } from '@shared/map/style'
import { daysOf, dragged, played, playWidth } from '../desk/src/map/brush'
import { cornersOf, filterOf, MOST_DAYS, queryOf, queueOf, stateOf, withinOf, type MapState } from '../desk/src/map/state'
import TimeBrush from '../desk/src/map/TimeBrush.vue'
import { levelAt } from '../desk/src/map/useMapData'
import { sameView } from '../desk/src/map/useView'

const TODAY = '2026-11-21'

describe('the address of the map', () => {
  const rich: MapState = {
    at: { lon: 119.13, lat: 26.15, zoom: 13.5, bearing: -20 }, upright: true, measure: 'overdue', level: '.village', layers: ['cases', 'care'], shown: 'open',
    from: '2026-10-01', to: '2026-11-10', part: ['2026-10-03', '2026-10-05'], within: '119,26;119.1,26;119.1,26.1', grid: '12', card: '34', open: '',
  } // prettier-ignore

  it('holds the whole view, and reading it gives the view back', () => expect(stateOf(queryOf(rich, TODAY), TODAY)).toEqual(rich))
  it('is blank for the usual view', () => expect(queryOf(stateOf({}, TODAY), TODAY)).toEqual({}))
  it('tells no colour and no layer from the usual ones', () => {
    const bare = { ...stateOf({}, TODAY), measure: '', layers: [] }
    expect(stateOf(queryOf(bare, TODAY), TODAY)).toEqual(bare)
  })
  it.each([
    [{ at: '119,26' }, { at: null }],
    [{ at: 'x,y,z' }, { at: null }],
    [{ at: '119,99,12' }, { at: null }],
    [{ from: '2026-11-20', to: '2026-11-01' }, { from: '2026-10-03', to: '2026-11-01' }],
    [{ from: '1999-01-01' }, { from: '2026-10-23', to: TODAY }],
    [{ to: '2031-01-01' }, { to: TODAY }],
    [{ part: '2026-01-01_2026-01-02' }, { part: null }],
    [{ part: '2026-11-05_2026-11-04' }, { part: null }],
    [{ within: '1,2;3,4' }, { within: '' }],
    [{ within: '1,2;3,x;5,6' }, { within: '' }],
    [{ card: "1'--", layers: 'cases,spies', shown: 'none' }, { card: '', layers: ['cases'], shown: 'all' }],
  ])('leaves out what makes no sense: %o', (query, found) => expect(stateOf(query as never, TODAY)).toMatchObject(found))

  it('asks the queue for exactly what is shown', () => {
    expect(queueOf(rich)).toEqual({ tab: 'all', measure: 'open', within: rich.within, grid: '12', day_from: '2026-10-03', day_to: '2026-10-05' })
    expect(filterOf({ shown: 'over', within: '', grid: '' })).toEqual({ tab: 'all', due: 'over' })
  })

  it('keeps a drawn area within what the server takes, closed or not', () => {
    const ring = Array.from({ length: 500 }, (_, at) => [119 + Math.cos(at / 80) / 10, 26 + Math.sin(at / 80) / 10])
    const corners = cornersOf(withinOf([...ring, ring[0]!]))
    expect(corners.length).toBe(80)
    expect(Math.max(...corners.map(([lon]) => lon))).toBeCloseTo(119.1, 2)
    expect(withinOf([[1, 2], [3, 4], [5, 6], [1, 2]])).toBe('1.00000,2.00000;3.00000,4.00000;5.00000,6.00000')
    expect(withinOf([[1, 2], [1, 2.0000001], [1, 2], [1, 2]])).toBe('')
  }) // prettier-ignore

  it('knows a view that has not moved', () => {
    expect(sameView(rich.at, { ...rich.at!, lon: 119.1300000001 })).toBe(true)
    expect(sameView(rich.at, { ...rich.at!, zoom: 13.6 })).toBe(false)
    expect([sameView(null, null), sameView(null, rich.at)]).toEqual([true, false])
  })
})

describe('the brush', () => {
  const days = daysOf('2026-02-26', '2026-03-03')

  it('knows the days across a month', () => expect(days).toEqual(['2026-02-26', '2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02', '2026-03-03']))
  it('knows every day of the longest period once', () => expect(new Set(daysOf('2025-11-20', TODAY)).size).toBe(MOST_DAYS + 1))
  it.each([
    ['new', 4, 1, [1, 4]],
    ['new', 2, 2, [2, 2]],
    ['new', -3, 99, [0, 5]],
    ['both', 1, 3, [3, 4]],
    ['both', 1, 99, [4, 5]],
    ['both', 1, -99, [0, 1]],
    ['from', 1, 99, [2, 2]],
    ['from', 1, 0, [0, 2]],
    ['to', 2, 0, [1, 1]],
    ['to', 2, 99, [1, 5]],
  ] as const)('dragged by %s from %d to %d', (grip, start, now, [from, to]) => {
    expect(dragged(days, [days[1]!, days[2]!], grip, start, now)).toEqual([days[from], days[to]])
  })
  it('plays from the first day to the last and begins anew', () => {
    let part: readonly [string, string] | null = null
    const seen = Array.from({ length: 6 }, () => (part = played(days, part, 2)).join('_'))
    expect(seen.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((at) => `${days[at]}_${days[at + 1]}`))
    expect(seen[5]).toBe(seen[0])
  })
  it('plays as much at once as was chosen, else by the length of the period', () => {
    expect(playWidth(days, [days[1]!, days[3]!])).toBe(3)
    expect([playWidth(days, null), playWidth(daysOf('2026-10-23', TODAY), null), playWidth(daysOf('2026-08-24', TODAY), null)]).toEqual([1, 3, 7])
  })

  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: {} }, missingWarn: false, fallbackWarn: false })
  const counts = { items: days.map((day, n) => ({ day, n })), total: 15 }
  const shown = () => mount(TimeBrush, { props: { from: days[0]!, to: days[5]!, today: TODAY, part: [days[1]!, days[2]!], counts }, global: { plugins: [i18n] } })

  it('moves its ends by keys and tells the whole period as none', async () => {
    const page = shown()
    await page.find('.grip.from').trigger('keydown', { key: 'ArrowLeft' })
    expect(page.emitted('part')?.[0]).toEqual([[days[0], days[2]]])
    await page.setProps({ part: [days[0]!, days[4]!] })
    await page.find('.grip.to').trigger('keydown', { key: 'ArrowRight' })
    expect(page.emitted('part')?.[1]).toEqual([null])
    expect(page.find('.grip.to').attributes()).toMatchObject({ 'aria-valuemax': '5', 'aria-valuenow': '4' })
  })

  it('steps while it plays and stops with the page', async () => {
    vi.useFakeTimers()
    const page = shown()
    await page.find('.play').trigger('click')
    vi.advanceTimersByTime(1500)
    expect(page.emitted('part')?.map(([part]) => part)).toEqual([[days[0], days[1]], [days[2], days[3]], [days[2], days[3]]])
    page.unmount()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  }) // prettier-ignore
})

describe('grids by a figure', () => {
  const items = (numbers: (number | null)[]) => numbers.map((n, at) => ({ grid: String(at), n }))

  it('gives zero a class of its own and the others about as many grids each', () => {
    const found = shade(items([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]), 'plain')
    expect(found.classes.map(({ from, to, grids }) => [from, to, grids])).toEqual([[0, 0, 3], [1, 2, 2], [3, 4, 2], [5, 6, 2], [7, 8, 2]])
  }) // prettier-ignore
  it('never puts equal numbers into two classes, and colours every known grid', () => {
    for (const numbers of [[5], [5, 5, 5, 5], [0, 0], [1, 1, 1, 2], [0.1, 0.5, 0.5, 0.9], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]]) {
      const found = shade(items(numbers), 'alarm')
      const colours = new Map<number, string>()
      for (const [at, n] of numbers.entries()) {
        const colour = found.colours.get(String(at))!
        expect(RAMPS.alarm).toContain(colour)
        expect(colours.get(n) ?? colour).toBe(colour)
        colours.set(n, colour)
      }
      const order = [...colours].sort(([one], [other]) => one - other).map(([, colour]) => RAMPS.alarm.indexOf(colour))
      expect(order).toEqual([...order].sort((one, other) => one - other))
      expect(found.classes.reduce((sum, one) => sum + one.grids, 0)).toBe(numbers.length)
    }
  })
  it('counts what is not known apart and colours it not at all', () => {
    const found = shade(items([null, 3, null]), 'plain')
    expect([found.unknown, found.colours.has('0'), found.colours.has('1')]).toEqual([2, false, true])
    expect(shade([], 'plain')).toEqual({ classes: [], colours: new Map(), unknown: 0 })
    expect(breaksOf([])).toEqual([])
    // One grid at half among ten at all: it has a colour of its own.
    expect(breaksOf([0.5, ...Array<number>(10).fill(1)])).toEqual([0.5, 1])
    expect(breaksOf([0, 0, 3, 3, 3, 3, 3, 3, 3, 9])).toEqual([0, 3, 9])
    expect(breaksOf(Array.from({ length: 100 }, (_, at) => at + 1))).toEqual([20, 40, 60, 80, 100])
  })
  it('writes shares as percent', () => expect([figureWords(0.915, 'share', 'en'), figureWords(12345, 'count', 'en'), figureWords(null, 'count', 'en')]).toEqual(['91.5%', '12,345', '–']))

  const level = (key: string, from_zoom: number, to_zoom: number, scheme = '') => ({ key: `${scheme}.${key}`, scheme, level: key, title: key, grids: 1, from_zoom, to_zoom })
  const about = { levels: [level('county', 6, 9), level('town', 10, 11), level('village', 12, 14), level('cell', 15, 18, 'ten')] } as MapAbout
  it.each([[8, 'county'], [10.7, 'town'], [12, 'village'], [18, 'village'], [3, 'county']] as const)('takes the divisions that are drawn at zoom %d', (zoom, key) => expect(levelAt(about, zoom, '')).toBe(`.${key}`))
  it('takes the level that is chosen', () => expect([levelAt(about, 8, 'ten.cell'), levelAt(null, 8, '')]).toEqual(['ten.cell', '']))
})

describe('cases together', () => {
  it('shows every state that occurs, and the parts make the whole', () => {
    for (const counts of [[1, 0, 0, 0, 0, 9999], [1, 1, 1, 1, 1, 1], [3, 3, 3, 0, 0, 0], [16, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 2]]) {
      const parts = ringParts(counts)
      expect(parts.reduce((sum, n) => sum + n, 0)).toBe(PARTS)
      for (const [at, n] of counts.entries()) expect(parts[at]! > 0).toBe(n > 0)
    }
    expect(ringParts(STATES.map(() => 0))).toEqual(STATES.map(() => 0))
  })
  it('reads the counts from the name of the picture', () => expect([ringCounts('ring:1,0,15,0,0,0'), ringCounts('pin')]).toEqual([[1, 0, 15, 0, 0, 0], null]))
  it('counts one that stands for many as many', () => expect(pointData([{ id: '', lon: 1, lat: 2, state: 'none', count: 7 }]).features[0]!.properties).toMatchObject({ count: 7, chosen: false }))
})

describe('3D', () => {
  const run = (frames: number[]): boolean => {
    const watch = new FrameWatch()
    let now = 1000
    return [watch.drawn(now), ...frames.map((ms) => watch.drawn((now += ms)))].some(Boolean)
  }

  it('gives up where frames keep taking too long', () => expect(run([500, 400, 120, 130, 110])).toBe(true))
  it('forgives the first frames and a hiccup', () => expect(run([900, 900, 16, 16, 300, 16, 16, 16, 16, 16, 250, 16, 16, 16])).toBe(false))
  it('takes a limit for a limit', () => expect(run([10, 10, ...Array<number>(20).fill(SLOW_MS)])).toBe(false))
  it('counts no pause as a frame', () => expect(run([10, 10, 6000, 6000, 6000, 6000])).toBe(false))
  it('begins anew after the map has stood still', () => {
    const watch = new FrameWatch()
    for (const now of [0, 10, 20]) watch.drawn(now)
    watch.rest()
    expect(watch.drawn(4000)).toBe(false)
  })
})

describe('the style', () => {
  const options = { tiles: 'https://county.test/api/v1/tiles', version: 7 }
  const base = { name: 'Ground', tiles: ['https://t0.test/{z}/{x}/{y}'], tile_size: 256, min_zoom: 1, max_zoom: 18, attribution: 'Survey', labels: [] }

  it('asks for one level of the grids only', () => {
    expect(tileAddress({ ...options, level: 'ten.cell' }, 'grids')).toBe('https://county.test/api/v1/tiles/grids/{z}/{x}/{y}.mvt?v=7&level=ten.cell')
    expect(tileAddress({ ...options, level: 'ten.cell' }, 'base')).toBe('https://county.test/api/v1/tiles/base/{z}/{x}/{y}.mvt?v=7')
  })
  it('draws its own ground, or the picture of it that the settings name, never both', () => {
    const own = quietStyle(options).layers.map((one) => one.id)
    const picture = quietStyle({ ...options, base })
    expect(own).toContain('water')
    expect(own).not.toContain('picture')
    expect(picture.layers.map((one) => one.id).slice(0, 3)).toEqual(['ground', 'picture', 'grid-fill'])
    const named = quietStyle({ ...options, base: { ...base, labels: ['https://t0.test/names/{z}/{x}/{y}'] } }).layers.map((one) => one.id)
    expect(named.slice(1, 3)).toEqual(['picture', 'picture-names'])
    expect(picture.sources.ground).toMatchObject({ type: 'raster', attribution: 'Survey' })
  })
  it('draws every layer from a source it has, labels on top', () => {
    for (const style of [quietStyle(options), quietStyle({ ...options, dark: true, base })]) {
      for (const layer of style.layers) if ('source' in layer) expect(Object.keys(style.sources)).toContain(layer.source)
      expect(style.layers.at(-1)!.id).toBe('building-label')
    }
  })
})

describe('the version of the map', () => {
  const seen: string[] = []
  let known = 3
  const answer = async (url: RequestInfo | URL): Promise<Response> => {
    seen.push(String(url))
    return new Response(JSON.stringify({ version: known }), { headers: { 'Content-Type': 'application/json' } })
  }
  const api = new ApiClient({ root: '/api/v1', language: () => 'en', fetch: answer })

  beforeEach(() => {
    vi.useFakeTimers()
    forgetMapVersion()
    seen.length = 0
  })
  afterEach(() => vi.useRealTimers())

  it('is asked for where nobody tells it, and no more once the map is gone', async () => {
    const scope = effectScope()
    const version = scope.run(() => useMapVersion(api))!
    await vi.advanceTimersByTimeAsync(ASK_MS)
    expect([version.value, seen]).toEqual([3, ['/api/v1/map/version']])
    known = 4
    await vi.advanceTimersByTimeAsync(ASK_MS)
    expect(version.value).toBe(4)
    scope.stop()
    await vi.advanceTimersByTimeAsync(10 * ASK_MS)
    expect(seen).toHaveLength(2)
  })

  it('never goes back', () => {
    tellMapVersion(9)
    tellMapVersion(5)
    expect(mapVersion.value).toBe(9)
  })

  it('is told by the live feed, and then not asked for until the feed is gone', async () => {
    const heard = new Map<string, (message: unknown) => void>()
    const source = { readyState: 1, onopen: null as (() => void) | null, onerror: null as (() => void) | null, addEventListener: (name: string, listener: (message: unknown) => void) => heard.set(name, listener), close: () => undefined }
    const scope = effectScope()
    const other = effectScope()
    scope.run(() => useFeed({ url: 'http://county.test/feed', onCase: () => undefined, onPoll: () => undefined, makeSource: () => source as unknown as EventSource }))
    other.run(() => useMapVersion(api))
    source.onopen?.()
    heard.get('map.changed')?.({ data: JSON.stringify({ version: 12 }) })
    await nextTick()
    expect(mapVersion.value).toBe(12)
    await vi.advanceTimersByTimeAsync(5 * ASK_MS)
    expect(seen).toEqual([])
    scope.stop()
    await vi.advanceTimersByTimeAsync(ASK_MS)
    expect(seen).toHaveLength(1)
    other.stop()
  })
})
