/** The way out when nothing else helps: all unsent work of this device as one file, photos inside. */
import { actionDrafts, draftsOf } from '../drafts/drafts'
import { bodyOf } from './parcel'
import { shelf } from './shelf'

/** JSON text of everything unsent of one person: parcels as they would be sent, and drafts. Photos are base64. */
export async function handOut(place: string, who: string, now: Date): Promise<string> {
  const mine = (await shelf.unsent(place)).filter((row) => row.who === who)
  const parcels = []
  for (const row of mine) {
    const photos = (await shelf.photosOf(row)).map(({ bytes, ...photo }) => ({ ...photo, base64: base64(bytes) }))
    const { kind, title, path, state, why, deviceAt, hatTitle } = row
    parcels.push({ kind, title, path, state, why, device_at: deviceAt, position: hatTitle, body: bodyOf(row), photos })
  }
  const kept = [...(await draftsOf(place, who)), ...(await draftsOf(actionDrafts(place), who))]
  const drafts = kept.map((draft) => ({
    ...draft,
    photos: draft.photos.map(({ bytes, ...photo }) => ({ ...photo, base64: base64(bytes) })),
  }))
  return JSON.stringify({ made_at: now.toISOString(), place, parcels, drafts }, null, 1)
}

/** Bytes as base64, in pieces: a call with a million arguments breaks older web views. */
export function base64(bytes: ArrayBuffer): string {
  const view = new Uint8Array(bytes)
  let text = ''
  for (let at = 0; at < view.length; at += 0x8000) text += String.fromCharCode(...view.subarray(at, at + 0x8000))
  return btoa(text)
}

/** Hands a text to the browser as a download. */
export function download(text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
