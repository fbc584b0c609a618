/**
 * Keeps a form while it is written: photos at once, words within 400 ms however fast they come, and everything before the
 * page goes. `flushAll` waits for all forms; an update of the page asks for it first.
 */
import { onScopeDispose, ref } from 'vue'
import { dropDraft, keepDraft, type Draft, type DraftPhoto } from './drafts'

const EVERY_MS = 400
const open = new Set<() => Promise<void>>()

/** Keeps every open form now. Rejects when one could not be kept. */
export async function flushAll(): Promise<void> {
  await Promise.all([...open].map((flush) => flush()))
}

/** `make` tells the draft as it is now. */
export function useAutosave(make: () => Promise<Draft>) {
  const keptAt = ref('')
  /** The device refuses to keep drafts: a private window, a full disk. */
  const failed = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let last: Promise<void> = Promise.resolve()
  let over = false

  async function save(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (over) return
    const draft = await make()
    if (over) return
    await keepDraft(draft)
    failed.value = false
    keptAt.value = draft.words.trim() || draft.photos.length ? draft.changedAt : ''
  }

  /** One after the other: an older state never overwrites a newer one. */
  function flush(): Promise<void> {
    last = last.catch(() => undefined).then(save)
    last.catch(() => (failed.value = true))
    return last
  }

  /** Something was typed. The first change starts the clock and later ones do not put it back. */
  function changed(): void {
    timer ??= setTimeout(() => void flush().catch(() => undefined), EVERY_MS)
  }

  /** Done with: nothing is kept any more, and what was kept goes. */
  async function end(key: string): Promise<void> {
    over = true
    clearTimeout(timer)
    await last.catch(() => undefined)
    await dropDraft(key)
    keptAt.value = ''
  }

  /** Begins anew after `end`. */
  function begin(): void {
    over = false
  }

  /** Something lies only in the page: just typed, or refused by the disk the last time. */
  const loose = (): boolean => timer !== undefined || failed.value
  const leaving = (): void => void (loose() && flush().catch(() => undefined))
  const guard = (): Promise<void> => (loose() ? flush() : last)
  open.add(guard)
  window.addEventListener('pagehide', leaving)
  document.addEventListener('visibilitychange', leaving)
  onScopeDispose(() => {
    leaving()
    open.delete(guard)
    window.removeEventListener('pagehide', leaving)
    document.removeEventListener('visibilitychange', leaving)
  })
  return { keptAt, failed, changed, flush, end, begin }
}

const read = new WeakMap<Blob, Promise<ArrayBuffer>>()

/** A picked photo as a draft keeps it; its bytes are read once. */
export async function asDraftPhoto(
  photo: { key: string; kind: string; blob: Blob; takenAt: string; point?: { lon: number; lat: number } | null },
  slot?: string,
): Promise<DraftPhoto> {
  let bytes = read.get(photo.blob)
  if (!bytes) {
    bytes = photo.blob.arrayBuffer()
    read.set(photo.blob, bytes)
  }
  // Copied: what a form watches is no plain value, and a disk refuses it.
  const point = photo.point ? { lon: photo.point.lon, lat: photo.point.lat } : null
  return { key: photo.key, kind: photo.kind, type: photo.blob.type, takenAt: photo.takenAt, point, bytes: await bytes, ...(slot ? { slot } : {}) }
}
