/** Which rows of a long list are in sight, so that only those are drawn. All rows have one height. */
import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'

/** Drawn above and below what is in sight: little while it moves, more once it stands, for find-in-page and the next turn. */
const MOVING = 6
const STANDING = 40
const CALM_MS = 180

export function useWindow(scroller: Ref<HTMLElement | null>, head: () => number, height: Ref<number>, ids: Ref<readonly string[]>) {
  const top = ref(0)
  const room = ref(800)
  const count = computed(() => ids.value.length)
  const first = computed(() => Math.max(0, Math.floor(top.value / height.value)))
  const last = computed(() => Math.min(count.value - 1, Math.ceil((top.value + room.value) / height.value)))
  const spare = ref(STANDING)
  const from = computed(() => Math.max(0, Math.min(first.value, count.value - 1) - spare.value))
  const until = computed(() => Math.min(count.value, last.value + 1 + spare.value))
  let calm: ReturnType<typeof setTimeout> | undefined
  let watcher: ResizeObserver | undefined
  let frame = 0

  function measure(): void {
    frame = 0
    const box = scroller.value
    if (!box) return
    top.value = Math.max(0, box.scrollTop - head())
    room.value = box.clientHeight
  }

  function scrolled(): void {
    spare.value = MOVING
    clearTimeout(calm)
    calm = setTimeout(() => (spare.value = STANDING), CALM_MS)
    frame ||= requestAnimationFrame(measure)
  }

  /** Brings a row into sight, below a head that stays. */
  function reveal(index: number): void {
    const box = scroller.value
    if (!box || index < 0) return
    const above = index * height.value + head()
    const below = above + height.value
    if (above - head() < box.scrollTop) box.scrollTop = above - head()
    else if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight
    measure()
  }

  // Rows that come or go above must not move what is being read.
  watch(ids, async (now, before) => {
    const box = scroller.value
    if (!box || top.value <= 0 || !before.length) return
    const held = before.slice(first.value).find((id) => now.includes(id))
    if (held === undefined) return
    const moved = (now.indexOf(held) - before.indexOf(held)) * height.value
    if (!moved) return
    await nextTick()
    box.scrollTop += moved
    measure()
  })

  onMounted(() => {
    watcher = new ResizeObserver(measure)
    watch(
      scroller,
      (box, old) => {
        old?.removeEventListener('scroll', scrolled)
        box?.addEventListener('scroll', scrolled, { passive: true })
        watcher?.disconnect()
        if (box) watcher?.observe(box)
        measure()
      },
      { immediate: true },
    )
  })
  onBeforeUnmount(() => {
    cancelAnimationFrame(frame)
    clearTimeout(calm)
    scroller.value?.removeEventListener('scroll', scrolled)
    watcher?.disconnect()
  })

  return { first, last, from, until, reveal }
}
