/** Keys of a page that is worked all day. A key typed into a field is text, not a command. */
import { onBeforeUnmount, onMounted } from 'vue'

export function useKeys(keys: Record<string, () => void>): void {
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    const target = event.target as HTMLElement
    const typing = target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
    if (event.key === 'Escape' && typing) target.blur()
    else if (typing || target.closest('dialog')) return
    // Enter on a link or button already does what that link or button does.
    if (event.key === 'Enter' && target.closest('a, button')) return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => window.removeEventListener('keydown', pressed))
}
