/** Staff sign-in for desk and worker: name and password, then the one-time code only when the account has one. */
import { reactive, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { ApiError } from '../api/errors'
import { problemWords } from '../states/problem'
import { useSession } from '../stores/session'

export function useStaffSignIn() {
  const { t } = useI18n({ useScope: 'global' })
  const session = useSession()
  const form = reactive({ username: '', password: '', totp: '' })
  const needsCode = ref(false)
  const busy = ref(false)
  const problem = ref('')

  /** True when signed in. */
  async function submit(): Promise<boolean> {
    problem.value = ''
    if (!form.username.trim() || !form.password) {
      problem.value = t('signin.blank')
      return false
    }
    busy.value = true
    try {
      await session.signIn(form.username.trim(), form.password, form.totp.trim() || undefined)
      form.password = ''
      return true
    } catch (error) {
      if (error instanceof ApiError && error.code === 'second_factor_needed') needsCode.value = true
      const words = problemWords(error)
      problem.value = words.text || t(words.key)
      return false
    } finally {
      busy.value = false
    }
  }

  return { form, needsCode, busy, problem, submit }
}
