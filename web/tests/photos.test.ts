import { effectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ApiClient } from '@shared/api/client'
import { downscale, isHeic, PhotoRefused } from '@shared/photos/downscale'
import { drawStamp, FRESH_MS, isFresh, stampLines } from '@shared/photos/stamp'
import { uploadPhoto } from '@shared/photos/upload'
import { usePhotos } from '@shared/photos/usePhotos'

vi.mock('@shared/photos/upload', () => ({ uploadPhoto: vi.fn(() => Promise.resolve({ id: 'kept' })) }))

const HEIC = new Uint8Array([0, 0, 0, 24, ...new TextEncoder().encode('ftypheic'), 0, 0, 0, 0])
const heic = (): File => new File([HEIC], 'IMG_0001.HEIC', { type: 'image/heic' })
const jpeg = (): File => new File([new Uint8Array([255, 216, 255, 224])], 'a.jpg', { type: 'image/jpeg' })
const text = (): File => new File(['hello'], 'notes.txt', { type: 'text/plain' })

/** A browser that can draw nothing: neither bitmap nor image element reads the file. */
beforeEach(() => {
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('unreadable')))
  HTMLImageElement.prototype.decode = () => Promise.reject(new Error('unreadable'))
})
afterEach(() => vi.unstubAllGlobals())

describe('stampLines', () => {
  const facts = { takenAt: new Date(2026, 2, 2, 8, 5).toISOString(), point: { lon: 119.131, lat: 26.15 }, address: 'Mill Lane 3', name: 'Lin' }

  it('writes what is asked for, in that order', () => {
    expect(stampLines(['time', 'place', 'name'], facts)).toEqual(['2026-03-02 08:05', 'Mill Lane 3  26.15000, 119.13100', 'Lin'])
    expect(stampLines(['time'], facts)).toEqual(['2026-03-02 08:05'])
    expect(stampLines([], facts)).toEqual([])
  })

  it('leaves out what is not known instead of guessing', () => {
    expect(stampLines(['place', 'name'], { ...facts, point: null, address: '' })).toEqual(['Lin'])
    expect(stampLines(['place'], { ...facts, address: '' })).toEqual(['26.15000, 119.13100'])
  })

  it('takes a photo for fresh only when it is', () => {
    expect(isFresh(1000, 1000 + FRESH_MS)).toBe(true)
    expect(isFresh(1000, 1001 + FRESH_MS)).toBe(false)
  })
})

describe('drawStamp', () => {
  it('keeps every line inside the picture', () => {
    const drawn: [string, number, number, number][] = []
    const context = { fillRect: vi.fn(), fillText: (...one: [string, number, number, number]) => drawn.push(one) } as unknown as CanvasRenderingContext2D
    drawStamp(context, 1600, 1200, ['one', 'two', 'three'])
    expect(drawn.map((one) => one[0])).toEqual(['one', 'two', 'three'])
    for (const [, x, y, wide] of drawn) {
      expect(x + wide).toBeLessThanOrEqual(1600)
      expect(y).toBeGreaterThan(900)
      expect(y).toBeLessThan(1200 - 20)
    }
  })

  it('draws nothing, not even the band, when nothing is asked for', () => {
    const context = { fillRect: vi.fn(), fillText: vi.fn() }
    drawStamp(context as unknown as CanvasRenderingContext2D, 100, 100, [])
    expect(context.fillRect).not.toHaveBeenCalled()
  })
})

describe('a file this browser cannot draw', () => {
  it('is HEIC by its bytes, whatever its name', async () => {
    expect(await isHeic(new Blob([HEIC]))).toBe(true)
    expect(await isHeic(jpeg())).toBe(false)
    expect(await isHeic(new Blob([]))).toBe(false)
  })

  it('is refused at once when nobody here can read it', async () => {
    await expect(downscale(heic())).rejects.toEqual(new PhotoRefused('heic'))
    await expect(downscale(text())).rejects.toEqual(new PhotoRefused('unreadable'))
  })

  it('goes as it is when the server can', async () => {
    const file = jpeg()
    expect(await downscale(file)).toBe(file)
  })
})

describe('usePhotos', () => {
  it('says why a photo was not taken in, and takes the others', async () => {
    const scope = effectScope()
    await scope.run(async () => {
      const set = usePhotos({} as ApiClient)
      await set.add([heic(), jpeg(), heic(), text()], 'near')
      expect(set.refused.value).toEqual(['heic', 'unreadable'])
      expect(set.photos.map((photo) => photo.kind)).toEqual(['near'])
      expect(set.preparing.value).toBe(0)
      expect(await set.settle()).toBe(true)
      await set.add([jpeg()], 'far')
      expect(set.refused.value).toEqual([])
    })
    scope.stop()
  })

  it('sends along where a stamped photo was taken', async () => {
    const scope = effectScope()
    await scope.run(async () => {
      const set = usePhotos({} as ApiClient)
      await set.add([jpeg()], 'near', () => Promise.resolve({ lines: [], point: { lon: 119, lat: 26 } }))
      expect(vi.mocked(uploadPhoto).mock.lastCall?.[1]).toMatchObject({ kind: 'near', lon: 119, lat: 26 })
    })
    scope.stop()
  })
})
