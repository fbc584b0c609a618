import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from '@shared/stores/session'
import SignInPage from './pages/SignInPage.vue'
import TabsPage from './pages/TabsPage.vue'
import TodayPage from './pages/TodayPage.vue'

/** Pages of the worker: four tabs, and the pages that open over them. All need a staff sign-in. */
export function makeRouter(base: string, pinia: Pinia): Router {
  const router = createRouter({
    history: createWebHistory(base),
    routes: [
      { path: '/signin', name: 'signin', component: SignInPage },
      {
        path: '/',
        component: TabsPage,
        children: [
          { path: '', name: 'today', component: TodayPage },
          { path: 'grids', name: 'grids', component: () => import('./pages/GridsPage.vue') },
          { path: 'news', name: 'news', component: () => import('./pages/NewsPage.vue') },
          { path: 'me', name: 'me', component: () => import('./pages/MePage.vue') },
        ],
      },
      { path: '/duty', name: 'duty', component: () => import('./pages/DutyPage.vue') },
      { path: '/duty/:id', name: 'patrol', component: () => import('./pages/PatrolPage.vue'), props: true },
      { path: '/people', name: 'people', component: () => import('./pages/PeoplePage.vue') },
      { path: '/door/:home', name: 'door', component: () => import('./pages/DoorPage.vue'), props: true },
      { path: '/house/:house/new', name: 'newdoor', component: () => import('./pages/DoorPage.vue'), props: true },
      { path: '/care/:id', name: 'care', component: () => import('./pages/CarePage.vue'), props: true },
      { path: '/care-of/:resident', name: 'newcare', component: () => import('./pages/CarePlanPage.vue'), props: true },
      { path: '/care/:id/plan', name: 'plan', component: () => import('./pages/CarePlanPage.vue'), props: true },
      { path: '/report', name: 'report', component: () => import('./pages/ReportPage.vue') },
      { path: '/boxes', name: 'boxes', component: () => import('./pages/BoxesPage.vue') },
      { path: '/case/:id', name: 'case', component: () => import('./pages/CasePage.vue'), props: true },
      { path: '/:rest(.*)*', redirect: '/' },
    ],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(async (to) => {
    const session = useSession(pinia)
    // Somebody remembered opens the page at once; what the server says comes later.
    if (!session.loaded) await session.load().catch(() => undefined)
    if (to.name !== 'signin' && (session.me.kind !== 'staff' || session.me.must_change)) return { name: 'signin', query: { next: to.fullPath } }
    return true
  })
  return router
}
