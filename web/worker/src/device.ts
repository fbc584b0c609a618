/** What this phone keeps for whoever works with it: who he is, what he has not sent yet, and his sealed data. */
import { watch } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import { draftLines, keepDraft, type Draft } from '@shared/drafts/drafts'
import { editWith, kick, startOutbox, watchRows, type Hand, type Parcel } from '@shared/outbox'
import { shelf } from '@shared/outbox/shelf'
import type { Place } from '@shared/paths'
import type { Remembered, useSession } from '@shared/stores/session'
import { claim, vaultState } from '@shared/vault'
import { fetchAhead, forgetAhead } from './case/kept'

type Session = ReturnType<typeof useSession>

/** Starts the outbox and the vault. The last person is remembered, so that the page opens without a network. */
export async function startDevice(parts: { place: Place; api: ApiClient; session: Session; moved: () => void }): Promise<void> {
  const { place, api, session } = parts
  const hand = (): Hand => handOf(session)
  const memory = { read: () => shelf.lastHere<Remembered>(place.base), write: (value: Remembered | null) => shelf.setLastHere(place.base, value) }
  if (await session.remember(memory)) void session.load().catch(() => undefined)
  startOutbox({ api, place: place.base, hand, refresh: () => session.load(), signedOut: () => session.forget() })
  editWith('report', (parcel) => asDraft(parcel, place.base, hand().who))
  editWith('action', (parcel) => Promise.resolve({ name: 'case', params: { id: parcel.caseId }, query: { edit: parcel.key } }))
  editWith('door', (parcel) => Promise.resolve(doorOf(parcel)))
  editWith('care_visit', (parcel) => Promise.resolve({ name: 'care', params: { id: /\d+/.exec(parcel.path)?.[0] ?? '' }, query: { edit: parcel.key } }))
  watch(
    () => `${hand().who} ${hand().hat}`,
    () => {
      watchRows()
      kick()
      void own(place.base, hand())
    },
    { immediate: true },
  )
  watch(vaultState, (state) => {
    if (state === 'none' || state === 'foreign') forgetAhead()
    if (state === 'open') void fetchAhead(api, () => new Date())
  })
  let soon: ReturnType<typeof setTimeout> | undefined
  window.addEventListener('onegrid:delivered', () => {
    // Four hundred reports that go out in one minute reload the lists once.
    clearTimeout(soon)
    soon = setTimeout(parts.moved, 800)
    // The last parcel of the one before has gone: now his data may go too.
    if (vaultState.value === 'foreign') void own(place.base, hand())
  })
}

export function handOf(session: Session): Hand {
  const { me, hat } = session
  return { who: me.kind === 'staff' ? (me.person ?? '') : '', hat: hat?.id ?? '', hatTitle: hat ? `${hat.title} · ${hat.place}` : '', hats: me.hats.map((one) => one.id) }
}

/** Where a refused visit is settled: at its household, or at the house where one was to be added. */
function doorOf(parcel: Parcel): { name: string; params: Record<string, string>; query: Record<string, string> } {
  const { household, at } = parcel.body as { household: string | null; at: { building?: string; dwelling?: string } | null }
  const query = { settle: parcel.key, ...(at?.dwelling ? { dwelling: at.dwelling } : {}) }
  return household ? { name: 'door', params: { home: household }, query } : { name: 'newdoor', params: { house: at?.building ?? '' }, query }
}

async function own(place: string, hand: Hand): Promise<void> {
  if (!hand.who) return
  await claim(place, `${hand.who} ${hand.hat}`, async () => (await shelf.unsent(place)).length === 0).catch(() => undefined)
}

/** Makes a rejected report a draft again, once; its photos come along. */
async function asDraft(parcel: Parcel, place: string, who: string): Promise<{ name: string; query: Record<string, string> }> {
  const known = (await draftLines(place, who)).find((draft) => draft.more.replaces === parcel.key)
  const key = known?.key ?? newKey()
  if (!known) await keepDraft(await draftOf(parcel, key, place, who))
  return { name: 'report', query: { draft: key } }
}

async function draftOf(parcel: Parcel, key: string, place: string, who: string): Promise<Draft> {
  const { words, lon, lat, grid, address, matter, join, on_the_spot: spot } = parcel.body as {
    words: string; lon: number | null; lat: number | null; grid: string | null; address: string; matter: string | null; join: string | null
    on_the_spot: { words: string } | null
  } // prettier-ignore
  const more = { replaces: parcel.key, byGrid: grid !== null, join, typed: address !== '', spot: spot !== null, spotWords: spot?.words ?? '' }
  return { key, place, who, words, lon, lat, address, matter, more, photos: await shelf.photosOf(parcel), changedAt: new Date().toISOString() }
}
