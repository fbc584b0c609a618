/** A worker's report: what was picked is sent, also what the phone is still making smaller when the button is pressed. */
import { expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { NewParcel } from '@shared/outbox'

const parcels: NewParcel[] = []
vi.mock('@shared/outbox', () => ({ put: (parcel: NewParcel) => Promise.resolve(void parcels.push(parcel)) }))

// Keeping the draft is another matter (autosave, drafts).
vi.mock('@shared/drafts/drafts', () => ({ readDraft: () => Promise.resolve(undefined), keepDraft: () => Promise.resolve(), dropDraft: () => Promise.resolve() }))

/** Each picture takes as long as on a cheap phone. */
const made: (() => void)[] = []
vi.mock('@shared/photos/downscale', () => ({
  PhotoRefused: class extends Error {},
  downscale: () => new Promise<Blob>((done) => made.push(() => done(new Blob(['small'], { type: 'image/jpeg' })))),
}))

const { useWorkReport } = await import('../worker/src/report/useWorkReport')

it('waits for photos that are still being made smaller', async () => {
  const scope = effectScope()
  const report = scope.run(() => useWorkReport({ post: () => Promise.resolve(null) } as unknown as ApiClient, () => ({ place: '/m/worker/', who: '7', gridId: '4' })))!
  await report.open('')
  Object.assign(report.form, { words: 'boxes in the stairwell', point: { lon: 119, lat: 26 }, spot: true, spotWords: 'taken away' })
  void report.photos.add([new File(['large'], 'a.jpg')], 'near')
  void report.spotPhotos.add([new File(['large'], 'b.jpg')], 'after')
  expect(report.problems.value).toEqual([])
  const sent = report.send(new Date())
  await vi.waitFor(() => expect(made).toHaveLength(2))
  made.forEach((done) => done())
  await sent
  expect(parcels[0]!.photos.map((photo) => photo.slot ?? 'photos').sort()).toEqual(['on_the_spot.photos', 'photos'])
  scope.stop()
})
