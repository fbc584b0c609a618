/**
 * Two languages, same keys in both. Chinese comes first: it is the fallback. Messages are plain JSON, compiled at run
 * time without eval, so the strict content policy holds.
 */
import { createI18n } from 'vue-i18n'
import type { Bilingual } from '../api/types'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]
export type Messages = Record<Locale, Record<string, unknown>>
/** vue-i18n's types want to know every key; ours are checked by a test instead. */
type Compiled = Record<string, Record<string, string>>

const REMEMBERED = 'onegrid.locale'

/** The remembered choice, else the browser's language, else Chinese. */
export function preferredLocale(storage: Storage, languages: readonly string[]): Locale {
  const remembered = storage.getItem(REMEMBERED)
  if (remembered === 'zh-CN' || remembered === 'en') return remembered
  return languages.length > 0 && languages.every((language) => !language.toLowerCase().startsWith('zh')) ? 'en' : 'zh-CN'
}

/** Makes the i18n plugin out of the shared messages and the face's own. */
export function makeI18n(shared: Messages, own: Messages) {
  const locale = preferredLocale(localStorage, navigator.languages ?? [])
  const i18n = createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'zh-CN',
    messages: Object.fromEntries(LOCALES.map((name) => [name, { ...shared[name], ...own[name] }])) as unknown as Compiled,
  })
  document.documentElement.lang = locale
  return i18n
}

/** Remembers a choice and tells the page about it. The caller sets the i18n locale itself (it is reactive). */
export function rememberLocale(locale: Locale): void {
  localStorage.setItem(REMEMBERED, locale)
  document.documentElement.lang = locale
}

/** A pack's bilingual name in the reader's language. */
export function inLanguage(name: Bilingual | string | null | undefined, locale: string): string {
  if (!name) return ''
  if (typeof name === 'string') return name
  return (locale.startsWith('zh') ? name.zh : name.en) || name.zh || name.en
}
