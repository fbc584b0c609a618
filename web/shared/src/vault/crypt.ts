/** The cryptography of the vault: a data key, wrapped by a key made of the PIN. WebCrypto only; nothing of our own making. */

/** OWASP's figure for PBKDF2 with SHA-256; about half a second on a cheap phone. */
export const ROUNDS = 600_000

export interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}

export interface Lock {
  salt: Uint8Array<ArrayBuffer>
  rounds: number
  key: Sealed
}

/** False on plain http away from localhost: browsers then give pages no cryptography. */
export function canSeal(): boolean {
  return Boolean(globalThis.crypto?.subtle)
}

/** A new data key and the lock that only this PIN opens. */
export async function makeLock(pin: string, rounds = ROUNDS): Promise<{ lock: Lock; key: CryptoKey }> {
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const lock = { salt, rounds, key: await seal(await pinKey(pin, salt, rounds), raw, 'key') }
  return { lock, key: await dataKey(raw) }
}

/** The data key, or null for a wrong PIN. */
export async function openLock(lock: Lock, pin: string): Promise<CryptoKey | null> {
  try {
    return await dataKey(new Uint8Array(await unseal(await pinKey(pin, lock.salt, lock.rounds), lock.key, 'key')))
  } catch {
    return null
  }
}

/** The same data key under another PIN; null when the old one is wrong. */
export async function changeLock(lock: Lock, old: string, pin: string): Promise<Lock | null> {
  try {
    const raw = new Uint8Array(await unseal(await pinKey(old, lock.salt, lock.rounds), lock.key, 'key'))
    const salt = crypto.getRandomValues(new Uint8Array(16))
    return { salt, rounds: lock.rounds, key: await seal(await pinKey(pin, salt, lock.rounds), raw, 'key') }
  } catch {
    return null
  }
}

/** Sealed under `key`; `about` is bound in, so that a value cannot be put in another one's place. */
export async function seal(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>, about: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return { iv, bytes: await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: words(about) }, key, bytes) }
}

/** Rejects when the key, the words or a single bit differ. */
export async function unseal(key: CryptoKey, sealed: Sealed, about: string): Promise<ArrayBuffer> {
  return crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv, additionalData: words(about) }, key, sealed.bytes)
}

function dataKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

async function pinKey(pin: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey('raw', words(pin), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

export function words(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}
