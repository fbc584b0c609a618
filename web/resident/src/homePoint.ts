/** Where this phone's owner said to live, kept on the phone only. */
import type { Point } from '@shared/map/position'

export function homePoint(prefix: string): Point | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`onegrid.home${prefix}`) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return null
    const { lon, lat } = kept as Record<string, unknown>
    return typeof lon === 'number' && typeof lat === 'number' ? { lon, lat } : null
  } catch {
    return null
  }
}

export function rememberHome(prefix: string, point: Point): void {
  localStorage.setItem(`onegrid.home${prefix}`, JSON.stringify({ lon: point.lon, lat: point.lat }))
}
