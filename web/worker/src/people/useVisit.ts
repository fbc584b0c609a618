/**
 * The visit that is being written. What was typed is kept in the vault while it is open; put into the outbox it is frozen
 * and sent when there is a network. A visit the server refused is taken up again here and takes its parcel's place.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import { newKey } from '@shared/api/client'
import { put, settled, useOutbox, type Parcel } from '@shared/outbox'
import { drop, keep, locked, open } from '@shared/vault'
import { blank, bodyOf, clashesOf, isEmpty, keyOf, settle, visitOf, type Clash, type Spot, type Visit } from './visit'

export const DOOR = 'door'
/** So long the page waits for the server's word before it says that the visit is kept. */
const WAIT_MS = 6000

export function useVisit(household: string | null, spot: Spot | null) {
  const { rows, discard } = useOutbox()
  const name = `visit ${household ?? `${spot?.building ?? ''} ${spot?.dwelling ?? ''}`}`
  const visit = shallowRef<Visit>(blank(household, spot))
  const refused = shallowRef<Parcel | null>(null)
  const clashes = computed<Clash[]>(() => clashesOf(refused.value?.why?.more))
  const kept = ref<Record<string, 'mine' | 'theirs'>>({})
  const ready = ref(false)
  const undecided = computed(() => clashes.value.filter((one) => !kept.value[keyOf(one)]).length)
  const nothing = computed(() => isEmpty(visit.value) && !refused.value)
  /** Visits of this household that the server has not taken yet. */
  const pending = computed(() => rows.value.filter((row) => row.kind === DOOR && row.state === 'waiting' && household !== null && row.body.household === household))
  const rejected = computed(() => rows.value.filter((row) => row.kind === DOOR && row.state === 'rejected' && household !== null && row.body.household === household))

  /** What was being written, or the refused parcel `key`. */
  async function begin(key: string): Promise<void> {
    const parcel = key ? rows.value.find((row) => row.key === key && row.state === 'rejected') : undefined
    if (parcel) takeUp(parcel)
    else if (!locked.value) {
      const found = await open<Visit>(name).catch(() => undefined)
      if (found) visit.value = found
    }
    ready.value = true
  }

  function takeUp(parcel: Parcel): void {
    refused.value = parcel
    kept.value = {}
    visit.value = visitOf(parcel.body)
  }

  watch(visit, (now) => {
    if (!ready.value || locked.value || refused.value) return
    void (isEmpty(now) ? drop(name) : keep(name, now)).catch(() => undefined)
  })

  /** What would be sent now: the visit, with every clash decided. */
  function decided(): Visit {
    const versions = (refused.value?.why?.more?.versions ?? {}) as Record<string, number>
    return settle(visit.value, clashes.value, versions, kept.value)
  }

  /** Puts the visit into the outbox, or drops a refused one of which nothing is wanted any more; its row when decided soon. */
  async function send(title: string, now: Date): Promise<Parcel | 'dropped' | undefined> {
    const said = refused.value ? decided() : visit.value
    const replaces = refused.value?.key ?? ''
    if (isEmpty(said) && replaces) {
      await discard(replaces)
      await end()
      return 'dropped'
    }
    const key = newKey()
    await put({ key, kind: DOOR, title, path: '/register/door', body: bodyOf(said), photos: [], deviceAt: now.toISOString(), replaces })
    await end()
    return settled(key, WAIT_MS)
  }

  async function end(): Promise<void> {
    refused.value = null
    kept.value = {}
    visit.value = blank(household, spot)
    if (!locked.value) await drop(name).catch(() => undefined)
  }

  return { visit, refused, clashes, kept, undecided, nothing, pending, rejected, ready, begin, takeUp, send, end }
}
