/** Which line of the palette is chosen. It is a command, not a place: what arrives late moves no choice under the reader's finger. */
import { computed, shallowRef, watch, type Ref } from 'vue'

export function useChosen(question: Ref<string>, shown: Readonly<Ref<readonly { id: string }[]>>) {
  const chosen = shallowRef('')
  const at = computed(() => Math.max(0, shown.value.findIndex((one) => one.id === chosen.value))) // prettier-ignore

  function choose(index: number): void {
    chosen.value = shown.value[index]?.id ?? ''
  }

  /** To the line `step` further down, round the end. */
  function move(step: number): void {
    const n = shown.value.length
    if (n > 0) choose((at.value + step + n) % n)
  }

  watch(question, () => choose(0), { flush: 'post' })
  watch(shown, () => choose(at.value), { immediate: true })
  return { at, choose, move }
}
