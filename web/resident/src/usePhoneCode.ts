/** Signing in by a code sent to a phone. */
import { computed, onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useApi } from '@shared/app'
import { problemWords } from '@shared/states/problem'
import { useSession } from '@shared/stores/session'

const WAIT_S = 60

export function usePhoneCode() {
  const { t } = useI18n({ useScope: 'global' })
  const api = useApi()
  const session = useSession()
  const phone = ref('')
  const code = ref('')
  const drawer = ref<string | null>(null)
  const sent = ref(false)
  const busy = ref(false)
  const problem = ref('')
  const wait = ref(0)
  const timer = setInterval(() => (wait.value = Math.max(0, wait.value - 1)), 1000)
  onScopeDispose(() => clearInterval(timer))

  const plain = computed(() => phone.value.replace(/[\s-]/g, ''))
  const phoneRight = computed(() => /^(\+86)?1\d{10}$/.test(plain.value))

  async function ask(): Promise<void> {
    if (!phoneRight.value) {
      problem.value = t('code.phone_wrong')
      return
    }
    await attempt(async () => {
      const answer = await api.post<{ sent: boolean; drawer: string | null }>('/resident/code', { phone: plain.value })
      drawer.value = answer.drawer
      sent.value = true
      wait.value = WAIT_S
    })
  }

  /** True when signed in. */
  async function enter(): Promise<boolean> {
    if (!/^\d{4,8}$/.test(code.value.trim())) {
      problem.value = t('code.code_wrong')
      return false
    }
    return attempt(() => session.signInByPhone(plain.value, code.value.trim()))
  }

  async function attempt(work: () => Promise<void>): Promise<boolean> {
    problem.value = ''
    busy.value = true
    try {
      await work()
      return true
    } catch (error) {
      const words = problemWords(error)
      problem.value = words.text || t(words.key)
      return false
    } finally {
      busy.value = false
    }
  }

  return { phone, code, drawer, sent, busy, problem, wait, ask, enter }
}
