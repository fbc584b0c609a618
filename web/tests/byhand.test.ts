/** What is written into the registers by hand: what the forms send, and what they refuse to send. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h, shallowRef, type Component } from 'vue'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { ApiClient } from '@shared/api/client'
import { ApiError, OfflineError } from '@shared/api/errors'
import type { Me } from '@shared/api/types'
import { API } from '@shared/app'
import { useSession } from '@shared/stores/session'
import en from '@locales/en.json'
import desk from '../desk/locales/en.json'
import { flashed } from '../desk/src/frame/flash'
import AddForm from '../desk/src/registers/AddForm.vue'
import AgreementsView from '../desk/src/registers/AgreementsView.vue'
import { fetchedOf, lastFetched, tellable } from '../desk/src/registers/agreeing'
import { additionOf, askedOf, homes, moveOf } from '../desk/src/registers/byhand'
import { pointed, withPoint } from '../desk/src/registers/edits'
import EraseForm from '../desk/src/registers/EraseForm.vue'
import MoveForm from '../desk/src/registers/MoveForm.vue'
import RevealDialog from '../desk/src/registers/RevealDialog.vue'
import SpotAsk from '../desk/src/registers/SpotAsk.vue'
import type { Field, Row } from '../desk/src/registers/shape'
import { provideKnown, type Known } from '../desk/src/registers/source'

const field = (key: string, more: Partial<Field> = {}): Field => ({ key, title: key, access: 'write', personal: false, form: 'text', options: [], sort: '', filter: '', ...more })
const row = (id: string, name: string): Row => ({ id, kind: 'residents', version: 1, title: name, line: '', household: '7', building: '3', cells: { name } })
const KNOWN: Known = {
  kinds: {
    residents: { fields: [field('name', { personal: true }), field('id_number', { personal: true, access: 'reveal' }), field('sex', { form: 'sex' }), field('since', { form: 'past' })], sorts: [], edits: true },
    households: { fields: [field('household'), field('people', { form: 'number' })], sorts: [], edits: true },
  },
  purposes: [],
}
const PEOPLE = [row('11', 'A*'), row('12', 'B*')]

interface Sent { path: string; body: Record<string, unknown>; key?: string }
let sent: Sent[] = []
let answers: unknown[] = []
let read: unknown[] = []
const api = {
  get: async () => read.shift() ?? { items: [] },
  post: async (path: string, body: Record<string, unknown>, options?: { key?: string }) => {
    sent.push({ path, body, key: options?.key })
    const next = answers.shift()
    if (next instanceof Error) throw next
    return next
  },
} as unknown as ApiClient
const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/registers/:view?/:id?', name: 'registers', component: { template: '<p/>' } }, { path: '/', component: { template: '<p/>' } }] })

/** A form on a page that knows what the reader may do. */
function form(what: Component, props: Record<string, unknown>, duties: string[] = [], known: Known = KNOWN) {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { kind: 'staff', name: '', hats: [{ id: 'h', duties }], hat: 'h' } as unknown as Me
  const i18n = createI18n({ legacy: false, locale: 'en', missingWarn: false, fallbackWarn: false, messages: { en: { ...en, ...desk } } as never })
  const page = defineComponent({
    setup: () => {
      provideKnown(shallowRef(known))
      return () => h(what, props)
    },
  })
  return mount(page, { global: { plugins: [pinia, i18n, router], stubs: { PlacePicker: true }, provide: { [API as symbol]: api } }, attachTo: document.body })
}
async function submit(page: ReturnType<typeof form>): Promise<void> {
  await page.find('form').trigger('submit')
  await flushPromises()
}

beforeEach(async () => {
  sent = []
  answers = []
  read = []
  flashed.value = null
  await router.push('/')
})

describe('somebody new', () => {
  it('is asked for what the reader sees; what he may not decide says that it waits', () => {
    expect(askedOf('residents', KNOWN.kinds.residents?.fields ?? []).map(({ key, waits }) => [key, waits])).toEqual([['name', false], ['sex', false], ['id_number', true], ['since', false]])
    expect(askedOf('households', KNOWN.kinds.households?.fields ?? []).map((one) => one.key)).toEqual(['household'])
  })
  it('is sent with what was written and nothing else, where it belongs', () => {
    expect(additionOf('residents', { household: '7' }, { name: ' A ', sex: '', since: '  ' }, '')).toEqual({ kind: 'residents', values: { name: 'A' }, household: 7 })
    expect(additionOf('households', { building: '3' }, {}, ' 301 ')).toEqual({ kind: 'households', values: {}, building: 3, label: '301' })
  })
  it('is added, and what waits is named; nothing typed stays behind', async () => {
    answers = [{ id: '13', state: 'applied', waiting: ['id_number'] }]
    const page = form(AddForm, { kind: 'residents', where: { household: '7' } })
    await page.find('[data-add=residents]').trigger('click')
    await page.find('#add-residents-name').setValue('Canary')
    await page.find('#add-residents-sex').setValue('2')
    await submit(page)
    expect(sent[0]).toMatchObject({ path: '/register/add', body: { kind: 'residents', values: { name: 'Canary', sex: '2' }, household: 7, source: 'desk' } })
    expect(sent[0]?.key).toBe(sent[0]?.body.key)
    expect(flashed.value?.text).toContain('id_number')
    await page.find('[data-add=residents]').trigger('click')
    expect((page.find('#add-residents-name').element as HTMLInputElement).value).toBe('')
    page.unmount()
  })
  it('is told what is wrong beside its field, and keeps what was written', async () => {
    answers = [new ApiError(422, 'invalid', 'No', [{ field: 'values.name', message: 'Write a name' }])]
    const page = form(AddForm, { kind: 'residents', where: { household: '7' } })
    await page.find('[data-add=residents]').trigger('click')
    await page.find('#add-residents-since').setValue('2026-01-02')
    await submit(page)
    expect(page.findAll('[role=alert]').map((one) => one.text())).toEqual(['Write a name'])
    expect((page.find('#add-residents-since').element as HTMLInputElement).value).toBe('2026-01-02')
    page.unmount()
  })
  it('as a household leads to its page; nobody who may not add is offered to', async () => {
    answers = [{ id: '70', state: 'applied', waiting: [] }]
    const page = form(AddForm, { kind: 'households', where: { building: '3' } })
    await page.find('[data-add=households]').trigger('click')
    await page.find('#add-label').setValue('301')
    await submit(page)
    expect(sent[0]?.body).toMatchObject({ kind: 'households', building: 3, label: '301', values: {} })
    expect(router.currentRoute.value.params).toEqual({ view: 'household', id: '70' })
    page.unmount()
    const other = form(AddForm, { kind: 'dwellings', where: { building: '3' } })
    expect(other.find('button').exists()).toBe(false)
    other.unmount()
  })
})

describe('a move', () => {
  it('goes to one place: a household, this door, or another one', () => {
    expect(moveOf(['11', '12'], 'join', '5', '8', '2026-03-01')).toEqual({ residents: [11, 12], household: 8, on: '2026-03-01' })
    expect(moveOf(['11'], 'split', '5', '', '2026-03-01')).toEqual({ residents: [11], dwelling: 5, on: '2026-03-01' })
    expect(moveOf(['11'], 'door', '5', '9', '2026-03-01')).toEqual({ residents: [11], dwelling: 9, on: '2026-03-01' })
    expect([moveOf([], 'split', '5', '', 'x'), moveOf(['11'], 'join', '5', '', 'x')]).toEqual([null, null])
  })
  it('finds each household once, by itself or by who lives there, and never the one they leave', async () => {
    const hit = (id: string, kind: string, household: string | null, title: string) => ({ id, kind, household, title, line: '' })
    answers = [{ groups: [{ items: [hit('8', 'households', '8', 'Door 8'), hit('7', 'households', '7', 'Door 7')] }, { items: [hit('90', 'residents', '8', 'C*'), hit('91', 'residents', '9', 'D*')] }] }, { groups: [{ items: [hit('5', 'dwellings', null, 'Door'), hit('6', 'dwellings', null, 'Other')] }] }]
    expect((await homes(api, 'join', 'words', '7')).map((one) => one.title)).toEqual(['Door 8', 'D*'])
    expect((await homes(api, 'door', 'words', '5')).map((one) => one.id)).toEqual(['6'])
    expect(sent.map((one) => one.body.kinds)).toEqual([['households', 'residents'], ['dwellings']])
  })
  it('asks for who and where first, leaves somebody behind when it splits, and leads to where they live now', async () => {
    const page = form(MoveForm, { residents: PEOPLE, household: '7', dwelling: '5' })
    await page.find('.move-begin').trigger('click')
    const trouble = (): string => page.find('[role=alert]').text()
    await submit(page)
    expect(trouble()).toBe(desk.registers.depart.needed)
    await page.find('.move fieldset .quiet').trigger('click')
    await submit(page)
    expect(trouble()).toBe(desk.registers.move.place_needed)
    await page.find('input[value=split]').trigger('change')
    await submit(page)
    expect(trouble()).toBe(desk.registers.move.all_split)
    expect(sent).toEqual([])
    await page.find('input[value="11"]').setValue(false)
    answers = [new OfflineError('no'), { id: '71', state: 'applied', waiting: [] }]
    await submit(page)
    await submit(page)
    expect(sent[0]?.body).toMatchObject({ residents: [12], dwelling: 5, source: 'desk' })
    expect(sent[1]?.body).toEqual(sent[0]?.body)
    expect(router.currentRoute.value.params).toEqual({ view: 'household', id: '71' })
    page.unmount()
  })
  it('is offered only to who may say since when somebody lives somewhere', () => {
    const fields = [field('since', { access: 'masked' })]
    const page = form(MoveForm, { residents: PEOPLE, household: '7', dwelling: '5' }, [], { kinds: { residents: { fields, sorts: [], edits: true } }, purposes: [] })
    expect(page.find('button').exists()).toBe(false)
    page.unmount()
  })
})

describe('erasing somebody', () => {
  it('is for who administers', () => {
    const page = form(EraseForm, { row: row('11', 'A*') }, ['triage'])
    expect(page.find('button').exists()).toBe(false)
    page.unmount()
  })
  it('says what goes, and needs a reason and the number of the entry', async () => {
    let done = 0
    const page = form(EraseForm, { row: row('11', 'A*'), onDone: () => (done += 1) }, ['administer'])
    await page.find('.erase-begin').trigger('click')
    await flushPromises()
    expect(page.findAll('.goes li')).toHaveLength(4)
    await submit(page)
    expect(page.findAll('[role=alert]')).toHaveLength(2)
    await page.find('#erase-reason').setValue('Case 7')
    await page.find('#erase-typed').setValue('12')
    await submit(page)
    expect([page.findAll('[role=alert]').length, sent.length]).toEqual([1, 0])
    await page.find('#erase-typed').setValue(' 11 ')
    answers = [new OfflineError('no'), new ApiError(404, 'not_found', 'Gone', [])]
    await submit(page)
    expect(done).toBe(0)
    await submit(page)
    expect([done, sent.map((one) => [one.path, one.body])]).toEqual([1, Array(2).fill(['/register/residents/11/erase', { reason: 'Case 7' }])])
    page.unmount()
  })
  it('of somebody who is not there any more is not taken for done', async () => {
    const page = form(EraseForm, { row: row('11', 'A*') }, ['administer'])
    await page.find('.erase-begin').trigger('click')
    await flushPromises()
    await page.find('#erase-reason').setValue('Case 7')
    await page.find('#erase-typed').setValue('11')
    answers = [new ApiError(404, 'not_found', 'Gone', [])]
    await submit(page)
    expect(page.findAll('[role=alert]')).toHaveLength(1)
    expect(flashed.value).toBeNull()
    page.unmount()
  })
})

const PLACES: Known = {
  kinds: {
    buildings: { fields: [field('name'), field('levels', { form: 'number' }), field('units', { form: 'number' }), field('lon', { form: 'degrees' }), field('lat', { form: 'degrees' })], sorts: [], edits: true },
    premises: { fields: [field('name'), field('organisation'), field('phone', { personal: true, access: 'masked' })], sorts: [], edits: true },
  },
  purposes: [{ key: 'door', title: 'Door', kinds: ['residents'] }],
}
const POINT = { lon: 119.1, lat: 26.1 }
const known = (id: string) => ({ id, kind: 'buildings', version: 1, title: `B ${id}`, line: '', household: null, building: id, cells: {}, grid: { id: '5', name: 'G' } })

describe('a place by hand', () => {
  it('is sent with its point: as values of what keeps it, else to find the grid by', () => {
    expect(additionOf('buildings', { point: POINT }, { name: 'A' }, '')).toEqual({ kind: 'buildings', values: { name: 'A', ...POINT } })
    expect(additionOf('organisations', { point: POINT }, { name: 'A' }, '')).toEqual({ kind: 'organisations', values: { name: 'A' }, ...POINT })
    expect(additionOf('premises', { building: '3' }, { name: 'A' }, '')).toEqual({ kind: 'premises', values: { name: 'A' }, building: 3 })
  })
  it('is not sent without a place, and what looks like it is shown first', async () => {
    const page = form(AddForm, { kind: 'buildings', begun: true }, [], PLACES)
    expect((page.find('#add-buildings-levels').element as HTMLInputElement).value).toBe('1')
    await page.find('#add-buildings-name').setValue('Street 1')
    await submit(page)
    expect([sent.length, page.findAll('[role=alert]').length]).toEqual([0, 1])
    page.findComponent(SpotAsk).vm.$emit('update:modelValue', { point: POINT })
    answers = [{ items: [known('7')] }, { id: '9', state: 'applied', waiting: [] }]
    await submit(page)
    expect(sent.map((one) => one.path)).toEqual(['/register/alike'])
    expect(sent[0]?.body).toEqual({ kind: 'buildings', values: { name: 'Street 1' }, ...POINT })
    expect(page.find('[data-alike="7"]').text()).toContain('B 7')
    await submit(page)
    expect(sent[1]).toMatchObject({ path: '/register/add', body: { kind: 'buildings', values: { name: 'Street 1', levels: '1', units: '1', ...POINT } } })
    expect(page.findComponent(AddForm).emitted('done')).toEqual([['9']])
    page.unmount()
  })
  it('is looked for again when it is called otherwise', async () => {
    const page = form(AddForm, { kind: 'premises', where: { building: '3' } }, [], PLACES)
    await page.find('[data-add=premises]').trigger('click')
    await page.find('#add-premises-name').setValue('One')
    answers = [{ items: [known('7')] }, { items: [] }, { id: '9', state: 'applied', waiting: [] }]
    await submit(page)
    await page.find('#add-premises-name').setValue('Two')
    await submit(page)
    expect(sent.map((one) => one.path)).toEqual(['/register/alike', '/register/alike', '/register/add'])
    page.unmount()
  })
  it('is moved by its point alone, and left alone by the same one', () => {
    const standing = { ...row('3', 'A'), kind: 'buildings' as const, cells: { ...POINT } }
    const nothing = { seen: {}, wanted: {} }
    expect(pointed('buildings', PLACES.kinds.buildings?.fields ?? [])).toBe(true)
    expect(pointed('organisations', PLACES.kinds.buildings?.fields ?? [])).toBe(false)
    expect(withPoint(nothing, standing, POINT)).toBe(nothing)
    expect(withPoint(nothing, standing, { lon: 119.2, lat: 26.1 })).toEqual({ seen: POINT, wanted: { lon: 119.2, lat: 26.1 } })
  })
})

describe('what others are told', () => {
  const day = (kind: string, rows: number, last_at: string) => ({ day: last_at.slice(0, 10), kind, rows, last_at })
  const fetched = [day('residents', 5, '2026-03-02T01:00:00Z'), day('buildings', 9, '2026-03-01T01:00:00Z'), day('residents', 2, '2026-03-01T01:00:00Z')] as never
  const one = { id: '4', name: 'Health', unit: 'Bureau', purpose: 'door', scope_path: 'r.', place: 'County', fields: { residents: ['name'] }, created_at: '2026-03-01T00:00:00Z', revoked_at: null, fetched }
  it('is summed by kind, and nobody offers what he may not see whole', () => {
    expect(fetchedOf({ fetched })).toEqual([{ kind: 'buildings', rows: 9 }, { kind: 'residents', rows: 7 }])
    expect([lastFetched({ fetched }), lastFetched({ fetched: [] })]).toEqual(['2026-03-02T01:00:00Z', ''])
    expect(tellable([field('grid'), field('name'), field('phone', { personal: true, access: 'masked' })]).map((it) => it.key)).toEqual(['name'])
  })
  it('is ended after a second press, by whoever administers', async () => {
    read = [{ items: [one] }, { items: [] }]
    const page = form(AgreementsView, { grid: '', place: 'County' }, ['administer'], PLACES)
    await flushPromises()
    expect(page.text()).toContain('Health')
    await page.find('.end').trigger('click')
    expect(sent).toEqual([])
    await page.find('.end-sure').trigger('click')
    await flushPromises()
    expect(sent.map((it) => it.path)).toEqual(['/register/agreements/4/revoke'])
    page.unmount()
    read = [{ items: [one] }]
    const auditor = form(AgreementsView, { grid: '', place: 'County' }, ['audit'], PLACES)
    await flushPromises()
    expect([auditor.find('.end').exists(), auditor.find('.agree-begin').exists()]).toEqual([false, false])
    auditor.unmount()
  })
})

describe('a look at a whole value', () => {
  it('says what is left of the day, and is not offered when nothing is', async () => {
    HTMLDialogElement.prototype.showModal ??= () => undefined
    for (const [left, may] of [[3, true], [0, false]] as const) {
      read = [{ left, daily: 200 }]
      const page = form(RevealDialog, { kind: 'residents', rowId: '1', field: field('phone', { personal: true }) }, [], PLACES)
      await flushPromises()
      expect(page.find('.left').text()).toContain('200')
      expect(page.find('button[type=submit]').attributes('disabled') === undefined).toBe(may)
      page.unmount()
    }
  })
})
