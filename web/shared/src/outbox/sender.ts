/**
 * The one who sends: oldest first, until nothing waits or nothing gets through. Time is waited, never read: a phone whose
 * clock jumps by days must neither stop nor hurry.
 */
import type { Parcel, Why } from './parcel'
import type { Shelf } from './shelf'
import { backOff, type Verdict } from './verdict'

export type SenderState = 'idle' | 'sending' | 'waiting' | 'unsigned'

export interface SenderParts {
  place: string
  shelf: Shelf
  carry: (parcel: Parcel) => Promise<Verdict>
  /** Runs the work when no other tab does; false when one does. */
  alone: (work: () => Promise<void>) => Promise<boolean>
  /** Who may send now; '' for nobody. */
  who: () => string
  /** May a parcel written in another position go now? */
  fits: (parcel: Parcel) => boolean
  /** Gets a new token from the server; false when that failed. */
  refresh: () => Promise<boolean>
  chance: () => number
  later: (work: () => void, seconds: number) => () => void
  onState: (state: SenderState) => void
  onDelivered: (parcel: Parcel, body: Record<string, unknown>) => void
  onRejected: (parcel: Parcel, why: Why) => void
}

/** Different parcels the server stumbled over in one run before the whole run waits. */
const STUMBLES = 3
const OTHER_TAB_S = 5

export class Sender {
  private cancel: (() => void) | null = null
  private running: Promise<void> | null = null
  private asked = false
  private failures = 0
  /** Runs a parcel sits out after the server stumbled over it, so that one bad one never blocks the rest. */
  private readonly sitting = new Map<string, number>()

  constructor(private readonly parts: SenderParts) {}

  /** Something may have changed: try now. A run that goes on already takes it along. */
  kick(): Promise<void> {
    this.cancel?.()
    this.cancel = null
    this.asked = true
    this.running ??= this.run().finally(() => {
      this.running = null
      if (this.asked) void this.kick()
    })
    return this.running
  }

  /** The person asked: whatever sat out may go at once. */
  now(): Promise<void> {
    this.failures = 0
    this.sitting.clear()
    return this.kick()
  }

  stop(): void {
    this.cancel?.()
    this.cancel = null
  }

  private async run(): Promise<void> {
    this.asked = false
    if (!this.parts.who()) return this.parts.onState('unsigned')
    let wait: number | null = null
    let failed = false
    const mine = await this.parts
      .alone(async () => {
        wait = await this.drain()
      })
      .catch(() => (failed = true))
    if (failed) wait = this.pause(null)
    else if (!mine) wait = OTHER_TAB_S
    this.again(wait)
  }

  private again(wait: number | null): void {
    if (wait === null || this.asked) return
    this.cancel = this.parts.later(() => void this.kick(), wait)
  }

  /** Sends all that can go; seconds until the next run, or null when nothing is left to do. */
  private async drain(): Promise<number | null> {
    const held = new Set<string>()
    const seen = new Set<string>()
    const skipped = this.sitOut()
    let stumbled = 0
    this.parts.onState('sending')
    for (;;) {
      const rows = (await this.parts.shelf.waiting(this.parts.place)).filter((row) => !seen.has(row.key))
      if (rows.length === 0) break
      for (const parcel of rows) {
        seen.add(parcel.key)
        if (!this.mayGo(parcel, held, skipped)) continue
        const said = await this.one(parcel)
        if (said === 'gone') this.failures = 0
        else if (said === 'held') {
          hold(parcel, held)
          stumbled += 1
          if (stumbled >= STUMBLES) return this.pause(null)
        } else if (said === 'unsigned') {
          this.parts.onState('unsigned')
          return null
        } else return this.pause(said)
      }
    }
    if (stumbled > 0 || skipped.size > 0) return this.pause(null)
    this.failures = 0
    this.parts.onState('idle')
    return null
  }

  /** Whoever still sits out this run. */
  private sitOut(): Set<string> {
    const skipped = new Set<string>()
    for (const [key, runs] of this.sitting) {
      if (runs > 0) skipped.add(key)
      this.sitting.set(key, runs - 1)
    }
    return skipped
  }

  /** Mine, fitting my position, not behind another one of its case that has to wait, and not sitting out. */
  private mayGo(parcel: Parcel, held: Set<string>, skipped: Set<string>): boolean {
    if (!this.isHis(parcel)) return false
    if (held.has(lane(parcel))) return false
    if (!skipped.has(parcel.key)) return true
    hold(parcel, held)
    return false
  }

  /** Written by who is here now, in a position that may send it. */
  private isHis(parcel: Parcel): boolean {
    return parcel.who === this.parts.who() && this.parts.fits(parcel)
  }

  /** 'gone' when decided or no longer ours to send, 'held' when only this one has to wait, else for how long all wait (null: we choose). */
  private async one(parcel: Parcel): Promise<'gone' | 'held' | 'unsigned' | number | null> {
    const seq = parcel.seq ?? 0
    await this.parts.shelf.tried(seq)
    let said = await this.parts.carry(parcel)
    if (said.kind === 'token') {
      if (!(await this.parts.refresh())) return null
      // The new token may be another one's, who signed in on another tab: then this parcel waits for its writer.
      if (!this.isHis(parcel)) return this.parts.who() ? 'gone' : 'unsigned'
      said = await this.parts.carry(parcel)
    }
    if (said.kind === 'taken') {
      const { id, number } = said.body
      await this.parts.shelf.delivered(seq, { id: typeof id === 'string' ? id : '', number: typeof number === 'string' ? number : '' })
      this.sitting.delete(parcel.key)
      this.parts.onDelivered(parcel, said.body)
      return 'gone'
    }
    if (said.kind === 'refused') {
      await this.parts.shelf.rejected(seq, said.why)
      this.sitting.delete(parcel.key)
      this.parts.onRejected(parcel, said.why)
      return 'gone'
    }
    if (said.kind === 'unsigned' || said.kind === 'token') return 'unsigned'
    if (said.everybody) return said.seconds
    this.sitting.set(parcel.key, Math.min(8, parcel.tries))
    return 'held'
  }

  private pause(seconds: number | null): number {
    this.failures += 1
    this.parts.onState('waiting')
    return Math.max(seconds ?? 0, backOff(this.failures, this.parts.chance()))
  }
}

/** What must keep its order among itself: the steps of one case, the steps of one kind (duty). Reports stand alone. */
function lane(parcel: Parcel): string {
  return parcel.caseId || (parcel.kind === 'report' ? parcel.key : `kind ${parcel.kind}`)
}

function hold(parcel: Parcel, held: Set<string>): void {
  held.add(lane(parcel))
}
