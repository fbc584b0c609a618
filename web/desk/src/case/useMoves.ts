/** When an open case may have moved, so that it is looked at again. */
import { ref, watch, type Ref } from 'vue'
import { useNews } from '../news'

/** Grows when the case was named, and when the feed was away and nobody knows. */
export function useMoves(id: () => string): Ref<number> {
  const news = useNews()
  const stamp = ref(0)
  watch(
    () => [news.stamp, news.items[0]] as const,
    ([, item], [, before]) => {
      if (item === before || item?.id === id()) stamp.value += 1
    },
  )
  return stamp
}
