/** A list that comes page by page: the first is loaded by whoever shows it, the others are asked for. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { problemWords } from '@shared/states/problem'

export interface Page<T> {
  items: T[]
  next: string | null
  total?: number | null
}

export interface Pages<T> {
  rows: ComputedRef<T[]>
  next: Ref<string | null>
  more: () => Promise<void>
  trouble: Ref<string>
}

export function usePages<T>(first: ShallowRef<Page<T> | null>, ask: (cursor: string) => Promise<Page<T>>): Pages<T> {
  const { t } = useI18n({ useScope: 'global' })
  const later = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const trouble = ref('')
  let newest = 0

  watch(
    first,
    (page) => {
      newest += 1
      later.value = []
      next.value = page?.next ?? null
    },
    { immediate: true },
  )

  async function more(): Promise<void> {
    if (!next.value) return
    const mine = newest
    trouble.value = ''
    try {
      const page = await ask(next.value)
      if (mine !== newest) return
      later.value = [...later.value, ...page.items]
      next.value = page.next
    } catch (error) {
      const words = problemWords(error)
      trouble.value = words.text || t(words.key)
    }
  }

  return { rows: computed(() => [...(first.value?.items ?? []), ...later.value]), next, more, trouble }
}
