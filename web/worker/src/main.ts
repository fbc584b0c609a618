import { createApp } from 'vue'
import { setUpFace } from '@shared/app'
import en from '../locales/en.json'
import zh from '../locales/zh-CN.json'
import App from './App.vue'
import { makeRouter } from './router'
import { useVant } from './vant'

const app = createApp(App)
const { place, pinia } = setUpFace(app, 'worker', { 'zh-CN': zh, en })
useVant(app)
app.use(makeRouter(place.base, pinia))
app.mount('#app')
