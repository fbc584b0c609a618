import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { rememberLocale, type Locale } from './index'

const LARGE = 'onegrid.large-text'
const large = ref(globalThis.localStorage?.getItem(LARGE) === 'yes')

/** Applies the remembered large-text choice before the first paint. */
export function applyLargeText(): void {
  document.documentElement.classList.toggle('large-text', large.value)
}

/** Language and large text: the two things a reader may set anywhere. */
export function usePrefs() {
  const { locale } = useI18n({ useScope: 'global' })
  const other = computed<Locale>(() => (locale.value === 'zh-CN' ? 'en' : 'zh-CN'))

  function setLocale(next: Locale): void {
    locale.value = next
    rememberLocale(next)
    // Words that came from the server (status, department) are in the old language: load the page's data anew.
    window.dispatchEvent(new CustomEvent('onegrid:locale', { detail: next }))
  }

  function setLarge(on: boolean): void {
    large.value = on
    localStorage.setItem(LARGE, on ? 'yes' : 'no')
    applyLargeText()
  }

  return { locale, other, setLocale, large, setLarge }
}
