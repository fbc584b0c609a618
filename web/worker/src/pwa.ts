/** Installing this face and changing to a new version of it. Nothing here runs where there is no service worker. */
import { ref } from 'vue'
import { flushAll } from '@shared/drafts/autosave'

/** A new version lies ready; it takes over when the person says so. */
export const fresh = ref(false)
/** A draft could not be kept: then the page stays as it is. */
export const held = ref(false)
/** The browser offers to install the page. */
export const installable = ref<(() => Promise<void>) | null>(null)

const EVERY_MS = 30 * 60 * 1000
let registration: ServiceWorkerRegistration | null = null
let asked = 0
let updating = false

interface InstallPrompt extends Event {
  prompt(): Promise<void>
}

export function startPwa(base: string): void {
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = `${base}manifest.webmanifest`
  document.head.append(link)
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    installable.value = async () => {
      await (event as InstallPrompt).prompt()
      installable.value = null
    }
  })
  // A part of the page that is gone from the server: the version changed under this tab.
  window.addEventListener('vite:preloadError', () => (fresh.value = true))
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('controllerchange', changed)
  const register = (): void => void navigator.serviceWorker.register(`${base}sw.js`, { scope: base, updateViaCache: 'none' }).then(watch).catch(() => undefined)
  if (document.readyState === 'complete') register()
  else window.addEventListener('load', register)
  document.addEventListener('visibilitychange', look)
}

function watch(found: ServiceWorkerRegistration): void {
  registration = found
  asked = performance.now()
  if (found.waiting && navigator.serviceWorker.controller) fresh.value = true
  found.addEventListener('updatefound', () => {
    const next = found.installing
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed' && navigator.serviceWorker.controller) fresh.value = true
    })
  })
}

function look(): void {
  if (document.visibilityState !== 'visible' || !registration || performance.now() - asked < EVERY_MS) return
  asked = performance.now()
  void registration.update().catch(() => undefined)
}

/** Keeps every open form, then changes to the new version. When a form cannot be kept, nothing changes. */
export async function update(): Promise<void> {
  try {
    await flushAll()
  } catch {
    held.value = true
    return
  }
  held.value = false
  updating = true
  if (registration?.waiting) registration.waiting.postMessage('take over')
  else window.location.reload()
}

/** Another tab may have asked for the change: this one then only offers it. */
function changed(): void {
  if (updating) window.location.reload()
  else if (fresh.value) registration = null
}
