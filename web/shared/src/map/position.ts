export interface Point {
  lon: number
  lat: number
}

export type Located = { kind: 'here'; point: Point; accuracy: number } | { kind: 'outside' } | { kind: 'refused' } | { kind: 'unavailable' }

export function inside(point: Point, bbox: readonly [number, number, number, number] | null): boolean {
  if (!bbox) return true
  const [west, south, east, north] = bbox
  return point.lon >= west && point.lon <= east && point.lat >= south && point.lat <= north
}

/**
 * Where the device is, told in a way a page can explain. Browsers give positions in WGS84, as our map is; they exist only
 * on https and localhost, and people may say no.
 */
export function locate(bbox: readonly [number, number, number, number] | null, device: Geolocation | undefined = navigator.geolocation): Promise<Located> {
  if (!device || !globalThis.isSecureContext) return Promise.resolve({ kind: 'unavailable' })
  return new Promise((done) => {
    device.getCurrentPosition(
      (found) => {
        const point = { lon: found.coords.longitude, lat: found.coords.latitude }
        done(inside(point, bbox) ? { kind: 'here', point, accuracy: found.coords.accuracy } : { kind: 'outside' })
      },
      (problem) => done({ kind: problem.code === 1 ? 'refused' : 'unavailable' }),
      { enableHighAccuracy: true, timeout: 8000, maximumAge: 30_000 },
    )
  })
}
