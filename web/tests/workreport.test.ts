/** A worker's report: what was picked is sent, also what the phone is still making smaller when the button is pressed. */
import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { Draft } from '@shared/drafts/drafts'
import type { NewParcel } from '@shared/outbox'

const parcels: NewParcel[] = []
vi.mock('@shared/outbox', () => ({ put: (parcel: NewParcel) => Promise.resolve(void parcels.push(parcel)) }))

const kept: Draft[] = []
let found: Draft | undefined
vi.mock('@shared/drafts/drafts', () => ({ readDraft: () => Promise.resolve(found), keepDraft: (draft: Draft) => Promise.resolve(void kept.push(draft)), dropDraft: () => Promise.resolve() }))

/** Each picture takes as long as on a cheap phone. */
const made: (() => void)[] = []
vi.mock('@shared/photos/downscale', () => ({
  PhotoRefused: class extends Error {},
  downscale: () => new Promise<Blob>((done) => made.push(() => done(new Blob(['small'], { type: 'image/jpeg' })))),
}))

const { useWorkReport } = await import('../worker/src/report/useWorkReport')

const NOBODY = { post: () => Promise.resolve(null) } as unknown as ApiClient

beforeEach(() => {
  parcels.length = kept.length = made.length = 0
  found = undefined
})

/** An open form, and its end. */
async function opened(writer = { place: '/m/worker/', who: '7', gridId: '4' }, draft = '') {
  const scope = effectScope()
  const report = scope.run(() => useWorkReport(NOBODY, () => writer))!
  await report.open(draft)
  return { report, stop: () => scope.stop() }
}

it('waits for photos that are still being made smaller', async () => {
  const { report, stop } = await opened()
  Object.assign(report.form, { words: 'boxes in the stairwell', point: { lon: 119, lat: 26 }, spot: true, spotWords: 'taken away' })
  void report.photos.add([new File(['large'], 'a.jpg')], 'near')
  void report.spotPhotos.add([new File(['large'], 'b.jpg')], 'after')
  expect(report.problems.value).toEqual([])
  const sent = report.send(new Date())
  await vi.waitFor(() => expect(made).toHaveLength(2))
  made.forEach((done) => done())
  await sent
  expect(parcels[0]!.photos.map((photo) => photo.slot ?? 'photos').sort()).toEqual(['on_the_spot.photos', 'photos'])
  stop()
})

it('asks for no result of what joins another case', async () => {
  const { report, stop } = await opened()
  Object.assign(report.form, { words: 'boxes', point: { lon: 119, lat: 26 }, spot: true })
  expect(report.problems.value).toEqual(['spot_words', 'spot_photos'])
  expect(report.onSpot.value).toBe(true)
  report.form.join = 'c1'
  expect(report.problems.value).toEqual([])
  expect(report.onSpot.value).toBe(false)
  await report.send(new Date())
  expect(parcels[0]!.body).toMatchObject({ join: 'c1', on_the_spot: null })
  stop()
})

it('belongs to who began it, also when the sign-in ends while it is written', async () => {
  const writer = { place: '/m/worker/', who: '7', gridId: '4' }
  const { report, stop } = await opened(writer)
  report.form.words = 'boxes'
  await nextTick()
  writer.who = ''
  stop()
  await vi.waitFor(() => expect(kept).toHaveLength(1))
  expect(kept[0]!.who).toBe('7')
})

it('lets nobody open what another one wrote', async () => {
  found = { key: 'd', place: '/m/worker/', who: '8', words: 'his', lon: null, lat: null, address: '', matter: null, more: {}, photos: [], changedAt: '' }
  const { report, stop } = await opened(undefined, 'd')
  expect([report.form.words, report.key.value === 'd']).toEqual(['', false])
  stop()
})

it('remembers whether the address is the worker’s own words or the map’s', async () => {
  const { report, stop } = await opened()
  Object.assign(report.form, { words: 'boxes', address: 'by the well', typed: true })
  await nextTick()
  stop()
  await vi.waitFor(() => expect(kept).toHaveLength(1))
  found = kept[0]
  const again = await opened(undefined, found!.key)
  expect(again.report.form).toMatchObject({ address: 'by the well', typed: true })
  found = { ...kept[0]!, more: {} }
  const old = await opened(undefined, found.key)
  // Drafts from before this was remembered: what stands there is not written over.
  expect(old.report.form.typed).toBe(true)
  again.stop()
  old.stop()
})
