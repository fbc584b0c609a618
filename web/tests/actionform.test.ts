import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import ActionForm from '@shared/actions/ActionForm.vue'
import { ApiClient } from '@shared/api/client'
import type { Offer, OfferField } from '@shared/api/types'
import { API, PLACE } from '@shared/app'
import en from '@locales/en.json'

const field = (name: string, kind: string, required = false, options: string[] = []): OfferField => ({
  name, kind, required, label: name, options: options.map((key) => ({ key, label: key })), max: null,
}) // prettier-ignore

const offer: Offer = {
  action: 'return_back',
  label: 'Return',
  assignment: 'a1',
  primary: false,
  fields: [field('reason', 'choice', true, ['not_ours', 'unclear']), field('words', 'text', true), field('limit', 'limit')],
}

const sent: { url: string; body: Record<string, unknown> }[] = []
let answers: Response[] = []

function form() {
  const fetcher = vi.fn(async (url: string, init: RequestInit) => {
    sent.push({ url, body: JSON.parse(String(init.body)) as Record<string, unknown> })
    const next = answers.shift()
    if (!next) throw new TypeError('no network')
    return next
  })
  const api = new ApiClient({ root: '/api/v1', language: () => 'en', fetch: fetcher as unknown as typeof fetch, wait: async () => undefined })
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en } as never })
  return mount(ActionForm, {
    props: { caseId: 'c1', version: 7, offer },
    global: { plugins: [createPinia(), i18n], provide: { [API as symbol]: api, [PLACE as symbol]: { prefix: '', base: '/worker/', api: '/api/v1' } } },
  })
}

async function fill(wrapper: ReturnType<typeof form>): Promise<void> {
  await wrapper.find('[data-field=reason] input[value=not_ours]').setValue(true)
  await wrapper.find('[data-field=words] textarea').setValue('Belongs to the water company')
}

describe('ActionForm', () => {
  beforeEach(() => {
    sent.length = 0
    answers = []
  })

  it('names what is missing and sends nothing', async () => {
    const wrapper = form()
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.findAll('[role=alert]')).toHaveLength(2)
    expect(sent).toHaveLength(0)
  })

  it('sends version, assignment, key and the filled fields, and hands the new case up', async () => {
    answers = [new Response(JSON.stringify({ id: 'c1', version: 8 }))]
    const wrapper = form()
    await fill(wrapper)
    await wrapper.find('[data-field=limit] input').setValue('4')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(sent[0]?.url).toBe('/api/v1/cases/c1/actions/return_back')
    expect(sent[0]?.body).toMatchObject({ version: 7, assignment: 'a1', reason: 'not_ours', words: 'Belongs to the water company', limit: '4working_hour' })
    expect(wrapper.emitted('done')?.[0]).toEqual([{ id: 'c1', version: 8 }])
  })

  it('keeps the words and the key when the network is gone, so that trying again cannot double it', async () => {
    const wrapper = form()
    await fill(wrapper)
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.find('[role=alert]').text()).toContain('did not answer')
    answers = [new Response(JSON.stringify({ id: 'c1' }))]
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(new Set(sent.map((one) => one.body.key)).size).toBe(1)
    expect((wrapper.find('textarea').element as HTMLTextAreaElement).value).toBe('Belongs to the water company')
  })

  it('puts the server’s complaint beside its field, and a new attempt gets a new key', async () => {
    answers = [
      new Response(JSON.stringify({ code: 'invalid', message: 'No', fields: [{ field: 'words', message: 'Say more' }] }), { status: 422 }),
      new Response(JSON.stringify({ id: 'c1' })),
    ]
    const wrapper = form()
    await fill(wrapper)
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.find('[data-field=words] [role=alert]').text()).toBe('Say more')
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(sent[0]?.body.key).not.toBe(sent[1]?.body.key)
  })

  it('hands a newer case up on a conflict', async () => {
    answers = [new Response(JSON.stringify({ code: 'conflict', message: 'Moved on', fields: [], current: { id: 'c1', version: 9 } }), { status: 409 })]
    const wrapper = form()
    await fill(wrapper)
    await wrapper.find('form').trigger('submit')
    await flushPromises()
    expect(wrapper.emitted('conflict')?.[0]).toEqual([{ id: 'c1', version: 9 }])
  })
})
