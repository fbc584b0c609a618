import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from '@shared/stores/session'
import FramePage from './frame/FramePage.vue'
import SignInPage from './pages/SignInPage.vue'
import QueuePage from './queue/QueuePage.vue'

/** Pages of the desk. Everything but the sign-in lives inside the frame and needs a staff session. */
export function makeRouter(base: string, pinia: Pinia): Router {
  const router = createRouter({
    history: createWebHistory(base),
    routes: [
      { path: '/signin', name: 'signin', component: SignInPage },
      {
        path: '/',
        component: FramePage,
        children: [
          { path: '', redirect: '/queue' },
          { path: 'queue/:id?', name: 'queue', component: QueuePage, props: true },
          { path: 'case/:id', redirect: (to) => ({ name: 'queue', params: to.params, query: { tab: 'all' } }) },
          { path: 'new', name: 'new', component: () => import('./pages/NewCasePage.vue') },
          { path: 'dashboard', name: 'dashboard', component: () => import('./dashboard/DashboardPage.vue') },
          { path: 'published', name: 'published', component: () => import('./published/PublishedPage.vue') },
          { path: 'messages', name: 'messages', component: () => import('./pages/MessagesPage.vue') },
        ],
      },
      { path: '/:rest(.*)*', redirect: '/queue' },
    ],
  })
  router.beforeEach(async (to) => {
    const session = useSession(pinia)
    if (!session.loaded) await session.load().catch(() => undefined)
    if (to.name !== 'signin' && (session.me.kind !== 'staff' || session.me.must_change)) return { name: 'signin', query: { next: to.fullPath } }
    return true
  })
  return router
}
