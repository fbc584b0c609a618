/** My reports: those of my sign-in and those made on this phone without one, each once, newest first. */
import type { ApiClient } from '@shared/api/client'
import { ApiError } from '@shared/api/errors'
import type { Track, TrackPage } from '@shared/api/types'
import { codesHere } from '@shared/drafts/mine'

export async function myReports(api: ApiClient, prefix: string, signedIn: boolean): Promise<Track[]> {
  const own = signedIn ? (await api.get<TrackPage>('/resident/cases', { limit: 50 })).items : []
  const known = new Set(own.map((track) => track.track_code))
  const codes = codesHere(prefix).filter((code) => !known.has(code)).slice(0, 10)
  const here = await Promise.all(codes.map((code) => trackOrNull(api, code)))
  const found = [...own, ...here.filter((track): track is Track => track !== null)]
  return found.sort((one, other) => other.reported_at.localeCompare(one.reported_at))
}

/** A code whose case is gone (a demo started afresh) is passed over; a dead network is not. */
async function trackOrNull(api: ApiClient, code: string): Promise<Track | null> {
  try {
    return await api.get<Track>(`/track/${encodeURIComponent(code)}`)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}
