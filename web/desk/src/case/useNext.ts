/** After a step the next case opens by itself, once the one just dealt with has left the list: nobody walks back for more. */
import { onScopeDispose, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { CaseRow } from '@shared/api/types'
import { flash } from '../frame/flash'
import { undoable } from '../queue/undo'

export interface Acted {
  id: string
  number: string
  /** What was done, in words. */
  label: string
}

/** A list that still holds the case after this long holds it for good. */
const WAIT_MS = 8000

/** Which case comes next once `id`, which stood at `at`, has left the list; null while it is still there or nothing is left. */
export function nextOf(rows: readonly Pick<CaseRow, 'id'>[], id: string, at: number): string | null {
  if (at < 0 || rows.some((row) => row.id === id)) return null
  return rows[Math.min(at, rows.length - 1)]?.id ?? null
}

export interface NextParts {
  rows: Ref<readonly CaseRow[] | null>
  openId: Ref<string>
  open: (id: string) => void
  /** Undoes the last step, where it can be undone. */
  takeBack: () => void
  /** Somebody fills in a form of the open case: it is not taken away from under the hands. */
  writing: () => boolean
}

/** `acted` is told of every step. */
export function useNext({ rows, openId, open, takeBack, writing }: NextParts) {
  const { t } = useI18n({ useScope: 'global' })
  let waiting: (Acted & { at: number }) | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function acted(step: Acted): void {
    clearTimeout(timer)
    waiting = { ...step, at: rows.value?.findIndex((row) => row.id === step.id) ?? -1 }
    timer = setTimeout(() => (waiting = null), WAIT_MS)
  }

  watch(rows, (now) => {
    const done = waiting
    if (!done || !now || now.some((row) => row.id === done.id)) return
    waiting = null
    if (openId.value !== done.id || writing()) return
    const next = nextOf(now, done.id, done.at)
    if (!next) return
    const back = { label: t('case.go_back'), run: () => open(done.id) }
    const undo = undoable.value ? [{ label: t('undo.do'), run: takeBack }] : []
    flash(t('case.next_opened', { number: done.number, action: done.label }), [back, ...undo])
    open(next)
  })
  onScopeDispose(() => clearTimeout(timer))
  return { acted }
}
