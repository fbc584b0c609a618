/** Duty on the phone: every step into the outbox with its time; a patrol survives a restart; the server's word counts last. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import type { ApiClient } from '@shared/api/client'
import type { Duty } from '@shared/api/types'
import type { NewParcel, Parcel } from '@shared/outbox'

const parcels: NewParcel[] = []
const rows = ref<Parcel[]>([])
let broken = false

vi.mock('@shared/outbox', () => ({
  put: (parcel: NewParcel) => {
    if (broken) return Promise.reject(new Error('disk full'))
    parcels.push(parcel)
    rows.value = [...rows.value, { ...parcel, state: 'waiting' } as unknown as Parcel]
    return Promise.resolve()
  },
  useOutbox: () => ({ rows }),
}))

let told: PositionCallback | null = null
vi.stubGlobal('isSecureContext', true)
Object.defineProperty(navigator, 'geolocation', {
  configurable: true,
  value: {
    watchPosition: (callback: PositionCallback) => ((told = callback), 1),
    clearWatch: () => (told = null),
    getCurrentPosition: (callback: PositionCallback) => callback({ coords: { longitude: 119.1, latitude: 26.1, accuracy: 9.6 } } as GeolocationPosition),
  },
})

const { useDuty } = await import('../worker/src/duty/store')

const TITLES = { in: 'in', out: 'out', patrol: 'patrol', track: 'track', end: 'end' }
const DAY = { on_duty_s: 0, patrols: 0, metres: 0, covered_s: 0, gap_s: 0 }
const FREE = { spell: null, patrol: null, today: DAY, keep_days: 30, gap_seconds: 120, longest_hours: 14 } as Duty
let answer: Duty | Error = FREE

const api = { get: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) } as unknown as ApiClient

function start(who = '7') {
  setActivePinia(createPinia())
  const duty = useDuty()
  duty.begin(api, '/m/worker/', who, TITLES)
  return duty
}

function walk(steps: number, from: number): void {
  for (let at = 0; at < steps; at += 1) {
    vi.setSystemTime(from + at * 10_000)
    told?.({ coords: { longitude: 119.1 + at * 0.0002, latitude: 26.1, accuracy: 8 } } as GeolocationPosition)
  }
}

const paths = (): string[] => parcels.map((parcel) => parcel.path.replace(/[0-9a-f-]{36}/, ':id'))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.UTC(2026, 2, 2, 1))
  parcels.length = 0
  rows.value = []
  broken = false
  answer = new Error('no network')
  localStorage.clear()
})

describe('a day without a network', () => {
  it('goes into the outbox step by step, each with its own time', async () => {
    const duty = start()
    await duty.signIn()
    const at = Date.now()
    await duty.startPatrol()
    walk(70, at)
    await vi.waitFor(() => expect(paths()).toContain('/patrols/:id/track'))
    await duty.endPatrol()
    vi.setSystemTime(at + 3_600_000)
    await duty.signOut()
    expect(paths().filter((path) => path !== '/patrols/:id/track')).toEqual(['/duty', '/patrols', '/patrols/:id/end', '/duty/:id/end'])
    expect(parcels[0]!.body).toEqual({ lon: 119.1, lat: 26.1, accuracy: 10 })
    expect(parcels[1]!.body).toEqual({ spell: parcels[0]!.key })
    const points = parcels.filter((parcel) => parcel.path.endsWith('/track')).flatMap((parcel) => parcel.body.points as { at: string }[])
    expect(points).toHaveLength(70)
    expect(new Set(points.map((point) => point.at)).size).toBe(70)
    expect(parcels.at(-1)!.deviceAt).toBe(new Date(at + 3_600_000).toISOString())
    expect(localStorage.length).toBe(0)
  })

  it('a patrol survives the page, and no position is lost or sent twice', async () => {
    const before = start()
    await before.signIn()
    await before.startPatrol()
    const at = Date.now()
    walk(5, at)
    const duty = start()
    expect([duty.patrol?.id, duty.recording]).toEqual([before.patrol?.id, true])
    walk(3, at + 100_000)
    await duty.endPatrol()
    const points = parcels.filter((parcel) => parcel.path.endsWith('/track')).flatMap((parcel) => parcel.body.points as { at: string }[])
    expect(points).toHaveLength(8)
  })

  it('belongs to one person: the next one on this phone sees nothing of it', async () => {
    const duty = start('7')
    await duty.signIn()
    expect(start('8').onDuty).toBe(false)
    expect(start('7').onDuty).toBe(true)
  })

  it('of one who comes back after another one used the phone goes on, with every position', async () => {
    const first = start('17')
    await first.signIn()
    await first.startPatrol()
    walk(5, Date.now())
    first.end()
    answer = FREE
    rows.value = []
    start('18')
    await new Promise((done) => setTimeout(done, 5))
    answer = new Error('no network')
    expect(start('17').counted?.fixes).toBe(5)
  })

  it('says nothing was done when the disk refuses', async () => {
    const duty = start()
    broken = true
    await expect(duty.signIn()).rejects.toThrow('disk full')
    expect([duty.onDuty, duty.busy]).toEqual([false, false])
  })

  it('keeps positions the disk refused for the next piece', async () => {
    const duty = start()
    await duty.signIn()
    await duty.startPatrol()
    broken = true
    walk(61, Date.now())
    await new Promise((done) => setTimeout(done, 5))
    broken = false
    await duty.endPatrol()
    const points = parcels.filter((parcel) => parcel.path.endsWith('/track')).flatMap((parcel) => parcel.body.points as { at: string }[])
    expect(points).toHaveLength(61)
  })
})

describe('the server', () => {
  const THEIRS = { id: 's1', grid: { id: '4', name: 'grid' }, began_at: '2026-03-02T00:00:00Z', ended_at: null, ended_by: '', in_place: 'inside', out_place: '', doubtful: false }

  it('is believed when nothing waits here', async () => {
    answer = { ...FREE, spell: THEIRS as Duty['spell'] }
    const duty = start()
    await vi.waitFor(() => expect(duty.spell?.place).toBe('inside'))
    answer = FREE
    await duty.refresh()
    expect(duty.onDuty).toBe(false)
  })

  it('is not believed while steps still wait here', async () => {
    const duty = start()
    await duty.signIn()
    answer = FREE
    await duty.refresh()
    expect(duty.onDuty).toBe(true)
    rows.value = []
    await vi.waitFor(() => expect(duty.onDuty).toBe(false))
  })

  it('is not asked for one person and believed for the next', async () => {
    const duty = start('7')
    let letGo: (duty: Duty) => void = () => undefined
    duty.end()
    duty.begin({ get: () => new Promise<Duty>((done) => (letGo = done)) } as unknown as ApiClient, '/m/worker/', '7', TITLES)
    duty.end()
    duty.begin(api, '/m/worker/', '8', TITLES)
    letGo({ ...FREE, spell: THEIRS as Duty['spell'] })
    await new Promise((done) => setTimeout(done, 5))
    expect(duty.onDuty).toBe(false)
  })

  it('an answer that was on its way when somebody tapped does not undo the tap', async () => {
    const duty = start()
    let letGo: (duty: Duty) => void = () => undefined
    const slow = { get: () => new Promise<Duty>((done) => (letGo = done)) } as unknown as ApiClient
    duty.begin(slow, '/m/worker/', '9', TITLES)
    await duty.signIn()
    rows.value = []
    letGo(FREE)
    await new Promise((done) => setTimeout(done, 5))
    expect(duty.onDuty).toBe(true)
  })

  it('a patrol begun on another phone is shown, and recorded here only when asked to', async () => {
    const patrol = { id: 'p1', spell: 's1', began_at: '2026-03-02T00:30:00Z', ended_at: null } as Duty['patrol']
    answer = { ...FREE, spell: THEIRS as Duty['spell'], patrol }
    const duty = start()
    await vi.waitFor(() => expect(duty.patrol?.id).toBe('p1'))
    expect(duty.recording).toBe(false)
    duty.record()
    walk(2, Date.now())
    expect(duty.counted?.fixes).toBe(2)
  })
})
