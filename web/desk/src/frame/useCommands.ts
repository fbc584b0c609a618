/** The commands of the desk itself: its pages, the reader's hats, how it looks. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { usePrefs } from '@shared/i18n/usePrefs'
import { useSession } from '@shared/stores/session'
import { useCommands, type Command } from '../palette/commands'
import { openKeys } from '../palette/open'
import { TABS } from '../queue/filters'
import { pagesFor, pageKey } from './pages'

export interface FrameActions {
  wear: (id: string) => void
  leave: () => void
}

export function useFrameCommands({ wear, leave }: FrameActions): void {
  const { t } = useI18n({ useScope: 'global' })
  const router = useRouter()
  const session = useSession()
  const { other, setLocale, large, setLarge } = usePrefs()

  const pages = (): Command[] => [
    ...pagesFor(session).map(
      (page): Command => ({ id: `go-${page.name}`, group: 'go', label: t(`frame.${page.name}`), also: t(`palette.also.${page.name}`), icon: page.icon, key: pageKey(page.name), run: () => void router.push({ name: page.name }) }),
    ),
    ...TABS.map((tab): Command => ({ id: `tab-${tab}`, group: 'go', label: `${t('frame.queue')} · ${t(`queue.tab.${tab}`)}`, also: t(`palette.also.tab_${tab}`), icon: 'inbox', run: () => void router.push({ name: 'queue', params: {}, query: { tab } }) })),
    { id: 'over', group: 'go', label: t('palette.over'), also: t('palette.also.over'), icon: 'alarm', run: () => void router.push({ name: 'queue', params: {}, query: { tab: 'all', due: 'over', sort: 'due' } }) },
  ]
  const hats = (): Command[] =>
    session.me.hats
      .filter((hat) => hat.id !== session.hat?.id)
      .map((hat) => ({ id: `hat-${hat.id}`, group: 'hat', label: t('palette.wear', { hat: `${hat.title} · ${hat.place}` }), also: t('palette.also.hat'), icon: 'person', run: () => wear(hat.id) }))
  const looks = (): Command[] => [
    { id: 'language', group: 'set', label: t('common.switch_language'), also: t('palette.also.language'), icon: 'language', run: () => setLocale(other.value) },
    { id: 'large', group: 'set', label: large.value ? t('common.normal_text') : t('common.large_text'), also: t('palette.also.large'), icon: 'text', run: () => setLarge(!large.value) },
    { id: 'keys', group: 'set', label: t('keys.title'), also: t('palette.also.keys'), icon: 'info', key: '?', run: openKeys },
    { id: 'leave', group: 'set', label: t('common.sign_out'), also: t('palette.also.leave'), icon: 'signout', run: leave },
  ]
  useCommands(() => [...pages(), ...hats(), ...looks()])
}
