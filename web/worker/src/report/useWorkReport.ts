/**
 * A worker's report: kept from the first word and the first photo, sent through the outbox. Without a network everything
 * works but what only the server knows (likely matters, cases near by).
 */
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import { newKey, type ApiClient } from '@shared/api/client'
import type { Preview } from '@shared/api/types'
import { asDraftPhoto, useAutosave } from '@shared/drafts/autosave'
import { readDraft, type Draft } from '@shared/drafts/drafts'
import type { Point } from '@shared/map/position'
import { put } from '@shared/outbox'
import { usePhotos } from '@shared/photos/usePhotos'

export interface WorkForm {
  words: string
  point: Point | null
  /** No position to be had (a basement): the report lies in the worker's own grid, and the address says where. */
  byGrid: boolean
  address: string
  /** The address is the worker's own words (or a door's): the map's words for the place do not replace them. */
  typed: boolean
  matter: string | null
  join: string | null
  spot: boolean
  spotWords: string
}

export type WorkProblem = 'words' | 'point' | 'spot_words' | 'spot_photos'

const BLANK: WorkForm = { words: '', point: null, byGrid: false, address: '', typed: false, matter: null, join: null, spot: false, spotWords: '' }
const SPOT = 'on_the_spot.photos'

export interface Writer {
  place: string
  who: string
  gridId: string | null
}

export function useWorkReport(api: ApiClient, writer: () => Writer) {
  /** Whoever began it: a sign-in that ends meanwhile must not make it nobody's. */
  const { who } = writer()
  const key = ref(newKey())
  const form = reactive<WorkForm>({ ...BLANK })
  const photos = usePhotos(api, 9, true)
  const spotPhotos = usePhotos(api, 9, true)
  const preview = shallowRef<Preview | null>(null)
  const ready = ref(false)
  const { keptAt, failed, changed, flush, end } = useAutosave(asDraft)
  let replaces = ''
  let asking: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  /** Opens a draft, or stays a blank form. */
  async function open(draftKey: string): Promise<void> {
    const draft = draftKey ? await readDraft(draftKey).catch(() => undefined) : undefined
    if (draft && (draft.who ?? who) === who) restore(draft)
    ready.value = true
  }

  function restore(draft: Draft): void {
    const { replaces: old, ...more } = draft.more
    key.value = draft.key
    replaces = typeof old === 'string' ? old : ''
    const point = draft.lon === null || draft.lat === null ? null : { lon: draft.lon, lat: draft.lat }
    Object.assign(form, BLANK, { typed: draft.address !== '' }, more, { words: draft.words, address: draft.address, matter: draft.matter, point })
    for (const photo of draft.photos) {
      const { key: photoKey, kind, takenAt, point: at, bytes, type, slot } = photo
      const set = slot === SPOT ? spotPhotos : photos
      set.adopt({ key: photoKey, kind, takenAt, point: at ?? null, blob: new Blob([bytes], { type }) })
    }
    keptAt.value = draft.changedAt
  }

  async function photosNow() {
    return Promise.all([...photos.photos.map((photo) => asDraftPhoto(photo)), ...spotPhotos.photos.map((photo) => asDraftPhoto(photo, SPOT))])
  }

  async function asDraft(): Promise<Draft> {
    const { words, point, address, matter, ...more } = form
    return {
      key: key.value, place: writer().place, who, words, lon: point?.lon ?? null, lat: point?.lat ?? null, address, matter,
      more: { ...more, ...(replaces ? { replaces } : {}) }, photos: await photosNow(), changedAt: new Date().toISOString(),
    } // prettier-ignore
  }

  /** Asks the server what it would make of this; an older answer never replaces a newer one. */
  async function look(): Promise<void> {
    if (!form.point) return
    const mine = ++asked
    const answer = await api.post<Preview>('/cases/preview', { words: form.words.trim(), ...form.point }).catch(() => null)
    if (mine === asked) preview.value = answer
  }

  watch(form, () => ready.value && changed(), { deep: true })
  // A photo is kept at once: it cannot be typed again.
  watch([() => photos.photos.length, () => spotPhotos.photos.length], () => ready.value && void flush().catch(() => undefined))
  watch([() => form.words, () => form.point], () => {
    clearTimeout(asking)
    asking = setTimeout(() => void look(), 700)
  })
  onScopeDispose(() => clearTimeout(asking))

  /** What joins another case is not settled here: that case has its own result. */
  const onSpot = computed(() => form.spot && form.join === null)
  const problems = computed<WorkProblem[]>(() => {
    const found: WorkProblem[] = []
    if (!form.words.trim()) found.push('words')
    if (!form.point && !form.byGrid) found.push('point')
    if (onSpot.value && !form.spotWords.trim()) found.push('spot_words')
    if (onSpot.value && spotPhotos.none.value) found.push('spot_photos')
    return found
  })

  /** Puts it into the outbox; resolves with its key when the device has it. */
  async function send(now: Date): Promise<string> {
    // What was picked counts, also what this phone is still making smaller.
    await Promise.all([photos.settle(), spotPhotos.settle()])
    const words = form.words.trim()
    const filed = key.value
    const said = body(words)
    // Photos of a result that was crossed out again are not sent.
    const sent = (await photosNow()).filter((photo) => photo.slot !== SPOT || said.on_the_spot)
    const deviceAt = now.toISOString()
    await put({ key: filed, kind: 'report', title: words.slice(0, 60), path: '/cases', body: said, photos: sent, deviceAt, replaces })
    // From here on the outbox has it. A draft that stays because the page dies now is tidied away at the next start.
    await end(filed).catch(() => undefined)
    return filed
  }

  function body(words: string): Record<string, unknown> {
    const { point, address, matter, join, spotWords } = form
    return {
      words, lon: point?.lon ?? null, lat: point?.lat ?? null, grid: point ? null : writer().gridId, address: address.trim().slice(0, 200),
      matter, photos: [], channel: 'patrol', join, on_the_spot: onSpot.value ? { words: spotWords.trim(), photos: [] } : null,
    } // prettier-ignore
  }

  /** Throws the draft away: only on the writer's own wish. */
  async function discard(): Promise<void> {
    await end(key.value).catch(() => undefined)
  }

  return { key, form, photos, spotPhotos, preview, keptAt, failed, problems, onSpot, ready, open, send, discard }
}
