/** The server's words for statuses, asked for once in each language. */
import { shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ListWords } from '@shared/api/types'
import { useApi } from '@shared/app'

const asked = new Map<string, Promise<ListWords>>()

/** Status → word; empty until the answer is there. */
export function useStatusWords(): Ref<ReadonlyMap<string, string>> {
  const { locale } = useI18n({ useScope: 'global' })
  const api = useApi()
  const words = shallowRef<ReadonlyMap<string, string>>(new Map())

  async function load(language: string): Promise<void> {
    const answer = asked.get(language) ?? api.get<ListWords>('/cases/words')
    asked.set(language, answer)
    try {
      const { statuses } = await answer
      if (language === locale.value) words.value = new Map(statuses.map((one) => [one.key, one.label]))
    } catch {
      // The next case asks again; without words there is no way to draw.
      asked.delete(language)
    }
  }

  watch(locale, (now) => void load(now), { immediate: true })
  return words
}
