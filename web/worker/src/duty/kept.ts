/**
 * What the phone knows of its own duty between two starts: ids, times, and the positions not yet put into the outbox.
 * They are the worker's own, few, and gone with the next piece that is put.
 */
import type { Fix } from './track'

export interface KeptSpell {
  id: string
  grid: string
  began: number
  place: 'inside' | 'outside' | 'unknown'
}

export interface KeptPatrol {
  id: string
  began: number
  /** Since the last piece was put. */
  loose: Fix[]
  /** Put already; for the picture and the count on this phone. */
  told: Fix[]
}

export interface Kept {
  who: string
  spell: KeptSpell | null
  patrol: KeptPatrol | null
}

export class Shelf {
  constructor(
    private readonly name: string,
    private readonly storage: Storage | undefined = safeStorage(),
  ) {}

  /** What lies here for this person; nothing for anybody else. */
  read(who: string): Kept {
    const nothing: Kept = { who, spell: null, patrol: null }
    try {
      const found = JSON.parse(this.storage?.getItem(this.name) ?? 'null') as Kept | null
      return found?.who === who ? found : nothing
    } catch {
      return nothing
    }
  }

  write(kept: Kept): void {
    try {
      if (kept.spell) this.storage?.setItem(this.name, JSON.stringify(kept))
      else this.storage?.removeItem(this.name)
    } catch {
      // Full or forbidden: positions since the last piece would be lost with the page, which then shows as a gap.
    }
  }
}

function safeStorage(): Storage | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}
