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
  /** Where it was taken, when it was stamped with that. */
  point?: { lon: number; lat: number } | null
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

/** A draft as a list shows it: nobody reads megabytes of photos to tell how many there are. */
export type DraftLine = Omit<Draft, 'photos'> & { photos: Omit<DraftPhoto, 'bytes'>[] }

/** A draft as it lies on the disk: without the bytes of its photos, so that a new word does not write megabytes. */
interface DraftRow extends Omit<Draft, 'photos'> {
  photos: (Omit<DraftPhoto, 'bytes'> & { bytes?: ArrayBuffer; size?: number })[]
}

interface PhotoBytes {
  key: string
  draft: string
  bytes: ArrayBuffer
}

class DraftBase extends Dexie {
  drafts!: Table<DraftRow, string>
  photos!: Table<PhotoBytes, string>

  constructor() {
    super('onegrid-drafts', { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ drafts: 'key, place, changedAt' })
    // Rows of the first version carry their bytes themselves until they are kept anew.
    this.version(2).stores({ drafts: 'key, place, changedAt', photos: 'key, draft' })
  }
}

const base = new DraftBase()

/** True when nothing worth keeping is in it. */
export function isBlank(draft: Draft): boolean {
  return draft.words.trim() === '' && draft.photos.length === 0
}

/** Keeps a draft; a blank one is removed instead. Resolves when the disk has it. */
export async function keepDraft(draft: Draft): Promise<void> {
  if (isBlank(draft)) return dropDraft(draft.key)
  await base.transaction('rw', base.drafts, base.photos, async () => {
    const there = new Set(await base.photos.where('draft').equals(draft.key).primaryKeys())
    const fresh = draft.photos.filter((photo) => !there.has(photo.key))
    for (const photo of draft.photos) there.delete(photo.key)
    await base.photos.bulkDelete([...there])
    await base.photos.bulkPut(fresh.map((photo) => ({ key: photo.key, draft: draft.key, bytes: photo.bytes })))
    await base.drafts.put({ ...draft, photos: draft.photos.map(({ bytes, ...photo }) => ({ ...photo, size: bytes.byteLength })) })
  })
}

export async function readDraft(key: string): Promise<Draft | undefined> {
  const row = await base.drafts.get(key)
  return row && whole(row)
}

/** Where drafts of actions lie, apart from those of reports. */
export function actionDrafts(place: string): string {
  return `${place}#actions`
}

/** The drafts of one face of one locality, newest first; of one person when `who` is given. */
export async function draftsOf(place: string, who?: string): Promise<Draft[]> {
  return Promise.all((await rowsOf(place, who)).map(whole))
}

/** The same without the bytes of their photos. */
export function draftLines(place: string, who?: string): Promise<DraftLine[]> {
  return rowsOf(place, who)
}

async function rowsOf(place: string, who?: string): Promise<DraftRow[]> {
  const found = await base.drafts.where('place').equals(place).toArray()
  const mine = who === undefined ? found : found.filter((draft) => (draft.who ?? who) === who)
  return mine.sort((one, other) => other.changedAt.localeCompare(one.changedAt))
}

async function whole(row: DraftRow): Promise<Draft> {
  const bytes = await base.photos.bulkGet(row.photos.map((photo) => photo.key))
  const photos = row.photos.flatMap(({ size: _size, ...photo }, at) => {
    const held = photo.bytes ?? bytes[at]?.bytes
    return held ? [{ ...photo, bytes: held }] : []
  })
  return { ...row, photos }
}

/** Bytes of the photos in drafts of a place. */
export async function draftBytes(place: string): Promise<number> {
  const found = await base.drafts.where('place').equals(place).toArray()
  return found.flatMap((draft) => draft.photos).reduce((sum, photo) => sum + (photo.size ?? photo.bytes?.byteLength ?? 0), 0)
}

export async function dropDraft(key: string): Promise<void> {
  await base.transaction('rw', base.drafts, base.photos, async () => {
    await base.photos.where('draft').equals(key).delete()
    await base.drafts.delete(key)
  })
}
