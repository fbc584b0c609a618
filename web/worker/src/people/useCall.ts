/** One tap: the number is asked for (the look goes on record), and the phone dials. */
import { ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { showToast } from 'vant'
import { useApi } from '@shared/app'
import { problemWords } from '@shared/states/problem'

export function useCall() {
  const api = useApi()
  const { t } = useI18n({ useScope: 'global' })
  const calling = ref('')
  /** Shown beside the name once known: whoever cannot dial from this device reads it off. */
  const numbers = ref<Record<string, string>>({})

  async function call(id: string): Promise<void> {
    if (calling.value) return
    calling.value = id
    try {
      const { phone } = await api.post<{ phone: string }>(`/colleagues/${id}/call`, { purpose: t('call.purpose') })
      numbers.value = { ...numbers.value, [id]: phone }
      window.location.href = `tel:${phone}`
    } catch (error) {
      const words = problemWords(error)
      showToast(words.text || t(words.key))
    } finally {
      calling.value = ''
    }
  }

  return { call, calling, numbers }
}
