/**
 * Personal data on the device: sealed by a key that only the owner's PIN opens, gone when somebody else, or the same
 * person in another position, uses the device. What is kept here can be fetched anew; unsent work lies in the outbox
 * instead, because a forgotten PIN must never cost anybody his work.
 */
import { computed, ref, type ComputedRef } from 'vue'
import { base } from './base'
import { canSeal, changeLock, makeLock, openLock, seal, unseal, words } from './crypt'

/** `none`: no PIN set yet. `foreign`: what is here belongs to another person or position and awaits its end. */
export type VaultState = 'unsupported' | 'none' | 'locked' | 'open' | 'foreign'

export class VaultLocked extends Error {
  override readonly name = 'VaultLocked'
}

/** After so many wrong PINs in a row the vault is emptied. */
export const MOST_WRONG = 10
/** Out of sight for so long, it locks itself. */
const OUT_OF_SIGHT_MS = 10 * 60 * 1000
const PIN = /^\d{6}$/

export const vaultState = ref<VaultState>(canSeal() ? 'none' : 'unsupported')
export const locked: ComputedRef<boolean> = computed(() => vaultState.value !== 'open')
let place = ''
let owner = ''
let key: CryptoKey | null = null
let hiddenAt = 0

/** Says whose device this is now. `mayWipe` is asked when it was another's: true once nothing of his waits to be sent. */
export async function claim(at: string, by: string, mayWipe: () => Promise<boolean>): Promise<VaultState> {
  const same = at === place && by === owner
  place = at
  owner = by
  if (!canSeal()) return (vaultState.value = 'unsupported')
  const row = await base.vaults.get(at)
  if (row && by && row.owner !== by) {
    key = null
    vaultState.value = 'foreign'
    if (await mayWipe()) await wipe()
    return vaultState.value
  }
  if (!same) key = null
  return (vaultState.value = row ? (key ? 'open' : 'locked') : 'none')
}

export function isPin(pin: string): boolean {
  return PIN.test(pin)
}

/** Sets the first PIN; what was here before is gone. */
export async function setPin(pin: string): Promise<void> {
  if (!isPin(pin)) throw new RangeError('a PIN has six digits')
  if (!canSeal() || vaultState.value === 'foreign') throw new VaultLocked()
  const made = await makeLock(pin)
  await base.transaction('rw', base.vaults, base.items, async () => {
    await base.items.where('place').equals(place).delete()
    await base.vaults.put({ place, owner, lock: made.lock, wrong: 0 })
  })
  key = made.key
  vaultState.value = 'open'
}

/** True when the PIN was right. Counts wrong ones; the tenth in a row empties the vault. */
export async function unlock(pin: string): Promise<boolean> {
  const row = await base.vaults.get(place)
  if (!row || row.owner !== owner) return false
  // Counted before it is tried: whoever kills the page in between has used the try all the same.
  await base.vaults.update(place, { wrong: row.wrong + 1 })
  const opened = await openLock(row.lock, pin)
  if (!opened) {
    if (row.wrong + 1 >= MOST_WRONG) await wipe()
    return false
  }
  await base.vaults.update(place, { wrong: 0 })
  key = opened
  vaultState.value = 'open'
  return true
}

/** Tries left before the vault empties itself. */
export async function triesLeft(): Promise<number> {
  return MOST_WRONG - ((await base.vaults.get(place))?.wrong ?? 0)
}

/** False when the old PIN is wrong. */
export async function changePin(old: string, pin: string): Promise<boolean> {
  if (!isPin(pin)) throw new RangeError('a PIN has six digits')
  const row = await base.vaults.get(place)
  if (!row || row.owner !== owner) return false
  const lock = await changeLock(row.lock, old, pin)
  if (lock) await base.vaults.update(place, { lock, wrong: 0 })
  return lock !== null
}

export function lock(): void {
  key = null
  if (vaultState.value === 'open') vaultState.value = 'locked'
}

/** Keeps a value (anything JSON can say) under a name. Rejects with `VaultLocked` while locked. */
export async function keep(name: string, value: unknown): Promise<void> {
  if (!key) throw new VaultLocked()
  const sealed = await seal(key, words(JSON.stringify(value)), `${place} ${owner} ${name}`)
  await base.items.put({ place, name, sealed })
}

/** The value kept under a name; undefined when there is none. Rejects with `VaultLocked` while locked. */
export async function open<T = unknown>(name: string): Promise<T | undefined> {
  if (!key) throw new VaultLocked()
  const item = await base.items.get([place, name])
  if (!item) return undefined
  const bytes = await unseal(key, item.sealed, `${place} ${owner} ${name}`)
  return JSON.parse(new TextDecoder().decode(bytes)) as T
}

/** Forgets one value. */
export async function drop(name: string): Promise<void> {
  await base.items.delete([place, name])
}

/** Everything of this place goes, the PIN too. */
export async function wipe(): Promise<void> {
  await base.transaction('rw', base.vaults, base.items, async () => {
    await base.items.where('place').equals(place).delete()
    await base.vaults.delete(place)
  })
  key = null
  if (canSeal()) vaultState.value = 'none'
}

if (typeof document !== 'undefined') {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') hiddenAt = performance.now()
    else if (hiddenAt && performance.now() - hiddenAt > OUT_OF_SIGHT_MS) lock()
  })
}
