/** What lies over the page: the command palette, the sheet of keys, or neither. */
import { shallowRef } from 'vue'

export const over = shallowRef<'' | 'palette' | 'keys'>('')

export function openPalette(): void {
  over.value = 'palette'
}

export function openKeys(): void {
  over.value = 'keys'
}
