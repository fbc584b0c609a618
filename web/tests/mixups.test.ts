/** What must not be mixed up on a phone that several people, tabs and positions share, and what comes too late to count. */
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope, ref } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createI18n } from 'vue-i18n'
import { ApiClient } from '@shared/api/client'
import { API } from '@shared/app'
import { flushAll, useAutosave } from '@shared/drafts/autosave'
import * as drafts from '@shared/drafts/drafts'
import type { Located } from '@shared/map/position'
import PlacePicker from '@shared/map/PlacePicker.vue'
import { Sender, type SenderState } from '@shared/outbox/sender'
import { parcelOf, type Parcel } from '@shared/outbox/parcel'
import { room } from '@shared/outbox/room'
import { usePhotos } from '@shared/photos/usePhotos'
import en from '@locales/en.json'

const SIZES: Record<string, number> = { p: 3, 'p#actions': 4 }
vi.mock('@shared/drafts/drafts', () => ({ actionDrafts: (place: string) => `${place}#actions`, draftBytes: async (place: string) => SIZES[place] ?? 0, keepDraft: vi.fn(() => Promise.resolve()), dropDraft: vi.fn(() => Promise.resolve()) }))
vi.mock('@shared/outbox/shelf', () => ({ shelf: { unsent: async () => [{ photos: [{ size: 5 }] }] } }))
vi.mock('@shared/map/OgMap.vue', () => ({ default: { name: 'OgMap', emits: ['pick'], template: '<div><slot /></div>' } }))
const positions: ((found: Located) => void)[] = []
vi.mock('@shared/map/position', () => ({ locate: () => new Promise<Located>((done) => positions.push(done)) }))
const pictures: (() => void)[] = []
vi.mock('@shared/photos/downscale', () => ({
  PhotoRefused: class extends Error {},
  downscale: () => new Promise<Blob>((done) => pictures.push(() => done(new Blob(['small'])))),
}))

afterEach(() => vi.clearAllMocks())

describe('two people in two tabs', () => {
  /** The other tab signed somebody else in: the server refuses the old token, and the new one is his. */
  function other(next: string) {
    let here = 'user:7'
    const carried: string[] = []
    const states: SenderState[] = []
    const row: Parcel = { ...parcelOf({ key: 'a', kind: 'report', title: 'a', path: '/cases', body: {}, photos: [], deviceAt: '' }, { place: 'p', who: 'user:7', hat: '1', hatTitle: '' }), seq: 1 }
    const nothing = (): Promise<void> => Promise.resolve()
    const sender = new Sender({
      place: 'p',
      shelf: { waiting: async () => [row], bytes: async () => undefined, photo: nothing, tried: nothing, rejected: nothing, delivered: nothing },
      carry: async (one) => (carried.push(`${one.key} as ${here}`), here === 'user:7' ? { kind: 'token' } : { kind: 'taken', body: {} }),
      alone: (work) => work().then(() => true),
      who: () => here,
      fits: () => true,
      refresh: async () => ((here = next), true),
      chance: () => 0,
      later: () => () => undefined,
      onState: (state) => states.push(state),
      onDelivered: () => undefined,
      onRejected: () => undefined,
    })
    return { sender, carried, states }
  }

  it('what one wrote is not sent with the other one’s token', async () => {
    const { sender, carried, states } = other('user:8')
    await sender.kick()
    expect(carried).toEqual(['a as user:7'])
    expect(states.at(-1)).toBe('idle')
  })

  it('nor when nobody is signed in any more', async () => {
    const { sender, carried, states } = other('')
    await sender.kick()
    expect(carried).toEqual(['a as user:7'])
    expect(states.at(-1)).toBe('unsigned')
  })
})

describe('a place', () => {
  const answer = async (): Promise<Response> => new Response(JSON.stringify({ address: 'there', chains: [] }))

  function picker() {
    positions.length = 0
    const plugins = [createPinia(), createI18n({ legacy: false, locale: 'en', messages: { en } as never })]
    setActivePinia(plugins[0] as ReturnType<typeof createPinia>)
    const api = new ApiClient({ root: '', language: () => 'en', fetch: answer as unknown as typeof fetch })
    return mount(PlacePicker, { props: { modelValue: null }, global: { plugins, provide: { [API as symbol]: api } } })
  }

  const HERE: Located = { kind: 'here', point: { lon: 1, lat: 1 }, accuracy: 200 }

  it('that somebody tapped stays when the phone finds itself later', async () => {
    const box = picker()
    box.findComponent({ name: 'OgMap' }).vm.$emit('pick', { lon: 2, lat: 2 })
    positions[0]!(HERE)
    await flushPromises()
    expect(box.emitted('update:modelValue')).toEqual([[{ lon: 2, lat: 2 }]])
    expect(box.text()).not.toContain('200')
  })

  it('is the phone’s own when nobody tapped', async () => {
    const box = picker()
    positions[0]!(HERE)
    await flushPromises()
    expect(box.emitted('update:modelValue')).toEqual([[{ lon: 1, lat: 1 }]])
    expect(box.text()).toContain('200')
  })
})

describe('a draft the disk refused', () => {
  it('is kept at the next wish to change the version, once there is room', async () => {
    const scope = effectScope()
    const words = ref('hello')
    const draft = (): drafts.Draft => ({ key: 'd', place: 'p', words: words.value, lon: null, lat: null, address: '', matter: null, more: {}, photos: [], changedAt: 'now' })
    const saver = scope.run(() => useAutosave(async () => draft()))!
    vi.mocked(drafts.keepDraft).mockRejectedValueOnce(new Error('disk full'))
    await expect(saver.flush()).rejects.toThrow('disk full')
    expect(saver.failed.value).toBe(true)
    await flushAll()
    expect(vi.mocked(drafts.keepDraft)).toHaveBeenCalledTimes(2)
    expect([saver.failed.value, saver.keptAt.value]).toEqual([false, 'now'])
    scope.stop()
  })
})

it('room counts what waits, and drafts of reports and of actions', async () => {
  expect((await room('p')).queued).toBe(12)
})

describe('a photo', () => {
  it('that was still being made smaller does not come into the form begun anew', async () => {
    URL.createObjectURL = () => 'blob:x'
    URL.revokeObjectURL = () => undefined
    const scope = effectScope()
    const set = scope.run(() => usePhotos({} as ApiClient, 9, true))!
    const added = set.add([new File(['large'], 'a.jpg'), new File(['large'], 'b.jpg')], 'report')
    await vi.waitFor(() => expect(pictures).toHaveLength(1))
    set.clear()
    pictures[0]!()
    await added
    expect([set.photos.length, set.preparing.value, pictures.length]).toEqual([0, 0, 1])
    scope.stop()
  })
})
