/** Signing out of the worker's app never leaves unsent work behind, however young the page is. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { createMemoryHistory, createRouter } from 'vue-router'
import { ApiClient } from '@shared/api/client'
import { startOutbox } from '@shared/outbox'
import type { Me } from '@shared/api/types'
import { useSession } from '@shared/stores/session'
import MePage from '../worker/src/pages/MePage.vue'
import common from '@locales/en.json'
import own from '../worker/locales/en.json'

const disk: { who: string; state: string }[] = []
/** The disk answers a question put to it; the rows it tells pages about by itself come later. */
vi.mock('@shared/outbox/shelf', () => ({
  shelf: { unsent: async () => disk.filter((row) => row.state !== 'sent'), watch: () => ({ subscribe: () => ({ unsubscribe: () => undefined }) }), waiting: async () => [], keys: async () => [] },
}))
vi.mock('@shared/drafts/drafts', () => ({ actionDrafts: (place: string) => `${place}#actions`, draftLines: async () => [], dropDraft: vi.fn() }))

afterEach(() => void disk.splice(0))

async function leave(): Promise<{ text: string; asked: string[] }> {
  const asked: string[] = []
  const pinia = createPinia()
  setActivePinia(pinia)
  const api = new ApiClient({
    root: '',
    language: () => 'en',
    fetch: (async (path: string, init?: RequestInit) => (asked.push(`${init?.method ?? 'GET'} ${path}`), new Response('{"kind":"anonymous","hats":[]}'))) as typeof fetch,
  })
  const session = useSession()
  session.bind(api)
  session.$patch({ me: { kind: 'staff', person: 'user:7', name: 'A', hats: [] } as unknown as Me })
  startOutbox({ api, place: 'p', hand: () => ({ who: 'user:7', hat: '', hatTitle: '', hats: [] }), refresh: async () => undefined, signedOut: () => undefined })
  const router = createRouter({ history: createMemoryHistory(), routes: ['me', 'boxes', 'signin'].map((name) => ({ path: `/${name}`, name, component: MePage })) })
  await router.push('/me')
  const i18n = createI18n({ legacy: false, locale: 'en', messages: { en: { ...common, ...own } } as never })
  const page = mount(MePage, { global: { plugins: [pinia, i18n, router] } })
  await page.findAll('button.row').at(-1)!.trigger('click')
  await flushPromises()
  return { text: page.text(), asked }
}

it('asks the disk, not a page that has not read it yet', async () => {
  disk.push({ who: 'user:7', state: 'waiting' }, { who: 'user:7', state: 'rejected' })
  const { text, asked } = await leave()
  expect(asked.filter((one) => one.startsWith('DELETE'))).toEqual([])
  expect(text).toContain('2 not sent yet')
})

it('is not held back by what somebody else wrote, nor by what has gone', async () => {
  disk.push({ who: 'user:8', state: 'waiting' }, { who: 'user:7', state: 'sent' })
  expect((await leave()).asked.filter((one) => one.startsWith('DELETE'))).toHaveLength(1)
})
