/** Positions while a patrol runs: few enough to keep, the screen awake where it can be, and honest when it cannot. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Recorder } from '../worker/src/duty/recorder'
import type { Fix } from '../worker/src/duty/track'

class Device {
  told: PositionCallback | null = null
  failed: PositionErrorCallback | null = null
  cleared = 0
  locks = 0
  released = 0
  now = 0
  lock: { release: () => Promise<void>; addEventListener: (name: string, listener: () => void) => void; fire: () => void } | null = null

  geolocation = {
    watchPosition: (told: PositionCallback, failed: PositionErrorCallback) => {
      this.told = told
      this.failed = failed
      return 7
    },
    clearWatch: () => (this.cleared += 1),
  } as unknown as Geolocation

  wakeLock = {
    request: () => {
      this.locks += 1
      let heard: () => void = () => undefined
      this.lock = { release: () => Promise.resolve(void (this.released += 1)), addEventListener: (_name, listener) => (heard = listener), fire: () => heard() }
      return Promise.resolve(this.lock)
    },
  } as unknown as WakeLock

  at(seconds: number, east = 0): void {
    this.now = seconds * 1000
    this.told?.({ coords: { longitude: 119 + east / 100_000, latitude: 26, accuracy: 8.4 } } as GeolocationPosition)
  }
}

let device: Device
let fixes: Fix[]
let recorder: Recorder

beforeEach(() => {
  device = new Device()
  fixes = []
  recorder = new Recorder({ geolocation: device.geolocation, wakeLock: device.wakeLock, now: () => device.now }, (fix) => fixes.push(fix))
})

describe('Recorder', () => {
  it('takes one position in ten seconds, or twenty metres on', () => {
    recorder.start()
    for (let second = 0; second <= 30; second += 1) device.at(second)
    expect(fixes.map((fix) => fix.at / 1000)).toEqual([0, 10, 20, 30])
    device.at(31, 25)
    expect(fixes).toHaveLength(5)
    expect(fixes[4]!.accuracy).toBe(8)
  })

  it('keeps the screen awake, says when it was taken away, and asks again when it is looked at', async () => {
    recorder.start()
    await vi.waitFor(() => expect(recorder.awake.value).toBe('yes'))
    device.lock!.fire()
    expect(recorder.awake.value).toBe('lost')
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.waitFor(() => expect(recorder.awake.value).toBe('yes'))
    device.lock!.fire()
    document.dispatchEvent(new Event('pointerdown'))
    await vi.waitFor(() => expect(recorder.awake.value).toBe('yes'))
    expect(device.locks).toBe(3)
  })

  it('stopped, takes nothing and lets the screen go', async () => {
    recorder.start()
    await vi.waitFor(() => expect(recorder.awake.value).toBe('yes'))
    recorder.stop()
    expect([device.cleared, recorder.awake.value]).toEqual([1, 'no'])
    await vi.waitFor(() => expect(device.released).toBe(1))
    document.dispatchEvent(new Event('visibilitychange'))
    expect(device.locks).toBe(1)
  })

  it('says why there is no track', () => {
    recorder.start()
    device.failed!({ code: 1 } as GeolocationPositionError)
    expect(recorder.sight.value).toBe('refused')
    device.failed!({ code: 3 } as GeolocationPositionError)
    expect(recorder.sight.value).toBe('unavailable')
    device.at(1)
    expect(recorder.sight.value).toBe('seen')
    const blind = new Recorder({ geolocation: undefined, wakeLock: undefined, now: () => 0 }, () => undefined)
    blind.start()
    expect([blind.sight.value, blind.awake.value]).toEqual(['unavailable', 'no'])
  })
})
