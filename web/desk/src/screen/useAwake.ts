/** A wall must not go dark: asks the browser to keep the screen on, again whenever the page comes back into sight. */
import { onBeforeUnmount, onMounted } from 'vue'

export function useAwake(): void {
  let lock: WakeLockSentinel | null = null
  let gone = false

  async function ask(): Promise<void> {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    // Refused on battery or without https: the screen then follows the machine's own setting.
    const given = await navigator.wakeLock.request('screen').catch(() => null)
    if (gone) void given?.release()
    else lock = given
  }
  const again = (): void => void ask()
  onMounted(() => {
    document.addEventListener('visibilitychange', again)
    void ask()
  })
  onBeforeUnmount(() => {
    gone = true
    document.removeEventListener('visibilitychange', again)
    void lock?.release()
  })
}
