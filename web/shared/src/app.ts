/** What every face needs before its first page: client, place and language, provided once. */
import { inject, type App, type InjectionKey } from 'vue'
import { createPinia } from 'pinia'
import { ApiClient } from './api/client'
import { heardServer } from './outbox/reach'
import { makeI18n, type Messages } from './i18n'
import { applyLargeText } from './i18n/usePrefs'
import { placeOf, type Face, type Place } from './paths'
import { useSession } from './stores/session'
import en from '@locales/en.json'
import zh from '@locales/zh-CN.json'
import './theme/tokens.css'
import './theme/base.css'

export const API: InjectionKey<ApiClient> = Symbol('api')
export const PLACE: InjectionKey<Place> = Symbol('place')

export function useApi(): ApiClient {
  const api = inject(API)
  if (!api) throw new Error('the app was not set up by setUpFace')
  return api
}

export function usePlace(): Place {
  const place = inject(PLACE)
  if (!place) throw new Error('the app was not set up by setUpFace')
  return place
}

/** Installs stores, language and the API client; returns what a router needs. */
export function setUpFace(app: App, face: Face, own: Messages) {
  const place = placeOf(window.location.pathname, face)
  const i18n = makeI18n({ 'zh-CN': zh, en }, own)
  const pinia = createPinia()
  const api = new ApiClient({
    root: place.api,
    language: () => i18n.global.locale.value,
    onUnauthorized: () => useSession(pinia).forget(),
    onHeard: heardServer,
  })
  document.documentElement.classList.add(`face-${face}`)
  applyLargeText()
  app.use(pinia).use(i18n)
  app.provide(API, api)
  app.provide(PLACE, place)
  const session = useSession(pinia)
  session.bind(api)
  // Titles of positions and quick phrases come in one language: ask again in the new one.
  window.addEventListener('onegrid:locale', () => void session.load().catch(() => undefined))
  return { place, i18n, pinia, api }
}
