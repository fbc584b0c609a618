/**
 * The outbox: what somebody did without a network is kept on the device and sent when there is one, once.
 * `put` is the only way in; `useOutbox` shows the boxes; `startOutbox` is called once by the face.
 */
import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import type { ApiClient } from '../api/client'
import { actionDrafts, draftLines, dropDraft } from '../drafts/drafts'
import { Carrier, networkRoad } from './carry'
import { alone } from './lock'
import { parcelOf, type NewParcel, type Parcel } from './parcel'
import { heardServer } from './reach'
import { askToKeep, room, type Room } from './room'
import { Sender, type SenderState } from './sender'
import { shelf } from './shelf'

export type { NewParcel, Parcel, Why } from './parcel'
export { actionDrafts } from '../drafts/drafts'
export { reason } from './parcel'
export { offline } from './reach'
export { askToKeep, room, type Room } from './room'

/** Who acts on this device now. */
export interface Hand {
  who: string
  hat: string
  hatTitle: string
  /** All positions held now. */
  hats: string[]
}

export interface OutboxParts {
  api: ApiClient
  place: string
  hand: () => Hand
  /** Asks the server who is here and takes the new token; throws when it cannot. */
  refresh: () => Promise<void>
  /** The server knows nobody here any more. The queue stays; somebody has to sign in. */
  signedOut: () => void
}

/** The device's room for unsent work is used up. What was typed stays where it was. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom'
}

const rows = shallowRef<Parcel[]>([])
const state = ref<SenderState>('idle')
const waiting = computed(() => rows.value.filter((row) => row.state === 'waiting').length)
const rejected = computed(() => rows.value.filter((row) => row.state === 'rejected').length)
let parts: OutboxParts | null = null
let sender: Sender | null = null
let watching: { unsubscribe: () => void } | null = null

/** Told on `window` as `onegrid:delivered` and `onegrid:rejected`, in the tab that sent. */
export interface Delivered {
  parcel: Parcel
  body: Record<string, unknown>
}

/** Starts sending and watching. Called once, before the first page; again only in tests. */
export function startOutbox(given: OutboxParts): void {
  parts = given
  const carrier = new Carrier(shelf, networkRoad(given.api, heardServer), () => Date.now())
  sender = new Sender({
    place: given.place,
    shelf,
    carry: (parcel) => carrier.carry(parcel),
    alone: (work) => alone(`onegrid-outbox ${given.place}`, work),
    who: () => given.hand().who,
    fits: (parcel) => fits(parcel, given.hand()),
    refresh: () => given.refresh().then(() => true, () => false), // prettier-ignore
    chance: Math.random,
    later: (work, seconds) => {
      const timer = setTimeout(work, seconds * 1000)
      return () => clearTimeout(timer)
    },
    onState: (next) => {
      if (next === 'unsigned' && given.hand().who) given.signedOut()
      state.value = next
    },
    onDelivered: (parcel, body) => window.dispatchEvent(new CustomEvent<Delivered>('onegrid:delivered', { detail: { parcel, body } })),
    onRejected: (parcel) => window.dispatchEvent(new CustomEvent<Parcel>('onegrid:rejected', { detail: parcel })),
  })
  window.addEventListener('online', kick)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && kick())
  watchRows()
  void tidyDrafts(given.place).catch(() => undefined)
  kick()
}

/** Written in a position still held but not worn: it waits for that position. One no longer held goes in the present one. */
export function fits(parcel: Pick<Parcel, 'hat'>, hand: Hand): boolean {
  return parcel.hat === hand.hat || !hand.hats.includes(parcel.hat)
}

/** Something changed that may let parcels go: a sign-in, another position. */
export function kick(): void {
  void sender?.kick()
}

/** The person at the device changed: the boxes show his own. */
export function watchRows(): void {
  watching?.unsubscribe()
  if (!parts) return
  const { place, hand } = parts
  watching = shelf.watch(place, () => hand().who).subscribe({ next: (found) => (rows.value = found), error: () => undefined })
}

/**
 * Keeps a parcel. Resolves only when the disk has it; rejects with `NoRoom`, or the browser's own error, when it does not:
 * then whoever called still holds the only copy and must say so.
 */
export async function put(parcel: NewParcel): Promise<void> {
  if (!parts) throw new Error('startOutbox was not called')
  const { who, hat, hatTitle } = parts.hand()
  if (parcel.photos.length > 0 && (await room(parts.place).catch(() => null))?.state === 'full') throw new NoRoom()
  await shelf.put(parcelOf(parcel, { place: parts.place, who, hat, hatTitle }), parcel.photos, parcel.replaces)
  void askToKeep().catch(() => undefined)
  kick()
}

/** Waits until a parcel is decided, at most `ms`; its row as it then is. */
export async function settled(key: string, ms: number): Promise<Parcel | undefined> {
  const until = performance.now() + ms
  for (;;) {
    const row = await shelf.find(key)
    if (row?.state !== 'waiting' || performance.now() >= until) return row
    await new Promise((done) => setTimeout(done, 120))
  }
}

/** Drafts whose parcel lies in the outbox were put, and the page died before it could drop them. */
export async function tidyDrafts(place: string): Promise<void> {
  const keys = new Set(await shelf.keys())
  for (const draft of [...(await draftLines(place)), ...(await draftLines(actionDrafts(place)))]) {
    if (keys.has(draft.key) || keys.has(String(draft.more.parcel ?? ''))) await dropDraft(draft.key)
  }
}

/** Where a rejected parcel of a kind is edited: given the parcel, makes it editable and says where to go. */
export type Editor = (parcel: Parcel) => Promise<string | { name: string; params?: Record<string, string>; query?: Record<string, string> }>
const editors = new Map<string, Editor>()

export function editWith(kind: string, editor: Editor): void {
  editors.set(kind, editor)
}

export function editorOf(kind: string): Editor | undefined {
  return editors.get(kind)
}

async function unsent(): Promise<number> {
  const who = parts?.hand().who
  return (await shelf.unsent(parts?.place ?? '')).filter((row) => row.who === who).length
}

export interface Outbox {
  waiting: ComputedRef<number>
  rejected: ComputedRef<number>
  /** Mine, oldest first, without photo bytes. */
  rows: Ref<Parcel[]>
  state: Ref<SenderState>
  /** How many of mine the disk holds unsent: the rows of a page that has just opened are not read yet. */
  unsent(): Promise<number>
  syncNow(): Promise<void>
  /** A rejected one tries again as it is. */
  again(key: string): Promise<void>
  /** Throws a rejected one away. */
  discard(key: string): Promise<void>
  room(): Promise<Room>
}

export function useOutbox(): Outbox {
  return {
    waiting,
    rejected,
    rows,
    state,
    unsent,
    syncNow: async () => sender?.now(),
    again: async (key) => {
      await shelf.again(key)
      kick()
    },
    discard: (key) => shelf.discard(key),
    room: () => room(parts?.place ?? ''),
  }
}
