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
import { additionOf, askedOf, homes, moveOf } from '../desk/src/registers/byhand'
import EraseForm from '../desk/src/registers/EraseForm.vue'
import MoveForm from '../desk/src/registers/MoveForm.vue'
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
const api = {
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
  return mount(page, { global: { plugins: [pinia, i18n, router], provide: { [API as symbol]: api } }, attachTo: document.body })
}
async function submit(page: ReturnType<typeof form>): Promise<void> {
  await page.find('form').trigger('submit')
  await flushPromises()
}

beforeEach(async () => {
  sent = []
  answers = []
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
