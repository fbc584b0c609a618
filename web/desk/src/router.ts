import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from '@shared/stores/session'
import CasePage from './case/CasePage.vue'
import FramePage from './frame/FramePage.vue'
import SignInPage from './pages/SignInPage.vue'
import QueuePage from './queue/QueuePage.vue'

/** Pages of the desk. All but the sign-in need a staff session; the wall and the paper stand outside the frame. */
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
          { path: 'case/:id', name: 'case', component: CasePage, props: true },
          { path: 'map', name: 'map', component: () => import('./map/MapPage.vue') },
          { path: 'rounds', name: 'rounds', component: () => import('./map/rounds/RoundsPage.vue') },
          { path: 'new', name: 'new', component: () => import('./pages/NewCasePage.vue') },
          { path: 'dashboard', name: 'dashboard', component: () => import('./dashboard/DashboardPage.vue') },
          { path: 'grids/:view?/:id?', name: 'grids', component: () => import('./grids/GridsPage.vue'), props: true },
          { path: 'registers/:view?/:id?', name: 'registers', component: () => import('./registers/RegistersPage.vue'), props: true },
          { path: 'published', name: 'published', component: () => import('./published/PublishedPage.vue') },
          { path: 'notices', name: 'notices', component: () => import('./notices/NoticesPage.vue') },
          { path: 'messages', name: 'messages', component: () => import('./pages/MessagesPage.vue') },
        ],
      },
      { path: '/screen', name: 'screen', component: () => import('./screen/ScreenPage.vue') },
      { path: '/print/case/:id', name: 'print', component: () => import('./print/PrintPage.vue'), props: true },
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
