import { reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import { asDraftPhoto } from '@shared/drafts/autosave'

describe('a photo for a draft', () => {
  it('is a plain value a disk takes, though a form watches it', async () => {
    const form = reactive({ photos: [{ key: 'p', kind: 'near', blob: new Blob(['abc'], { type: 'image/jpeg' }), takenAt: '2026-03-02T01:00:00Z', point: { lon: 119.1, lat: 26.1 } }] })
    const kept = await asDraftPhoto(form.photos[0]!, 'photos')
    expect(structuredClone(kept)).toMatchObject({ key: 'p', type: 'image/jpeg', point: { lon: 119.1, lat: 26.1 }, slot: 'photos' })
    expect(kept.bytes.byteLength).toBe(3)
  })

  it('reads its bytes once', async () => {
    const blob = new Blob(['abc'])
    const photo = { key: 'p', kind: 'near', blob, takenAt: '' }
    expect((await asDraftPhoto(photo)).bytes).toBe((await asDraftPhoto(photo)).bytes)
  })
})
