/** What answers only while its page is shown: pages wait side by side, and one that waits must not hear keys. */
import { getCurrentInstance, onActivated, onBeforeUnmount, onDeactivated, onMounted, type ComponentInternalInstance } from 'vue'

/** `add` when the component comes into sight, `remove` when it leaves it; both may be called again. */
export function whileShown(add: () => void, remove: () => void): void {
  const instance = getCurrentInstance()
  // A page may be left before its first answer: what is mounted then is mounted out of sight.
  onMounted(() => waits(instance) || add())
  onActivated(add)
  onDeactivated(remove)
  onBeforeUnmount(remove)
}

function waits(instance: ComponentInternalInstance | null): boolean {
  for (let one = instance; one; one = one.parent) if (one.isDeactivated) return true
  return false
}
