import { computed } from 'vue'
import { useI18n } from 'vue-i18n'

/** The cover behind a sheet closes it when tapped: it is a button, and a button has a name. */
export function useCover() {
  const { t } = useI18n({ useScope: 'global' })
  return computed((): object => ({ 'aria-label': t('common.close') }))
}
