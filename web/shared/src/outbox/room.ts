/** Room on the device: how much our data may take, how much it takes, and whether the browser may throw it away. */
import { actionDrafts, draftBytes } from '../drafts/drafts'
import { shelf } from './shelf'

const MB = 1024 * 1024
/** The queue never takes more than this, nor more than half of what the browser grants. */
const CAP = 800 * MB
const NEAR = 0.8

export interface Room {
  /** Bytes of unsent photos, in the boxes and in drafts. */
  queued: number
  /** Bytes of everything this site keeps, as far as the browser tells. */
  used: number
  /** Bytes the queue may take. */
  cap: number
  state: 'fine' | 'near' | 'full'
  /** The browser promised not to clear it by itself; null where it does not tell. */
  persisted: boolean | null
}

/** Pure part of `room`: `quota` is what the browser grants this site, 0 when it does not tell. */
export function judge(queued: number, used: number, quota: number, persisted: boolean | null): Room {
  const cap = quota > 0 ? Math.min(CAP, Math.round(quota / 2)) : CAP
  const share = Math.max(queued / cap, quota > 0 ? used / quota : 0)
  return { queued, used, cap, persisted, state: share >= 1 ? 'full' : share >= NEAR ? 'near' : 'fine' }
}

export async function room(place: string): Promise<Room> {
  const [rows, reports, actions, estimate, persisted] = await Promise.all([
    shelf.unsent(place),
    draftBytes(place),
    draftBytes(actionDrafts(place)),
    navigator.storage?.estimate?.().catch(() => null) ?? null,
    navigator.storage?.persisted?.().catch(() => null) ?? null,
  ])
  const queued = rows.flatMap((row) => row.photos).reduce((sum, photo) => sum + photo.size, reports + actions)
  return judge(queued, estimate?.usage ?? 0, estimate?.quota ?? 0, persisted)
}

/** Asks the browser to keep our data even when the disk runs low. */
export async function askToKeep(): Promise<boolean> {
  if (!navigator.storage?.persist) return false
  return (await navigator.storage.persisted()) || navigator.storage.persist()
}
