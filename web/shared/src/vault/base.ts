/** Where sealed values lie. Nothing readable is stored but names and who set the PIN. */
import Dexie, { type Table } from 'dexie'
import type { Lock, Sealed } from './crypt'

export interface VaultRow {
  /** Locality and face. */
  place: string
  /** Person and position whose data it is. */
  owner: string
  lock: Lock
  /** Wrong PINs in a row. */
  wrong: number
}

export interface Item {
  place: string
  name: string
  sealed: Sealed
}

class VaultBase extends Dexie {
  vaults!: Table<VaultRow, string>
  items!: Table<Item, [string, string]>

  constructor() {
    super('onegrid-vault')
    this.version(1).stores({ vaults: 'place', items: '[place+name], place' })
  }
}

export const base = new VaultBase()
