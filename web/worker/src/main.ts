import { createApp } from 'vue'
import { setUpFace } from '@shared/app'
import { useSession } from '@shared/stores/session'
import en from '../locales/en.json'
import zh from '../locales/zh-CN.json'
import App from './App.vue'
import { startDevice } from './device'
import { useNews } from './news'
import { startPwa } from './pwa'
import { makeRouter } from './router'
import { useVant } from './vant'

const app = createApp(App)
const { place, pinia, api } = setUpFace(app, 'worker', { 'zh-CN': zh, en })
useVant(app)
// Who was here last is read from the disk first: it decides which page opens.
void startDevice({ place, api, session: useSession(pinia), moved: () => useNews(pinia).poke() }).finally(() => {
  app.use(makeRouter(place.base, pinia))
  app.mount('#app')
  startPwa(place.base)
})
