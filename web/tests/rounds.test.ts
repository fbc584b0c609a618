/** A team's rounds: what is offered, what is drawn, and that nothing of the answer is lost or invented. */
import { describe, expect, it } from 'vitest'
import type { CaseRow } from '@shared/api/types'
import { boundsOf, colourOf, COLOURS, drawn, keyOf, MINUTES, offered, walksOf, type Ground } from '../desk/src/map/rounds/rounds'

const walker = (key: string, lon: number) => ({ key, name: key, title: '', place: '', lon, lat: 26 })
const ground: Ground = {
  grid: { id: '1', name: '一片' },
  today: '2026-11-21',
  walkers: [walker('a', 119), walker('b', 119.2)],
  care: [{ id: '5', lon: 119.1, lat: 26.1, words: '前街1号', due: '2026-11-20', state: 'late' }],
  doors: [{ id: '7', lon: 119.05, lat: 26.05, words: '后街2号', households: 90 }, { id: '8', lon: 119.06, lat: 26.05, words: '后街3号', households: 2 }],
  doors_offered: true,
} // prettier-ignore
const cases = [{ id: 'c1', title: '路灯不亮', place: '一片', lon: 119.02, lat: 26.02 }, { id: 'c2', title: '无处', place: '', lon: null, lat: null }] as CaseRow[]

describe('what a round can be made of', () => {
  const choice = offered(ground, cases)
  it('leaves out what has no place', () => expect(choice.case.map(keyOf)).toEqual(['case c1']))
  it('takes time by doors, within a working day', () => expect(choice.building.map((one) => one.minutes)).toEqual([MINUTES.most, 2 * MINUTES.door]))
  it('offers no care to whoever may not see it', () => expect(offered({ ...ground, care: null }, []).care).toEqual([]))
  it('offers nothing of nothing', () => expect(offered(null, [])).toEqual({ care: [], case: [], building: [] }))
})

describe('the walks', () => {
  const all = [...offered(ground, cases).care, ...offered(ground, cases).case, ...offered(ground, cases).building]
  const planned = { rounds: [{ walker: 'a', stops: ['case c1', 'building 7'], metres: 900, minutes: 100 }, { walker: 'b', stops: [], metres: 0, minutes: 0 }], left: ['care 5'], metres: 900 }
  const walks = walksOf(planned, all, ground.walkers)
  it('belong to who has something to do, in the order to walk', () => expect(walks.map((one) => [one.walker.key, one.stops.map(keyOf), one.metres])).toEqual([['a', ['case c1', 'building 7'], 900]]))
  it('begin and end where the walker is, every stop with its number', () => {
    const [line, ...points] = drawn(walks, '').features
    expect(line!.geometry).toEqual({ type: 'LineString', coordinates: [[119, 26], [119.02, 26.02], [119.05, 26.05], [119, 26]] })
    expect(points.map((one) => one.properties!.nth)).toEqual([1, 2])
  }) // prettier-ignore
  it('are quiet beside the one that stands out', () => expect(['', 'a', 'b'].map((loud) => drawn(walks, loud).features[0]!.properties!.quiet)).toEqual([false, false, true]))
  it('are all in the window', () => expect([boundsOf(walks), boundsOf([])]).toEqual([[119, 26, 119.05, 26.05], null]))
  it('have as many colours as there are', () => expect([colourOf(0), colourOf(COLOURS.length)]).toEqual([COLOURS[0], COLOURS[0]]))
})
