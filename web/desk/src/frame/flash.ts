/** One sentence about what was just done, with what can still be done about it. It goes by itself; the next takes its place. */
import { shallowRef } from 'vue'

export interface Flash {
  text: string
  /** What can be done about it: go back, undo. */
  actions: { label: string; run: () => void }[]
}

/** Long enough to read and to reach for the mouse. */
export const FLASH_MS = 9000
export const flashed = shallowRef<Flash | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

export function flash(text: string, actions: Flash['actions'] = []): void {
  clearTimeout(timer)
  const shown: Flash = { text, actions }
  flashed.value = shown
  timer = setTimeout(() => flashed.value === shown && (flashed.value = null), FLASH_MS)
}

export function clearFlash(): void {
  clearTimeout(timer)
  flashed.value = null
}
