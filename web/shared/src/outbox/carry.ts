/** Takes one parcel to the server: its photos from the byte where they stopped, then the parcel itself. */
import type { ApiClient } from '../api/client'
import { isRecord } from '../api/errors'
import { bodyOf, type Parcel, type ParcelPhoto } from './parcel'
import type { Shelf } from './shelf'
import { verdict, type Reply, type Verdict } from './verdict'

export interface Road {
  /** One request; null when nothing came back in time. */
  ask(method: 'GET' | 'POST', path: string, body: unknown, key: string): Promise<Reply | null>
}

const PATIENCE_MS = 45_000

/** The road over the network. `heard` is told whether anything came back. */
export function networkRoad(api: ApiClient, heard: (reached: boolean) => void): Road {
  async function ask(method: 'GET' | 'POST', path: string, body: unknown, key: string): Promise<Reply | null> {
    const raw = body instanceof Uint8Array
    const cut = new AbortController()
    const timer = setTimeout(() => cut.abort(), PATIENCE_MS)
    const headers = { ...api.headers(key), ...(body === undefined ? {} : { 'Content-Type': raw ? 'application/octet-stream' : 'application/json' }) }
    try {
      const payload = body === undefined ? null : raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body)
      const response = await fetch(api.url(path), { method, headers, body: payload, credentials: 'same-origin', cache: 'no-store', signal: cut.signal })
      const text = await response.text()
      heard(true)
      return { status: response.status, body: parsed(text), retryAfter: Number(response.headers.get('Retry-After')) || null }
    } catch {
      // Nothing came back, or it broke off half way: whether the server took it is not known.
      heard(false)
      return null
    } finally {
      clearTimeout(timer)
    }
  }
  return { ask }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A photo nobody attached is deleted by the server after a week: an older id is asked for again. */
const STALE_MS = 5 * 24 * 3600 * 1000

export class Carrier {
  /** Bytes in one request: small on a road that keeps breaking. */
  private chunk = 128 * 1024
  private readonly fresh = new Map<string, number>()

  constructor(
    private readonly shelf: Shelf,
    private readonly road: Road,
    private readonly now: () => number,
  ) {}

  /** One try. What the server has confirmed of photos is kept, whatever comes after. */
  async carry(parcel: Parcel): Promise<Verdict> {
    for (const photo of parcel.photos) {
      if (photo.id && !this.isStale(photo)) continue
      const outcome = await this.sendPhoto(parcel, photo)
      if (outcome.kind !== 'taken') return outcome
    }
    return verdict(await this.road.ask('POST', parcel.path, bodyOf(parcel), parcel.key))
  }

  private isStale(photo: ParcelPhoto): boolean {
    const at = this.fresh.get(photo.key)
    // After a restart the age is not known: asking again costs one short request and no bytes.
    return at === undefined || Math.abs(this.now() - at) > STALE_MS
  }

  private async sendPhoto(parcel: Parcel, photo: ParcelPhoto): Promise<Verdict> {
    const bytes = await this.shelf.bytes(photo.key)
    if (!bytes) return { kind: 'refused', why: { status: 0, code: 'photo_lost', message: '', fields: [] } }
    const begun = verdict(await this.road.ask('POST', '/photos/uploads', await this.announce(photo, bytes), photo.key))
    if (begun.kind !== 'taken') return begun
    if (isRecord(begun.body.photo)) return this.arrived(parcel, photo, begun.body.photo)
    const sent = await this.sendBytes(parcel, photo, bytes, Number(begun.body.offset) || 0)
    if (sent) return sent
    const done = verdict(await this.road.ask('POST', `/photos/uploads/${photo.key}/finish`, {}, photo.key))
    return done.kind === 'taken' ? this.arrived(parcel, photo, done.body) : patient(done)
  }

  private async announce(photo: ParcelPhoto, bytes: ArrayBuffer): Promise<Record<string, unknown>> {
    return { key: photo.key, kind: photo.kind, size: bytes.byteLength, sha256: await sha256(bytes), taken_at: photo.takenAt || null, ...photo.point }
  }

  /** Null when all bytes are there, else why not. */
  private async sendBytes(parcel: Parcel, photo: ParcelPhoto, bytes: ArrayBuffer, from: number): Promise<Verdict | null> {
    let offset = from
    let corrected = 0
    await this.note(parcel, photo, { sent: offset })
    while (offset < bytes.byteLength) {
      const piece = new Uint8Array(bytes, offset, Math.min(this.chunk, bytes.byteLength - offset))
      const reply = await this.road.ask('POST', `/photos/uploads/${photo.key}/bytes?offset=${offset}`, piece, photo.key)
      const said = verdict(reply)
      const body = isRecord(reply?.body) ? reply.body : {}
      const told = body.offset
      // An earlier finish did arrive: asking for it again gives the photo.
      if (said.kind === 'taken' && isRecord(body.photo)) return null
      if (said.kind === 'taken' && typeof told === 'number' && told > offset) {
        offset = told
        this.chunk = Math.min(this.chunk * 2, 512 * 1024)
      } else if (said.kind === 'refused' && said.why.code === 'upload_offset' && typeof told === 'number' && corrected < 3) {
        // Part of a cut request did arrive: go on where the server stands.
        offset = told
        corrected += 1
      } else {
        this.chunk = Math.max(16 * 1024, this.chunk / 2)
        return said.kind === 'taken' ? LATER : patient(said)
      }
      await this.note(parcel, photo, { sent: offset })
    }
    return null
  }

  private async arrived(parcel: Parcel, photo: ParcelPhoto, body: Record<string, unknown>): Promise<Verdict> {
    if (typeof body.id !== 'string') return { kind: 'later', everybody: true, seconds: null }
    await this.note(parcel, photo, { id: body.id, sent: photo.size })
    this.fresh.set(photo.key, this.now())
    return { kind: 'taken', body }
  }

  private async note(parcel: Parcel, photo: ParcelPhoto, changes: Partial<ParcelPhoto>): Promise<void> {
    Object.assign(photo, changes)
    if (parcel.seq !== undefined) await this.shelf.photo(parcel.seq, photo.key, changes)
  }
}

const LATER: Verdict = { kind: 'later', everybody: false, seconds: null }
/** The server stands at another byte than we think, for a request given up here still runs there, or bytes went bad on the way. */
const UNSETTLED = new Set(['upload_offset', 'upload_damaged'])

/** A photo that has to be asked about again is not one that was refused. */
function patient(said: Verdict): Verdict {
  return said.kind === 'refused' && UNSETTLED.has(said.why.code) ? LATER : said
}

/** Hex digest; null where the page may not use the browser's cryptography (plain http on an intranet). */
export async function sha256(bytes: ArrayBuffer): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
