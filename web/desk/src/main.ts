import { createApp } from 'vue'
import { setUpFace } from '@shared/app'
import en from '../locales/en.json'
import zh from '../locales/zh-CN.json'
import App from './App.vue'
import { useElement } from './element'
import { makeRouter } from './router'

const app = createApp(App)
const { place, pinia } = setUpFace(app, 'desk', { 'zh-CN': zh, en })
useElement(app)
app.use(makeRouter(place.base, pinia))
app.mount('#app')
