/** The photos of one form: taken, made smaller, sent at once in the background, kept until the form is done. */
import { computed, onScopeDispose, reactive, ref } from 'vue'
import type { ApiClient } from '../api/client'
import { newKey } from '../api/client'
import type { Point } from '../map/position'
import { downscale, PhotoRefused } from './downscale'
import { uploadPhoto } from './upload'
import type { Stamper } from './useStamp'

export interface PickedPhoto {
  key: string
  kind: string
  blob: Blob
  preview: string
  takenAt: string
  /** Where it was taken, if it was stamped with that. */
  point?: Point | null
  state: 'sending' | 'sent' | 'failed'
  share: number
  error: unknown
  id: string
}

/** `hold`: whoever uses them sends them (the outbox); each then counts as sent under its own key. */
export function usePhotos(api: ApiClient, max = 9, hold = false) {
  const photos = reactive<PickedPhoto[]>([])
  const ids = computed(() => photos.filter((photo) => photo.state === 'sent').map((photo) => photo.id))
  /** Photos picked but still being made smaller: on a slow phone that takes a moment. */
  const preparing = ref(0)
  const busy = computed(() => preparing.value > 0 || photos.some((photo) => photo.state === 'sending'))
  const none = computed(() => photos.length === 0 && preparing.value === 0)
  const failed = computed(() => photos.some((photo) => photo.state === 'failed'))

  /** Begun anew so many times: what was picked before no longer belongs here. */
  let round = 0

  /** Why the photos picked last could not be taken in, one reason for each kind of fault. */
  const refused = ref<PhotoRefused['reason'][]>([])

  async function add(files: Iterable<File>, kind: string, stamp?: Stamper): Promise<void> {
    const taken = [...files].slice(0, Math.max(0, max - photos.length - preparing.value))
    const mine = round
    preparing.value += taken.length
    refused.value = []
    for (const file of taken) {
      try {
        if (mine === round) await prepare(file, kind, stamp)
      } catch (error) {
        const reason = error instanceof PhotoRefused ? error.reason : 'unreadable'
        refused.value = [...new Set([...refused.value, reason])]
      } finally {
        preparing.value -= 1
      }
    }
  }

  async function prepare(file: File, kind: string, stamp?: Stamper): Promise<void> {
    const mine = round
    const takenAt = file.lastModified || Date.now()
    const stamped = await stamp?.(takenAt)
    const blob = await downscale(file, stamped?.lines ?? [])
    if (mine === round) adopt({ key: newKey(), kind, blob, takenAt: new Date(takenAt).toISOString(), point: stamped?.point ?? null })
  }

  /** Takes a photo in (fresh or from a draft) and sends it. */
  function adopt(from: Pick<PickedPhoto, 'key' | 'kind' | 'blob' | 'takenAt' | 'point'>): void {
    photos.push({ ...from, preview: URL.createObjectURL(from.blob), state: hold ? 'sent' : 'sending', share: 0, error: null, id: hold ? from.key : '' })
    const photo = photos[photos.length - 1]
    if (photo && !hold) void send(photo)
  }

  async function send(photo: PickedPhoto): Promise<void> {
    photo.state = 'sending'
    photo.error = null
    try {
      const { key, kind, blob, takenAt: taken_at } = photo
      const sent = await uploadPhoto(api, { key, kind, blob, taken_at, ...photo.point }, (share) => {
        photo.share = share
      })
      photo.id = sent.id
      photo.state = 'sent'
    } catch (error) {
      photo.error = error
      photo.state = 'failed'
    }
  }

  function remove(photo: PickedPhoto): void {
    URL.revokeObjectURL(photo.preview)
    const at = photos.findIndex((one) => one.key === photo.key)
    if (at >= 0) photos.splice(at, 1)
  }

  /** Waits until every photo is sent or has failed; failed ones are tried once more first. */
  async function settle(): Promise<boolean> {
    await Promise.all(photos.filter((photo) => photo.state === 'failed').map(send))
    while (busy.value) await new Promise((done) => setTimeout(done, 100))
    return !failed.value
  }

  function forgetPreviews(): void {
    for (const photo of photos) URL.revokeObjectURL(photo.preview)
  }

  function clear(): void {
    round += 1
    forgetPreviews()
    photos.splice(0)
  }

  // The list itself stays: a draft that is kept while the page closes still needs the bytes.
  onScopeDispose(forgetPreviews)
  return { photos, ids, busy, none, preparing, refused, failed, add, adopt, send, remove, settle, clear, max }
}

export type PhotoSet = ReturnType<typeof usePhotos>
