/** Cases and grids that the words typed into the palette name. */
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { CasePage, GridInfo } from '@shared/api/types'
import { useApi } from '@shared/app'
import { toneOf } from '@shared/status/tone'
import type { Command } from './commands'

const WAIT_MS = 200
const FEW = 6

/** Commands for what is found, and whether the server could not be asked. */
export function useFound(question: Ref<string>) {
  const { t } = useI18n({ useScope: 'global' })
  const api = useApi()
  const router = useRouter()
  const found = shallowRef<Command[]>([])
  const failed = shallowRef(false)
  const busy = shallowRef(false)
  let newest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function look(q: string): Promise<void> {
    const mine = ++newest
    const asked = await Promise.allSettled([
      api.get<CasePage>('/cases', { tab: 'all', q, sort: '-reported', limit: FEW }),
      api.get<{ items: GridInfo[] }>('/grids/search', { q, limit: FEW }),
    ])
    if (mine !== newest) return
    busy.value = false
    const [cases, grids] = asked
    failed.value = asked.some((one) => one.status === 'rejected')
    found.value = [
      ...(cases.status === 'fulfilled' ? cases.value.items : []).map(
        (row): Command => ({
          id: `case-${row.id}`, group: 'cases', label: row.title, hint: [row.number, row.status_word, row.grid.name].join(' · '), icon: toneOf(row.status).icon,
          run: () => void router.push({ name: 'queue', params: { id: row.id }, query: { tab: 'all' } }),
        }), // prettier-ignore
      ),
      ...(grids.status === 'fulfilled' ? grids.value.items : []).map(
        (grid): Command => ({
          id: `grid-${grid.id}`, group: 'grids', label: t('palette.cases_of', { name: grid.name }), hint: grid.code, icon: 'grid',
          run: () => void router.push({ name: 'queue', params: {}, query: { tab: 'all', grid: grid.id } }),
        }), // prettier-ignore
      ),
    ]
  }

  watch(question, (now) => {
    clearTimeout(timer)
    newest += 1
    // What the words before these had found is not what Enter means now.
    found.value = []
    const q = now.trim()
    busy.value = q.length >= 2
    if (!busy.value) return
    timer = setTimeout(() => void look(q), WAIT_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    newest += 1
  })
  return { found, failed, busy }
}
