/** Who is here, which hat is worn, and which locality this is. One store for all faces. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ApiClient } from '../api/client'
import type { Hat, LocalityInfo, Me } from '../api/types'
import { serverClock } from '../time/serverClock'

const NOBODY: Me = { kind: 'anonymous', name: '', hats: [], hat: null, csrf: null, must_change: false, totp: false, person: null }

/** Who was here last, and where "here" is. */
export interface Remembered {
  me: Me
  locality: LocalityInfo
}

/** Where that is kept on the device. */
export interface Memory {
  read(): Promise<Remembered | undefined>
  write(value: Remembered | null): Promise<void>
}

export const useSession = defineStore('session', () => {
  const me = ref<Me>(NOBODY)
  const locality = shallowRef<LocalityInfo | null>(null)
  const loaded = ref(false)
  let api: ApiClient | null = null
  let memory: Memory | null = null

  const signedIn = computed(() => me.value.kind !== 'anonymous')
  const hat = computed<Hat | null>(() => me.value.hats.find((one) => one.id === me.value.hat) ?? me.value.hats[0] ?? null)

  function bind(client: ApiClient): void {
    api = client
  }

  function client(): ApiClient {
    if (!api) throw new Error('session store used before setUpFace')
    return api
  }

  function accept(next: Me): void {
    me.value = next
    if (next.csrf) client().useCsrf(next.csrf)
  }

  /** Loads who is here and where "here" is; safe to call again. */
  async function load(): Promise<void> {
    const [who, where] = await Promise.all([client().get<Me>('/me'), client().get<LocalityInfo>('/locality')])
    accept(who)
    locality.value = where
    serverClock.sync(where.now)
    loaded.value = true
  }

  /**
   * From now on who is here is remembered in `store`, so that the page opens without a network. True when somebody is
   * remembered; what the server says later counts more.
   */
  async function remember(store: Memory): Promise<boolean> {
    memory = store
    const kept = await store.read().catch(() => undefined)
    if (kept?.me.kind !== 'staff' || loaded.value) return false
    accept(kept.me)
    locality.value = kept.locality
    loaded.value = true
    return true
  }

  watch([me, locality], () => {
    if (!memory || !loaded.value) return
    const known = me.value.kind === 'staff' && locality.value
    void memory.write(known ? (JSON.parse(JSON.stringify({ me: me.value, locality: locality.value })) as Remembered) : null).catch(() => undefined)
  })

  async function signIn(username: string, password: string, totp?: string): Promise<void> {
    accept(await client().post<Me>('/session', { username, password, ...(totp ? { totp } : {}) }))
    await load()
  }

  async function signInByPhone(phone: string, code: string): Promise<void> {
    accept(await client().post<Me>('/resident/session', { phone, code }))
    await load()
  }

  async function signOut(): Promise<void> {
    await client().delete('/session')
    forget()
    await load()
  }

  async function wear(id: string): Promise<void> {
    accept(await client().post<Me>('/me/hat', { hat: id }))
  }

  function forget(): void {
    me.value = NOBODY
  }

  function may(duty: string): boolean {
    return hat.value?.duties.includes(duty) ?? false
  }

  return { me, locality, loaded, signedIn, hat, bind, load, signIn, signInByPhone, signOut, wear, forget, may, remember }
})
