/** What waits on the device to be sent. A parcel is frozen when it is put: every try says the same to the letter. */
import type { FieldProblem } from '../api/errors'
import type { DraftPhoto } from '../drafts/drafts'

export interface NewParcel {
  /** Idempotency key: the server takes a key once. A report's key is also its case's id. */
  key: string
  /** `report`, `action`, or any other word; pages register who edits a kind (`editWith`). */
  kind: string
  /** What the person reads in the boxes. */
  title: string
  /** Relative to the API, e.g. `/cases`. */
  path: string
  body: Record<string, unknown>
  /** Sent first; their ids go into `body.photos`, or where `slot` says. */
  photos: DraftPhoto[]
  /** The device's clock when it happened, ISO 8601. */
  deviceAt: string
  caseId?: string
  /** Key of the rejected parcel this one takes the place of. */
  replaces?: string
}

export interface ParcelPhoto {
  key: string
  kind: string
  type: string
  takenAt: string
  point: { lon: number; lat: number } | null
  /** Dotted path in the body where the photo's id goes. */
  slot: string
  size: number
  /** Bytes the server has confirmed. */
  sent: number
  /** The server's id, once the photo is there. */
  id: string
}

export type ParcelState = 'waiting' | 'rejected' | 'sent'

export interface Why {
  status: number
  code: string
  message: string
  fields: FieldProblem[]
  /** What else the answer carried, for the page that mends the parcel: both values of a conflict. */
  more?: Record<string, unknown>
}

/** Why it was refused, in the server's words: the fields' own where it names some, else the general ones; may be empty. */
export function reason(why: Why | null): string {
  return why?.fields.map((field) => field.message).filter(Boolean).join(' ') || why?.message || ''
}

export interface Parcel {
  /** Order of putting; the device's clock may jump, this does not. */
  seq?: number
  key: string
  /** Locality and face, e.g. `/minhou/worker/`. */
  place: string
  /** Who wrote it: only he sends it. */
  who: string
  hat: string
  hatTitle: string
  kind: string
  title: string
  path: string
  body: Record<string, unknown>
  photos: ParcelPhoto[]
  deviceAt: string
  caseId: string
  state: ParcelState
  tries: number
  why: Why | null
  answer: { id: string; number: string } | null
}

export const SLOT = 'photos'

/** The row of a new parcel, without its photos' bytes. */
export function parcelOf(from: NewParcel, by: Pick<Parcel, 'place' | 'who' | 'hat' | 'hatTitle'>): Parcel {
  const photos = from.photos.map((photo) => ({
    key: photo.key, kind: photo.kind, type: photo.type, takenAt: photo.takenAt, point: photo.point ? { ...photo.point } : null, slot: photo.slot ?? SLOT, size: photo.bytes.byteLength, sent: 0, id: '',
  })) // prettier-ignore
  return {
    ...by,
    key: from.key, kind: from.kind, title: from.title, path: from.path, photos, deviceAt: from.deviceAt, caseId: from.caseId ?? '',
    // A reactive object cannot be stored, and nobody may change it any more.
    body: JSON.parse(JSON.stringify(from.body)) as Record<string, unknown>,
    state: 'waiting', tries: 0, why: null, answer: null,
  } // prettier-ignore
}

/** What is sent: the frozen body with key, device time and the ids of its photos in their places. */
export function bodyOf(parcel: Parcel): Record<string, unknown> {
  const body = JSON.parse(JSON.stringify(parcel.body)) as Record<string, unknown>
  body.key = parcel.key
  body.device_at = parcel.deviceAt
  for (const photo of parcel.photos) place(body, photo.slot.split('.'), photo.id)
  return body
}

function place(into: Record<string, unknown>, path: string[], id: string): void {
  const [name = SLOT, ...rest] = path
  if (rest.length > 0) {
    into[name] ??= {}
    place(into[name] as Record<string, unknown>, rest, id)
  } else {
    into[name] = [...((into[name] as string[] | undefined) ?? []), id]
  }
}
