/** Where am I: the place, the module, the group of cases, the case. Each but the last leads back there. */
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, type RouteLocationRaw } from 'vue-router'
import { inLanguage } from '@shared/i18n'
import { useSession } from '@shared/stores/session'
import { numberOf } from './titles'

export interface Crumb {
  label: string
  to?: RouteLocationRaw
}

export function useCrumbs(): ComputedRef<Crumb[]> {
  const { t, te, locale } = useI18n({ useScope: 'global' })
  const session = useSession()
  const route = useRoute()

  function inside(): Crumb[] {
    const name = String(route.name ?? 'queue')
    const id = typeof route.params.id === 'string' ? route.params.id : ''
    const number = id ? [{ label: numberOf(id) || t('case.title') }] : []
    if (name === 'case') return [{ label: t('frame.queue'), to: { name: 'queue' } }, ...number]
    if (name === 'registers') return [{ label: t('frame.registers'), to: { name, params: {} } }, ...register(String(route.params.view ?? ''))]
    if (name === 'grids') return [{ label: t('frame.grids'), to: { name, params: {} } }, ...grids(String(route.params.view ?? ''), id)]
    if (name !== 'queue') return [{ label: t(`frame.${name}`), to: { name } }]
    const tab = `queue.tab.${String(route.query.tab ?? '')}`
    const group = route.query.tab && te(tab) ? [{ label: t(tab), to: { name: 'queue', params: {}, query: route.query } }] : []
    return [{ label: t('frame.queue'), to: { name: 'queue', params: {} } }, ...group, ...number]
  }

  /** Which of the registers, or what is done with them. */
  function register(view: string): Crumb[] {
    const one: Record<string, string> = { household: 'registers.one.households', building: 'registers.one.buildings' }
    const found = [one[view] ?? '', `registers.kind.${view}`, `registers.work.${view}`].find((key) => key && te(key))
    return found ? [{ label: t(found) }] : []
  }

  /** What is done with grids, or the draft by its name. */
  function grids(view: string, draft: string): Crumb[] {
    if (view === 'draft') return [{ label: numberOf(`draft-${draft}`) || t('grids.view.drafts') }]
    return te(`grids.view.${view}`) ? [{ label: t(`grids.view.${view}`) }] : []
  }

  return computed(() => [{ label: inLanguage(session.locality?.title, locale.value) || t('frame.queue'), to: { name: 'dashboard' } }, ...inside()])
}
