/** The photos of one form: taken, made smaller, sent at once in the background, kept until the form is done. */
import { computed, onScopeDispose, reactive, ref } from 'vue'
import type { ApiClient } from '../api/client'
import { newKey } from '../api/client'
import { downscale } from './downscale'
import { uploadPhoto } from './upload'

export interface PickedPhoto {
  key: string
  kind: string
  blob: Blob
  preview: string
  takenAt: string
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

  async function add(files: Iterable<File>, kind: string): Promise<void> {
    const taken = [...files].slice(0, Math.max(0, max - photos.length - preparing.value))
    preparing.value += taken.length
    for (const file of taken) {
      const blob = await downscale(file)
      preparing.value -= 1
      adopt({ key: newKey(), kind, blob, takenAt: new Date(file.lastModified || Date.now()).toISOString() })
    }
  }

  /** Takes a photo in (fresh or from a draft) and sends it. */
  function adopt(from: Pick<PickedPhoto, 'key' | 'kind' | 'blob' | 'takenAt'>): void {
    photos.push({ ...from, preview: URL.createObjectURL(from.blob), state: hold ? 'sent' : 'sending', share: 0, error: null, id: hold ? from.key : '' })
    const photo = photos[photos.length - 1]
    if (photo && !hold) void send(photo)
  }

  async function send(photo: PickedPhoto): Promise<void> {
    photo.state = 'sending'
    photo.error = null
    try {
      const sent = await uploadPhoto(api, { key: photo.key, kind: photo.kind, blob: photo.blob, taken_at: photo.takenAt }, (share) => {
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
    forgetPreviews()
    photos.splice(0)
  }

  // The list itself stays: a draft that is kept while the page closes still needs the bytes.
  onScopeDispose(forgetPreviews)
  return { photos, ids, busy, none, preparing, failed, add, adopt, send, remove, settle, clear, max }
}

export type PhotoSet = ReturnType<typeof usePhotos>
