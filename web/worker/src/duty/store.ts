/**
 * Duty and patrol of this worker on this phone. Every step goes through the outbox with the time it happened, so all of it
 * works without a network; with one, the server's own count is shown.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import { defineStore } from 'pinia'
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import type { Duty } from '@shared/api/types'
import { locate } from '@shared/map/position'
import { put, useOutbox, type Parcel } from '@shared/outbox'
import { useSession } from '@shared/stores/session'
import { serverClock } from '@shared/time/serverClock'
import { Shelf, type Kept } from './kept'
import { deviceEyes, Recorder } from './recorder'
import { linesOf, measure, type Fix } from './track'

/** A piece of track is put after so many positions, or so long. */
const PIECE_FIXES = 60
const PIECE_MS = 120_000
export const KIND = 'duty'
const GAP_SECONDS = 120

export interface Titles {
  in: string
  out: string
  patrol: string
  track: string
  end: string
}

export const useDuty = defineStore('duty', () => {
  const session = useSession()
  const outbox = useOutbox()
  const kept = ref<Kept>({ who: '', spell: null, patrol: null })
  const server = shallowRef<Duty | null>(null)
  const busy = ref(false)
  /** This phone takes the positions of the patrol that runs; another may have begun it. */
  const recording = ref(false)
  let api: ApiClient | null = null
  let shelf: Shelf | null = null
  let titles: Titles | null = null
  let lastPiece = 0
  let changes = 0
  let flushing: Promise<void> = Promise.resolve()

  const recorder = new Recorder(deviceEyes(() => serverClock.at()), take)
  const spell = computed(() => kept.value.spell)
  const patrol = computed(() => kept.value.patrol)
  const onDuty = computed(() => spell.value !== null)
  const gapSeconds = computed(() => server.value?.gap_seconds ?? GAP_SECONDS)
  const fixes = computed<Fix[]>(() => (patrol.value ? [...patrol.value.told, ...patrol.value.loose] : []))
  const counted = computed(() => (patrol.value ? measure(fixes.value, patrol.value.began, serverClock.now.value, gapSeconds.value) : null))
  const lines = computed(() => linesOf(fixes.value, gapSeconds.value))
  const waiting = computed(() => outbox.rows.value.filter((row) => row.kind === KIND && row.state === 'waiting').length)

  /** Called by the frame page once the person is known; titles are what the boxes show. */
  function begin(client: ApiClient, place: string, who: string, said: Titles): void {
    titles = said
    if (api && kept.value.who === who) return
    rest()
    api = client
    // One for each person: who signs in next on this phone writes on his own.
    shelf = new Shelf(`onegrid-duty ${place} ${who}`)
    kept.value = shelf.read(who)
    if (patrol.value) record()
    void refresh()
  }

  /** Nobody is here any more: nothing is recorded. What was put stays in the outbox, the rest on the shelf of its owner. */
  function end(): void {
    rest()
    kept.value = { who: '', spell: null, patrol: null }
    server.value = null
    api = shelf = null
  }

  function record(): void {
    recording.value = true
    recorder.start()
  }

  function rest(): void {
    recording.value = false
    recorder.stop()
  }

  /** The server's word on it, unless steps still wait here: then the phone knows better. */
  async function refresh(): Promise<void> {
    if (!api) return
    const asked = changes
    const { who } = kept.value
    const answer = await api.get<Duty>('/duty').catch(() => null)
    if (!answer || kept.value.who !== who) return
    server.value = answer
    // Somebody who tapped meanwhile knows better than an answer that was on its way.
    if (waiting.value === 0 && !busy.value && asked === changes) adopt(answer)
  }

  function adopt(answer: Duty): void {
    const theirs = answer.spell
    const running = answer.patrol
    if (theirs?.id !== spell.value?.id || running?.id !== patrol.value?.id) {
      const mine = patrol.value
      if (running?.id !== mine?.id) rest()
      kept.value = {
        who: kept.value.who,
        spell: theirs ? { id: theirs.id, grid: theirs.grid.name, began: Date.parse(theirs.began_at), place: theirs.in_place } : null,
        patrol: running ? (mine?.id === running.id ? mine : { id: running.id, began: Date.parse(running.began_at), loose: [], told: [] }) : null,
      }
    } else if (theirs && spell.value) kept.value = { ...kept.value, spell: { ...spell.value, place: theirs.in_place } }
    shelf?.write(kept.value)
  }

  async function step(path: string, title: string, body: Record<string, unknown>, at: number, key = newKey()): Promise<void> {
    await put({ key, kind: KIND, title, path, body, photos: [], deviceAt: new Date(at).toISOString() })
  }

  async function here(): Promise<Record<string, unknown>> {
    const found = await locate(null)
    return found.kind === 'here' ? { lon: found.point.lon, lat: found.point.lat, accuracy: Math.round(found.accuracy) } : {}
  }

  async function alone<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (busy.value || !titles) return undefined
    busy.value = true
    try {
      return await work()
    } finally {
      busy.value = false
    }
  }

  const signIn = (): Promise<void> =>
    alone(async () => {
      const key = newKey()
      const began = serverClock.at()
      const where = await here()
      await step('/duty', titles!.in, where, began, key)
      change({ spell: { id: key, grid: session.hat?.place ?? '', began, place: 'unknown' }, patrol: null })
    })

  const signOut = (): Promise<void> =>
    alone(async () => {
      if (!spell.value) return
      const at = serverClock.at()
      await closePatrol()
      await step(`/duty/${spell.value.id}/end`, titles!.out, await here(), at)
      change({ spell: null, patrol: null })
    })

  const startPatrol = (): Promise<void> =>
    alone(async () => {
      if (!spell.value || patrol.value) return
      const key = newKey()
      const began = serverClock.at()
      await step('/patrols', titles!.patrol, { spell: spell.value.id }, began, key)
      lastPiece = began
      change({ patrol: { id: key, began, loose: [], told: [] } })
      record()
    })

  const endPatrol = (): Promise<void> => alone(closePatrol)

  async function closePatrol(): Promise<void> {
    if (!patrol.value) return
    const at = serverClock.at()
    rest()
    await flush()
    await step(`/patrols/${patrol.value.id}/end`, titles!.end, {}, at)
    change({ patrol: null })
  }

  function take(fix: Fix): void {
    if (!patrol.value) return
    change({ patrol: { ...patrol.value, loose: [...patrol.value.loose, fix] } })
    if (patrol.value.loose.length >= PIECE_FIXES || fix.at - lastPiece >= PIECE_MS) void flush().catch(() => undefined)
  }

  /** Puts the loose positions as one piece, one piece after the other. They stay loose when the disk refuses. */
  function flush(): Promise<void> {
    flushing = flushing.then(putPiece, putPiece)
    return flushing
  }

  async function putPiece(): Promise<void> {
    const running = patrol.value
    if (!running || running.loose.length === 0 || !titles) return
    const piece = running.loose
    lastPiece = serverClock.at()
    const points = piece.map((fix) => ({ at: new Date(fix.at).toISOString(), lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy }))
    await step(`/patrols/${running.id}/track`, titles.track, { points }, lastPiece)
    if (patrol.value?.id !== running.id) return
    const put = new Set(piece.map((fix) => fix.at))
    const rest = patrol.value.loose.filter((fix) => !put.has(fix.at))
    change({ patrol: { ...patrol.value, loose: rest, told: [...patrol.value.told, ...piece] } })
  }

  function change(part: Partial<Kept>): void {
    changes += 1
    kept.value = { ...kept.value, ...part }
    shelf?.write(kept.value)
  }

  /** A sign-in the server refused is none: what stands there is shown instead. */
  function refused(event: Event): void {
    const parcel = (event as CustomEvent<Parcel>).detail
    if (parcel.kind === KIND) void refresh()
  }

  watch(waiting, (now, before) => now === 0 && before > 0 && void refresh())
  if (typeof window !== 'undefined') {
    window.addEventListener('onegrid:rejected', refused)
    document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && void flush().catch(() => undefined))
  }

  return { begin, end, refresh, signIn, signOut, startPatrol, endPatrol, record, recording, spell, patrol, onDuty, server, busy, counted, lines, waiting, gapSeconds, sight: recorder.sight, awake: recorder.awake }
})
