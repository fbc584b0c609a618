/**
 * A report being written: kept as a draft from the first word, looked at by the server while it is written, sent under the
 * key the draft was born with, so that a lost answer can be asked for again.
 */
import { computed, onScopeDispose, reactive, ref, shallowRef, watch } from 'vue'
import { isRefusal } from '../api/attempt'
import { newKey, type ApiClient } from '../api/client'
import { ApiError, OfflineError } from '../api/errors'
import type { CaseDetail, Preview, ReportBody } from '../api/types'
import { draftsOf, dropDraft, keepDraft, readDraft, type Draft, type DraftPhoto } from '../drafts/drafts'
import type { Point } from '../map/position'
import { usePhotos, type PickedPhoto } from '../photos/usePhotos'

export interface ReportForm {
  words: string
  point: Point | null
  address: string
  matter: string | null
  join: string | null
  anonymous: boolean
  confidential: boolean
  name: string
  phone: string
  spot: boolean
  spotWords: string
}

export type ReportProblem = 'words' | 'point' | 'photos' | 'spot_words' | 'spot_photos' | 'phone'

const BLANK: ReportForm = {
  words: '', point: null, address: '', matter: null, join: null, anonymous: false, confidential: false, name: '', phone: '', spot: false, spotWords: '',
} // prettier-ignore

const SPOT_KIND = 'after'
/** Fewer characters name no place. */
const TELLING = 4

export function useReport(api: ApiClient, place: string, channel: string) {
  const key = ref(newKey())
  const form = reactive<ReportForm>({ ...BLANK })
  const photos = usePhotos(api)
  const spotPhotos = usePhotos(api)
  const preview = shallowRef<Preview | null>(null)
  const keptAt = ref('')
  const ready = ref(false)
  let saving: ReturnType<typeof setTimeout> | undefined
  let asking: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let over = false
  /** What was sent without an answer: it may have arrived, so it is asked for again to the letter. */
  let pending: ReportBody | null = null

  /** Opens a draft by key, or the newest one of this place, or a blank form. True when something was found. */
  async function open(draftKey?: string): Promise<boolean> {
    const draft = draftKey ? await readDraft(draftKey) : (await draftsOf(place))[0]
    if (draft) restore(draft)
    ready.value = true
    return Boolean(draft)
  }

  function restore(draft: Draft): void {
    key.value = draft.key
    pending = (draft.more.pending as ReportBody | undefined) ?? null
    const { pending: _sent, ...rest } = draft.more
    Object.assign(form, BLANK, rest, {
      words: draft.words,
      address: draft.address,
      matter: draft.matter,
      point: draft.lon === null || draft.lat === null ? null : { lon: draft.lon, lat: draft.lat },
    })
    for (const photo of draft.photos) {
      const set = photo.kind === SPOT_KIND ? spotPhotos : photos
      set.adopt({ key: photo.key, kind: photo.kind, takenAt: photo.takenAt, blob: new Blob([photo.bytes], { type: photo.type }) })
    }
  }

  async function keep(): Promise<void> {
    const { words, point, address, matter, ...more } = form
    const kept = await Promise.all([...photos.photos, ...spotPhotos.photos].map(asBytes))
    const changedAt = new Date().toISOString()
    const draft: Draft = {
      key: key.value, place, words, lon: point?.lon ?? null, lat: point?.lat ?? null, address, matter, more: { ...more, ...(pending ? { pending } : {}) }, photos: kept, changedAt,
    } // prettier-ignore
    await keepDraft(draft)
    keptAt.value = words.trim() || kept.length ? changedAt : ''
  }

  /** Asks the server what it would make of this, or without a point which places the words may mean. */
  async function look(): Promise<void> {
    const { point } = form
    const words = form.words.trim()
    if (!point && words.length < TELLING) return
    // An older answer never replaces a newer one.
    const mine = ++asked
    try {
      const answer = await api.post<Preview>('/cases/preview', { words, lon: point?.lon ?? null, lat: point?.lat ?? null })
      if (mine === asked) preview.value = answer
    } catch {
      // A preview is a courtesy; without it the report can still be sent.
      if (mine === asked) preview.value = null
    }
  }

  const stopKeeping = watch([form, () => photos.photos.length, () => spotPhotos.photos.length], () => {
    if (!ready.value) return
    clearTimeout(saving)
    saving = setTimeout(() => void keep().catch(() => (keptAt.value = '')), 400)
  })

  watch([() => form.words, () => form.point], () => {
    clearTimeout(asking)
    asking = setTimeout(() => void look(), 700)
  })

  const problems = computed<ReportProblem[]>(() => {
    const found: ReportProblem[] = []
    if (!form.words.trim()) found.push('words')
    if (!form.point) found.push('point')
    if (form.phone && !/^[0-9+ -]{5,20}$/.test(form.phone.trim())) found.push('phone')
    if (form.spot && !form.spotWords.trim()) found.push('spot_words')
    if (form.spot && spotPhotos.none.value) found.push('spot_photos')
    return found
  })

  /** Sends it. The draft goes only after the server has answered. */
  async function send(): Promise<CaseDetail> {
    const all = await Promise.all([photos.settle(), spotPhotos.settle()])
    if (!all.every(Boolean)) throw cut() ? new OfflineError('photos') : new ApiError(0, 'photos_not_sent', '')
    const asked = pending ?? body()
    pending = JSON.parse(JSON.stringify(asked)) as ReportBody
    await atMost(keep())
    let answer: CaseDetail
    try {
      answer = await api.post<CaseDetail>('/cases', asked, { key: key.value })
    } catch (error) {
      if (isRefusal(error)) pending = null
      await atMost(keep())
      throw error
    }
    await addWhatChanged(answer, asked)
    over = true
    stopKeeping()
    clearTimeout(saving)
    await atMost(dropDraft(key.value))
    return answer
  }

  /** Every photo that is missing over there is missing for want of a network. */
  function cut(): boolean {
    return [...photos.photos, ...spotPhotos.photos].every((photo) => photo.state !== 'failed' || photo.error instanceof OfflineError)
  }

  /** The words were edited while an earlier try was on its way: they follow as an addition. */
  async function addWhatChanged(filed: CaseDetail, asked: ReportBody): Promise<void> {
    const words = form.words.trim()
    if (words === asked.words) return
    const addition = { key: newKey(), words, track_code: filed.track_code, device_at: new Date().toISOString() }
    try {
      await api.post(`/cases/${filed.id}/actions/add_words`, addition, { key: addition.key })
    } catch (error) {
      // Refused: the case takes no more words. Anything else is tried again with the report itself.
      if (!isRefusal(error)) throw error
    }
  }

  function body(): ReportBody {
    const phone = form.phone.trim()
    return {
      key: key.value,
      words: form.words.trim(),
      lon: form.point?.lon ?? null,
      lat: form.point?.lat ?? null,
      address: form.address.slice(0, 200),
      matter: form.matter,
      photos: photos.ids.value,
      channel,
      device_at: new Date().toISOString(),
      anonymous: form.anonymous,
      confidential: form.confidential,
      contact: !form.anonymous && phone ? { name: form.name.trim(), phone } : null,
      join: form.join,
      on_the_spot: form.spot ? { words: form.spotWords.trim(), photos: spotPhotos.ids.value } : null,
    }
  }

  /** Throws the draft away: only on the writer's own wish. */
  async function discard(): Promise<void> {
    clearTimeout(saving)
    saving = undefined
    pending = null
    await atMost(dropDraft(key.value))
    Object.assign(form, BLANK)
    photos.clear()
    spotPhotos.clear()
    preview.value = null
    key.value = newKey()
  }

  /** The page goes away: what was typed in the last moment is kept too. */
  function flush(): void {
    if (saving === undefined || over) return
    clearTimeout(saving)
    void keep().catch(() => undefined)
  }

  window.addEventListener('pagehide', flush)
  onScopeDispose(() => {
    clearTimeout(asking)
    window.removeEventListener('pagehide', flush)
    flush()
  })

  return { key, form, photos, spotPhotos, preview, keptAt, problems, open, keep, look, send, discard }
}

/** A device that cannot keep drafts (a private window, a full disk) must still be able to send. */
async function atMost(work: Promise<unknown>, ms = 1500): Promise<void> {
  await Promise.race([work.catch(() => undefined), new Promise((done) => setTimeout(done, ms))])
}

async function asBytes(photo: PickedPhoto): Promise<DraftPhoto> {
  return { key: photo.key, kind: photo.kind, type: photo.blob.type, takenAt: photo.takenAt, bytes: await photo.blob.arrayBuffer() }
}
