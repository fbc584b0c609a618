/** Notices to residents at a place; of the whole locality without one, or when the place is no longer in it. */
import { ApiError } from '@shared/api/errors'
import type { Notice, NoticeList } from '@shared/api/types'
import { useApi } from '@shared/app'
import type { Point } from '@shared/map/position'

export function useNotices(): (at: Point | null) => Promise<Notice[]> {
  const api = useApi()
  return async (at) => {
    const query = at ? { lon: at.lon.toFixed(6), lat: at.lat.toFixed(6) } : {}
    try {
      return (await api.get<NoticeList>('/notices/here', query)).items
    } catch (error) {
      if (!at || !(error instanceof ApiError) || error.status !== 404) throw error
      return (await api.get<NoticeList>('/notices/here')).items
    }
  }
}
