/**
 * Which version the map has. Pages with a live feed are told; pages without ask, as long as they show a map and are
 * looked at. Either way an edit is on every open map within two seconds.
 */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import type { ApiClient } from '../api/client'
import type { MapVersion } from './api'

export const ASK_MS = 1800
const version = ref(0)
let fed = 0

export const mapVersion: Readonly<Ref<number>> = readonly(version)

/** Somebody knows of a version; versions only grow. */
export function tellMapVersion(found: number): void {
  if (found > version.value) version.value = found
}

/** A feed has begun or ceased to bring versions; while one does nobody asks. */
export function feedTells(on: boolean): void {
  fed = Math.max(0, fed + (on ? 1 : -1))
}

/** Another locality, or a test. */
export function forgetMapVersion(): void {
  version.value = 0
  fed = 0
}

/** Keeps the version current as long as the component lives. */
export function useMapVersion(api: ApiClient): Readonly<Ref<number>> {
  let asking = false

  async function ask(): Promise<void> {
    if (asking || fed > 0 || document.visibilityState === 'hidden') return
    asking = true
    const found = await api.get<MapVersion>('/map/version').catch(() => null)
    asking = false
    if (found) tellMapVersion(found.version)
  }

  const timer = setInterval(() => void ask(), ASK_MS)
  const seen = (): void => void ask()
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', seen)
  })
  return mapVersion
}
