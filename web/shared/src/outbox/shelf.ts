/** The outbox on the device's disk. Photo bytes lie in a table of their own, so that the boxes can be listed quickly. */
import Dexie, { liveQuery, type Observable, type Table } from 'dexie'
import type { DraftPhoto } from '../drafts/drafts'
import type { Parcel, ParcelPhoto, Why } from './parcel'

/** What the sender needs of a store. */
export interface Shelf {
  waiting(place: string): Promise<Parcel[]>
  bytes(photo: string): Promise<ArrayBuffer | undefined>
  photo(seq: number, key: string, changes: Partial<ParcelPhoto>): Promise<void>
  tried(seq: number): Promise<void>
  rejected(seq: number, why: Why): Promise<void>
  delivered(seq: number, answer: { id: string; number: string }): Promise<void>
}

/** Who was here last, by place; anything plain. */
interface LastHere {
  place: string
  value: unknown
}

interface PhotoBytes {
  key: string
  parcel: string
  bytes: ArrayBuffer
}

/** Sent parcels kept for the eye. */
const KEPT = 100

class OutboxBase extends Dexie implements Shelf {
  parcels!: Table<Parcel, number>
  photos!: Table<PhotoBytes, string>
  here!: Table<LastHere, string>

  constructor() {
    // Strict: a promise that resolved means the disk has it, also when the power fails in the next moment.
    super('onegrid-outbox', { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ parcels: '++seq, &key, [place+state], place', photos: 'key, parcel', here: 'place' })
  }

  /** Keeps a parcel with its photos, all or nothing. The same key again changes nothing. */
  async put(parcel: Parcel, photos: DraftPhoto[], replaces = ''): Promise<void> {
    await this.transaction('rw', this.parcels, this.photos, async () => {
      if ((await this.parcels.where('key').equals(parcel.key).count()) > 0) return
      await this.photos.bulkPut(photos.map((photo) => ({ key: photo.key, parcel: parcel.key, bytes: photo.bytes })))
      await this.parcels.add(parcel)
      // Photos both have now belong to the new one, so they stay.
      if (replaces) await this.remove(replaces)
    })
  }

  async waiting(place: string): Promise<Parcel[]> {
    return this.parcels.where('[place+state]').equals([place, 'waiting']).sortBy('seq')
  }

  async bytes(photo: string): Promise<ArrayBuffer | undefined> {
    return (await this.photos.get(photo))?.bytes
  }

  async photo(seq: number, key: string, changes: Partial<ParcelPhoto>): Promise<void> {
    await this.parcels.where('seq').equals(seq).modify((row) => {
      const photo = row.photos.find((one) => one.key === key)
      if (photo) Object.assign(photo, changes)
    }) // prettier-ignore
  }

  async tried(seq: number): Promise<void> {
    await this.parcels.where('seq').equals(seq).modify((row) => void (row.tries += 1))
  }

  async rejected(seq: number, why: Why): Promise<void> {
    await this.parcels.update(seq, { state: 'rejected', why })
  }

  /** The server has it: only now the bytes go, and of the sent ones only the newest stay. */
  async delivered(seq: number, answer: { id: string; number: string }): Promise<void> {
    await this.transaction('rw', this.parcels, this.photos, async () => {
      const row = await this.parcels.get(seq)
      if (!row) return
      await this.photos.where('parcel').equals(row.key).delete()
      await this.parcels.update(seq, { state: 'sent', answer, why: null, body: {} })
      const sent = await this.parcels.where('[place+state]').equals([row.place, 'sent']).primaryKeys()
      if (sent.length > KEPT) await this.parcels.bulkDelete(sent.sort((one, other) => one - other).slice(0, sent.length - KEPT))
    })
  }

  /** A rejected parcel tries again as it is. */
  async again(key: string): Promise<void> {
    await this.parcels.where('key').equals(key).modify((row) => {
      if (row.state === 'rejected') Object.assign(row, { state: 'waiting', why: null })
    }) // prettier-ignore
  }

  /** Throws a rejected parcel away; a waiting one stays, for nobody knows whether the server has it. */
  async discard(key: string): Promise<void> {
    await this.transaction('rw', this.parcels, this.photos, () => this.remove(key))
  }

  private async remove(key: string): Promise<void> {
    const row = await this.parcels.where('key').equals(key).first()
    if (!row || row.state !== 'rejected') return
    await this.photos.where('parcel').equals(key).delete()
    await this.parcels.where('key').equals(key).delete()
  }

  /** Kept beside the queue with the same durability: without it a killed browser would not know whose queue this is. */
  async lastHere<T>(place: string): Promise<T | undefined> {
    return (await this.here.get(place))?.value as T | undefined
  }

  async setLastHere(place: string, value: unknown): Promise<void> {
    if (value === null) await this.here.delete(place)
    else await this.here.put({ place, value })
  }

  async find(key: string): Promise<Parcel | undefined> {
    return this.parcels.where('key').equals(key).first()
  }

  async keys(): Promise<string[]> {
    return (await this.parcels.toArray()).map((row) => row.key)
  }

  /** A parcel's photos with their bytes. */
  async photosOf(parcel: Parcel): Promise<DraftPhoto[]> {
    const found = await this.photos.bulkGet(parcel.photos.map((photo) => photo.key))
    return parcel.photos.flatMap(({ key, kind, type, takenAt, point, slot }, at) => {
      const bytes = found[at]?.bytes
      return bytes ? [{ key, kind, type, takenAt, point, slot, bytes }] : []
    })
  }

  /** All parcels of one person here, in order; tells of every change, also by another tab. */
  watch(place: string, who: () => string): Observable<Parcel[]> {
    return liveQuery(async () => {
      const rows = await this.parcels.where('place').equals(place).sortBy('seq')
      return rows.filter((row) => row.who === who())
    })
  }

  /** Parcels of anybody not yet sent from here. */
  async unsent(place: string): Promise<Parcel[]> {
    return (await this.parcels.where('place').equals(place).sortBy('seq')).filter((row) => row.state !== 'sent')
  }
}

export const shelf = new OutboxBase()
