import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from '@shared/stores/session'
import HomePage from './pages/HomePage.vue'

/** Pages of the resident. Nothing needs a sign-in; signing in only brings one's reports along to another phone. */
export function makeRouter(base: string, pinia: Pinia): Router {
  const router = createRouter({
    history: createWebHistory(base),
    routes: [
      { path: '/', name: 'home', component: HomePage },
      { path: '/report', name: 'report', component: () => import('./pages/ReportPage.vue') },
      { path: '/track/:code', name: 'track', component: () => import('./pages/TrackPage.vue'), props: true },
      { path: '/find', name: 'find', component: () => import('./pages/FindPage.vue') },
      { path: '/mine', name: 'mine', component: () => import('./pages/MinePage.vue') },
      { path: '/about-me', name: 'about', component: () => import('./pages/AboutMePage.vue') },
      { path: '/coming-home', name: 'return', component: () => import('./pages/ReturnPage.vue') },
      { path: '/my-grid', name: 'grid', component: () => import('./pages/GridPage.vue') },
      { path: '/notices', name: 'notices', component: () => import('./pages/NoticesPage.vue') },
      { path: '/signin', name: 'signin', component: () => import('./pages/SignInPage.vue') },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(async () => {
    const session = useSession(pinia)
    // The page itself says so when nothing could be loaded.
    if (!session.loaded) await session.load().catch(() => undefined)
    return true
  })
  return router
}
