/** What the registers hold about the person who is signed in, who looked, and what he asks. */
import { computed, ref, shallowRef } from 'vue'
import { newKey, type ApiClient } from '@shared/api/client'
import type { AskedOwn, OwnLook, OwnLookPage, OwnRegister } from '@shared/api/types'

export type AskKind = 'correct' | 'erase' | 'question'

/** What a question or request is about. */
export interface About {
  kind: AskKind
  field?: string
  look?: OwnLook
  /** What the sheet says it is about. */
  title: string
}

export function useOwnRegister(api: ApiClient) {
  const own = shallowRef<OwnRegister | null>(null)
  const looks = shallowRef<OwnLook[]>([])
  const more = ref<string | null>(null)
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  const linked = computed(() => own.value?.linked === true)
  /** Made when a sheet opens and kept until it was answered: sent twice it is asked once. */
  let key = newKey()

  async function load(): Promise<void> {
    busy.value = true
    error.value = null
    try {
      own.value = await api.get<OwnRegister>('/resident/register')
      if (own.value.linked) await newest()
    } catch (problem) {
      error.value = problem
    } finally {
      busy.value = false
    }
  }

  async function newest(): Promise<void> {
    const page = await api.get<OwnLookPage>('/resident/register/looks')
    looks.value = page.items
    more.value = page.next
  }

  async function older(): Promise<void> {
    if (!more.value) return
    const page = await api.get<OwnLookPage>('/resident/register/looks', { cursor: more.value })
    looks.value = [...looks.value, ...page.items]
    more.value = page.next
  }

  /** Throws what the server said: the form shows it. */
  async function link(tail: string): Promise<void> {
    own.value = await api.post<OwnRegister>('/resident/register/link', { id_tail: tail.toUpperCase() })
    await newest()
  }

  async function unlink(): Promise<void> {
    await api.post('/resident/register/unlink')
    looks.value = []
    more.value = null
    await load()
  }

  async function ask(about: About, words: string): Promise<AskedOwn> {
    const body = { key, kind: about.kind, field: about.field ?? '', look: about.look ? Number(about.look.id) : null, words }
    const made = await api.post<AskedOwn>('/resident/register/requests', body, { key })
    key = newKey()
    await load()
    return made
  }

  return { own, looks, more, error, busy, linked, load, older, link, unlink, ask }
}
