/**
 * Takes positions while a patrol runs. A browser gives them only while this page is open and the screen is on, so the
 * screen is kept awake where the browser can; what is missed all the same shows as a gap.
 */
import { ref } from 'vue'
import { distance, type Fix } from './track'

const EVERY_MS = 10_000
const FAR_M = 20

export type Sight = 'looking' | 'seen' | 'refused' | 'unavailable'

export interface Eyes {
  geolocation: Geolocation | undefined
  wakeLock: WakeLock | undefined
  now: () => number
}

export function deviceEyes(now: () => number): Eyes {
  const secure = globalThis.isSecureContext
  return { geolocation: secure ? navigator.geolocation : undefined, wakeLock: navigator.wakeLock as WakeLock | undefined, now }
}

export class Recorder {
  readonly sight = ref<Sight>('looking')
  /** The screen stays on: `no` where this browser cannot. */
  readonly awake = ref<'yes' | 'no' | 'lost'>('no')
  private watch: number | null = null
  private lock: WakeLockSentinel | null = null
  private last: Fix | null = null
  private running = false

  constructor(
    private readonly eyes: Eyes,
    private readonly onFix: (fix: Fix) => void,
  ) {}

  start(): void {
    if (this.running) return
    this.running = true
    this.look()
    void this.keepAwake()
    document.addEventListener('visibilitychange', this.seen)
    // Some browsers give the lock only to a finger.
    document.addEventListener('pointerdown', this.touched)
  }

  stop(): void {
    this.running = false
    document.removeEventListener('visibilitychange', this.seen)
    document.removeEventListener('pointerdown', this.touched)
    if (this.watch !== null) this.eyes.geolocation?.clearWatch(this.watch)
    this.watch = null
    this.last = null
    void this.lock?.release().catch(() => undefined)
    this.lock = null
    this.awake.value = 'no'
  }

  private look(): void {
    const device = this.eyes.geolocation
    if (!device) {
      this.sight.value = 'unavailable'
      return
    }
    this.sight.value = 'looking'
    this.watch = device.watchPosition(
      (found) => this.take({ at: this.eyes.now(), lon: found.coords.longitude, lat: found.coords.latitude, accuracy: Math.round(found.coords.accuracy) }),
      (problem) => (this.sight.value = problem.code === 1 ? 'refused' : 'unavailable'),
      { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 },
    )
  }

  /** Phones tell positions every second: one in ten seconds, or twenty metres on, is a track. */
  private take(fix: Fix): void {
    this.sight.value = 'seen'
    if (this.last && fix.at - this.last.at < EVERY_MS && distance(this.last, fix) < FAR_M) return
    this.last = fix
    this.onFix(fix)
  }

  /** Browsers take the lock away when the page goes out of sight; back in sight it is asked for again. */
  private async keepAwake(): Promise<void> {
    if (!this.eyes.wakeLock || document.visibilityState !== 'visible') return
    try {
      this.lock = await this.eyes.wakeLock.request('screen')
      if (!this.running) return void (await this.lock.release())
      this.awake.value = 'yes'
      this.lock.addEventListener('release', () => this.running && (this.awake.value = 'lost'))
    } catch {
      // A nearly empty battery, or the browser's settings: the page says so and goes on.
      this.awake.value = 'lost'
    }
  }

  private readonly touched = (): void => {
    if (this.awake.value === 'lost') void this.keepAwake()
  }

  private readonly seen = (): void => {
    if (this.running && document.visibilityState === 'visible') void this.keepAwake()
  }
}
