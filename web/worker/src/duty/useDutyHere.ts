/** Starts duty for whoever is signed in, once for the whole app: a patrol goes on whichever page is open. */
import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useApi, usePlace } from '@shared/app'
import { useSession } from '@shared/stores/session'
import { useDuty } from './store'

export function useDutyHere(): void {
  const { t, locale } = useI18n({ useScope: 'global' })
  const api = useApi()
  const place = usePlace()
  const session = useSession()
  const duty = useDuty()
  watch(
    [() => session.me.person, locale],
    ([who]) => {
      if (session.me.kind !== 'staff' || !who) return duty.end()
      duty.begin(api, place.base, who, { in: t('duty.sign_in'), out: t('duty.sign_out'), patrol: t('duty.start'), track: t('duty.track'), end: t('duty.end') })
    },
    { immediate: true },
  )
}
