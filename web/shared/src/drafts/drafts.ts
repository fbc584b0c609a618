/**
 * What someone has typed and photographed but not yet sent. Kept in IndexedDB with the key it will be sent under, so that
 * neither a closed page nor a lost answer loses or doubles it. Photos are bytes: blobs in IndexedDB are fragile on older iOS.
 */
import Dexie, { type Table } from 'dexie'

export interface DraftPhoto {
  key: string
  kind: string
  type: string
  bytes: ArrayBuffer
  takenAt: string
  /** Where in the body its id goes, when not in `photos`. */
  slot?: string
}

export interface Draft {
  /** The case's future id and idempotency key. */
  key: string
  /** Which locality and face it belongs to, e.g. `/minhou/worker/`. */
  place: string
  /** Whose it is, where people sign in; a shared phone shows nobody another one's drafts. */
  who?: string
  words: string
  lon: number | null
  lat: number | null
  address: string
  matter: string | null
  /** Other plain values of the form. */
  more: Record<string, unknown>
  photos: DraftPhoto[]
  changedAt: string
}

class DraftBase extends Dexie {
  drafts!: Table<Draft, string>

  constructor() {
    super('onegrid-drafts', { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ drafts: 'key, place, changedAt' })
  }
}

const base = new DraftBase()

/** True when nothing worth keeping is in it. */
export function isBlank(draft: Draft): boolean {
  return draft.words.trim() === '' && draft.photos.length === 0
}

/** Keeps a draft; a blank one is removed instead. */
export async function keepDraft(draft: Draft): Promise<void> {
  if (isBlank(draft)) await base.drafts.delete(draft.key)
  else await base.drafts.put(draft)
}

export async function readDraft(key: string): Promise<Draft | undefined> {
  return base.drafts.get(key)
}

/** The drafts of one face of one locality, newest first; of one person when `who` is given. */
export async function draftsOf(place: string, who?: string): Promise<Draft[]> {
  const found = await base.drafts.where('place').equals(place).toArray()
  const mine = who === undefined ? found : found.filter((draft) => (draft.who ?? who) === who)
  return mine.sort((one, other) => other.changedAt.localeCompare(one.changedAt))
}

/** Bytes of the photos in drafts of a place. */
export async function draftBytes(place: string): Promise<number> {
  const found = await base.drafts.where('place').equals(place).toArray()
  return found.flatMap((draft) => draft.photos).reduce((sum, photo) => sum + photo.bytes.byteLength, 0)
}

export async function dropDraft(key: string): Promise<void> {
  await base.drafts.delete(key)
}
