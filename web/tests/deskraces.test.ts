/** Answers that come late, and what a reader did meanwhile. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ApiClient } from '@shared/api/client'
import type { CaseRow } from '@shared/api/types'
import { API, PLACE } from '@shared/app'
import type { CaseEvent } from '@shared/feed/feed'
import en from '@locales/en.json'
import desk from '../desk/locales/en.json'
import CaseDetail from '../desk/src/case/CaseDetail.vue'
import { useNext } from '../desk/src/case/useNext'
import { useMoves } from '../desk/src/case/useMoves'
import { useNews } from '../desk/src/news'
import NoticeRow from '../desk/src/notices/NoticeRow.vue'
import NoticesPage from '../desk/src/notices/NoticesPage.vue'
import CaseRows from '../desk/src/queue/CaseRows.vue'
import FilterBar from '../desk/src/queue/FilterBar.vue'
import type { Filters } from '../desk/src/queue/filters'
import GridPicker from '../desk/src/queue/GridPicker.vue'
import { takeBack } from '../desk/src/queue/undo'
import { useQueue } from '../desk/src/queue/useQueue'
import { useSelection } from '../desk/src/queue/useSelection'
import { useWords } from '../desk/src/queue/useWords'
import { useScreen } from '../desk/src/screen/useScreen'

type Answer = (value: unknown) => void
interface Asked { path: string; query: Record<string, unknown>; answer: Answer; refuse: Answer }
let asked: Asked[] = []
const ask = (path: string, query: unknown): Promise<unknown> => new Promise((answer, refuse) => asked.push({ path, query: (query ?? {}) as Record<string, unknown>, answer, refuse }))
const api = { get: ask, post: ask, asset: (path: string) => path } as unknown as ApiClient
/** Answers the oldest question about this path, or the one so many after it. */
async function answer(path: string, value: unknown, at = 0): Promise<void> {
  const one = asked.filter((question) => question.path === path)[at]
  if (!one) throw new Error(`nobody asked for ${path}`)
  asked = asked.filter((question) => question !== one)
  one.answer(value)
  await flushPromises()
}
const pinia = () => {
  const made = createPinia()
  setActivePinia(made)
  return made
}
function plugged() {
  const router = createRouter({ history: createMemoryHistory(), routes: ['queue/:id?', 'case/:id', 'print/:id'].map((path) => ({ path: `/${path}`, name: path.split('/')[0], component: { template: '<p/>' } })) })
  const i18n = createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false, messages: { en: { ...en, ...desk } } as never })
  return { plugins: [pinia(), i18n, router], provide: { [API as symbol]: api, [PLACE as symbol]: { base: '/desk', prefix: '' } } }
}

beforeEach(() => (asked = []))
afterEach(() => vi.useRealTimers())

describe('the list of another filter', () => {
  it('is not the last one’s when the server is away', async () => {
    const filters = ref<Filters>({ tab: 'todo', sort: 'due' })
    const queue = effectScope().run(() => useQueue(api, filters, { stamp: 0, items: [] }, ref(false)))!
    await answer('/cases', { items: [{ id: 'a' }], next: 'more', looked_to: null })
    filters.value = { tab: 'closed', sort: '-reported' }
    await nextTick()
    asked.find((one) => one.path === '/cases')?.refuse(new TypeError('away'))
    await flushPromises()
    expect([queue.rows.value, queue.next.value, Boolean(queue.error.value)]).toEqual([null, null, true])
  })
})

describe('what is picked', () => {
  it('is counted as far as it still stands in the list, in its order', () => {
    const rows = ref(['a', 'b', 'c'].map((id) => ({ id }) as CaseRow))
    const selection = effectScope().run(() => useSelection(rows, () => ''))!
    for (const id of ['c', 'a', 'b']) selection.toggle(id)
    rows.value = rows.value.filter((row) => row.id !== 'b')
    expect([selection.count.value, selection.here.value]).toEqual([2, ['a', 'c']])
  })
})

describe('taking back', () => {
  const steps = Array.from({ length: 45 }, (_, at) => ({ case: String(at), version: 1, action: 'withdraw', assignment: null }))
  const result = (row: { case: string }) => ({ case: row.case, done: true, message: '', version: 2 })

  it('goes in the same portions as the batch did', async () => {
    const sizes: number[] = []
    const post = async (_path: string, body: { rows: { case: string }[] }) => (sizes.push(body.rows.length), { results: body.rows.map(result) })
    expect(await takeBack({ post } as unknown as ApiClient, { what: '', steps }, 'words')).toMatchObject({ done: 45, refused: [] })
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20)
  })

  it('says what was done before the line broke', async () => {
    let turns = 0
    const post = async (_path: string, body: { rows: { case: string }[] }) => {
      turns += 1
      if (turns > 1) throw new TypeError('away')
      return { results: body.rows.map(result) }
    }
    expect(await takeBack({ post } as unknown as ApiClient, { what: '', steps }, 'words')).toMatchObject({ done: 20, problem: expect.any(TypeError) })
  })
})

describe('an open case', () => {
  const detail = (id: string, version: number) => ({ id, version, number: `N${id}`, title: `T${id}${version}`, status: 'left', status_word: '', due: { state: 'none', at: null, text: '' }, photos: [], chain: [], reporters: [], clocks: [], actions: [], guesses: [], near: [{ id: `${id}n`, title: '', number: '0001', status: '', distance_m: 3 }], assignments: [], timeline: [], lon: null, lat: null })
  const stubs = { CaseActions: true, Watermark: true, CaseTimeline: true, StatusChip: true, DueChip: true, CompareCases: { name: 'CompareCases', template: '<dialog class="compare" />' } }
  const open = (id: string) => mount(CaseDetail, { props: { id, stamp: 0 }, global: { ...plugged(), stubs } })

  it('keeps the answer to a step when an older look at it arrives after', async () => {
    const page = open('a')
    await answer('/cases/a', detail('a', 1))
    window.dispatchEvent(new Event('onegrid:locale'))
    page.findComponent({ name: 'CaseActions' }).vm.$emit('done', detail('a', 2), 'done')
    await answer('/cases/a', detail('a', 1))
    expect(page.find('h2').text()).toBe('Ta2')
    page.unmount()
  })

  it('puts away what was compared with the case before', async () => {
    const page = open('a')
    await answer('/cases/a', detail('a', 1))
    await page.find('[data-near]').trigger('click')
    expect(page.find('.compare').exists()).toBe(true)
    await page.setProps({ id: 'b' })
    await answer('/cases/b', detail('b', 1))
    expect(page.find('.compare').exists()).toBe(false)
    page.unmount()
  })

  it('is looked at again when it is named and when the feed was away, not for another', async () => {
    pinia()
    const news = useNews()
    const stamp = effectScope().run(() => useMoves(() => 'a'))!
    const tell = async (id: string) => (news.add({ id, at: id + news.stamp } as CaseEvent), await nextTick())
    await tell('b')
    expect(stamp.value).toBe(0)
    await tell('a')
    expect(stamp.value).toBe(1)
    news.poke()
    await nextTick()
    expect(stamp.value).toBe(2)
  })
})

describe('the filter', () => {
  function bar(filters: Filters) {
    const words = effectScope().run(() => useWords(api))!
    return mount(FilterBar, { props: { filters, mapOn: false, words, columns: [], sorts: [] }, global: { ...plugged(), stubs: { ColumnPicker: true, SearchSelect: true, GridPicker: true } } })
  }

  it('names the grid that is chosen now', async () => {
    const page = bar({ tab: 'all', sort: 'due', grid: '1' })
    await page.setProps({ filters: { tab: 'all', sort: 'due', grid: '2' } })
    await answer('/grids/2', { name: 'second' })
    await answer('/grids/1', { name: 'first' })
    expect(page.find('.active').text()).toContain('second')
  })

  it('leaves the field alone while somebody types on in it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const page = bar({ tab: 'all', sort: 'due' })
    const field = page.find<HTMLInputElement>('input[type=search]')
    await field.setValue('lamp ')
    vi.advanceTimersByTime(500)
    expect(page.emitted('change')).toEqual([[{ q: 'lamp' }]])
    await field.setValue('lamp out')
    await page.setProps({ filters: { tab: 'all', sort: '-reported', q: 'lamp' } })
    expect(field.element.value).toBe('lamp out')
    await page.setProps({ filters: { tab: 'all', sort: 'due' } })
    expect(field.element.value).toBe('')
  })

  it('fetches lists of matters and units when somebody is about to use them', async () => {
    const page = bar({ tab: 'all', sort: 'due' })
    expect(asked.map((one) => one.path)).toEqual([])
    await page.setProps({ filters: { tab: 'all', sort: 'due', matter: 'A' } })
    expect(asked.map((one) => one.path)).toEqual(['/matters'])
    await page.find('[aria-controls=filters]').trigger('click')
    expect(asked.map((one) => one.path)).toEqual(['/matters', '/departments'])
  })
})

describe('the picker of grids', () => {
  const grid = (id: string) => ({ id, name: id, scope_path: `r.${id}.`, level_title: '', chain: [] })
  const shown = (page: { findAll: (what: string) => { text: () => string }[] }) => page.findAll('.column .one').map((one) => one.text())

  it('stays with what was chosen while its columns were still asked for', async () => {
    const page = mount(GridPicker, { props: { modelValue: '', label: 'Grid', name: '' }, global: plugged(), attachTo: document.body })
    const open = () => page.find('.now').trigger('click')
    await open()
    await answer('/grids/root', { ...grid('top'), scope_path: 'r.' })
    await answer('/grids/top/children', { items: [grid('north'), grid('south')] })
    await open()
    await open()
    await page.findAll('.column .one')[1]!.trigger('click')
    await answer('/grids/root', { ...grid('top'), scope_path: 'r.' })
    await answer('/grids/north/children', { items: [grid('village')] })
    await answer('/grids/top/children', { items: [grid('north'), grid('south')] }).catch(() => undefined)
    expect(shown(page)).toEqual(['top', 'north', 'south', 'village'])
    page.unmount()
  })
})

describe('notices', () => {
  const notice = (id: string) => ({ id, title: id, place: '', state: 'current', for_staff: true, for_residents: false, positions: [], read: 1, reached: 3, valid_from: '2026-01-01T00:00:00Z' })

  it('go on once, however often more is asked for', async () => {
    const made = plugged()
    const { useSession } = await import('@shared/stores/session')
    vi.spyOn(useSession(), 'may').mockReturnValue(true)
    const page = mount(NoticesPage, { global: { ...made, stubs: { NoticeRow: { template: '<li class="one" />' } } } })
    await answer('/notices', { items: [notice('1')], next: 'two' })
    const more = page.findAll('button').find((one) => one.text() === en.common.more)!
    await more.trigger('click')
    await more.trigger('click')
    await answer('/notices', { items: [notice('2')], next: null })
    await answer('/notices', { items: [notice('2')], next: null }).catch(() => undefined)
    expect(page.findAll('.one')).toHaveLength(2)
  })

  it('never show who has read it under who has not', async () => {
    const page = mount(NoticeRow, { props: { notice: notice('1') as never }, global: plugged() })
    await page.find('.head').trigger('click')
    await answer('/notices/1/readers', { items: [{ name: 'Reader', position: '', place: '', at: null }], next: null })
    expect(page.text()).toContain('Reader')
    await page.findAll('.which button')[1]!.trigger('click')
    expect(page.text()).not.toContain('Reader')
  })
})

describe('the wall', () => {
  it('shows the map of the last zoom, not of the last answer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    const scope = effectScope()
    const screen = scope.run(() => useScreen(api, ref({ grid: '', days: 30 }), ref(0)))!
    await answer('/cases/map', { points: [], clustered: true, left_out: '' })
    screen.zoomed(11)
    screen.zoomed(12)
    await answer('/cases/map', { points: [{ id: 'twelve' }], clustered: true, left_out: '' }, 1)
    await answer('/cases/map', { points: [{ id: 'eleven' }], clustered: true, left_out: '' })
    expect(screen.points.value?.points).toEqual([{ id: 'twelve' }])
    scope.stop()
  })
})

describe('a row', () => {
  const one = (id: string) => ({ id, version: 1, title: id, status: 'x', status_word: '', severity: '', grid: { name: '' }, department: null, due: { state: 'none', at: null, text: '' }, reported_at: '2026-01-01T00:00:00Z' }) as unknown as CaseRow

  it('shows that it was picked with Shift held', async () => {
    const page = mount(CaseRows, {
      props: { rows: [one('a'), one('b')], at: -1, openId: '', fresh: new Set<string>(), chosen: [], picked: new Set<string>(), sort: '', sorts: [], scroller: null, ends: true, onPick: (id: string) => void page.setProps({ picked: new Set([id]) }) },
      global: { ...plugged(), stubs: { StatusChip: true, DueChip: true } },
      attachTo: document.body,
    })
    const tick = page.findAll<HTMLInputElement>('.body .tick input')[1]!
    tick.element.dispatchEvent(new MouseEvent('click', { shiftKey: true, bubbles: true, cancelable: true }))
    await nextTick()
    // A browser puts a prevented box back only after this; what is drawn before it would be undone.
    expect(page.emitted('pick')).toBeUndefined()
    await new Promise((done) => setTimeout(done))
    await flushPromises()
    expect([page.emitted('pick'), tick.element.checked]).toEqual([[['b', true]], true])
    page.unmount()
  })
})

describe('the next case', () => {
  it.each([[true, []], [false, ['b']]])('opens by itself, but not over a form that is being filled in (%s)', async (writes, opened) => {
    const rows = ref([{ id: 'a' }, { id: 'b' }] as CaseRow[])
    const seen: string[] = []
    const parts = { rows, openId: ref('a'), open: (id: string) => void seen.push(id), takeBack: () => undefined, writing: () => writes }
    const Page = { setup: () => (useNext(parts).acted({ id: 'a', number: '1', label: 'Accept' }), () => null) }
    mount(Page, { global: plugged() })
    rows.value = [{ id: 'b' }] as CaseRow[]
    await nextTick()
    expect(seen).toEqual(opened)
  })
})
