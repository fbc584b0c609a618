import type { Pinia } from 'pinia'
import { createRouter, createWebHistory, type Router } from 'vue-router'
import { useSession } from '@shared/stores/session'
import FramePage from './FramePage.vue'
import SignInPage from './SignInPage.vue'
import StartPage from './StartPage.vue'

/** Pages of the desk. Everything but the sign-in lives inside the frame and needs a staff session. */
export function makeRouter(base: string, pinia: Pinia): Router {
  const router = createRouter({
    history: createWebHistory(base),
    routes: [
      { path: '/signin', name: 'signin', component: SignInPage },
      { path: '/', component: FramePage, children: [{ path: '', name: 'start', component: StartPage }] },
      { path: '/:rest(.*)*', redirect: '/' },
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
