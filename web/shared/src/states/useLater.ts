import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** True only once `busy` has lasted `ms`: a skeleton that flashes for 50 ms is worse than none. */
export function useLater(busy: Ref<boolean>, ms = 300): Ref<boolean> {
  const late = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    busy,
    (now) => {
      clearTimeout(timer)
      if (!now) late.value = false
      else timer = setTimeout(() => (late.value = true), ms)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return late
}
