/** Whether the server was heard lately. `navigator.onLine` only says that there is a cable; the last answer says more. */
import { computed, ref, type ComputedRef } from 'vue'

const silent = ref(typeof navigator !== 'undefined' && navigator.onLine === false)

/** Told by everybody who talks to the server. */
export function heardServer(reached: boolean): void {
  silent.value = !reached
}

/** True while the server cannot be reached. */
export const offline: ComputedRef<boolean> = computed(() => silent.value)

if (typeof window !== 'undefined') window.addEventListener('offline', () => (silent.value = true))
