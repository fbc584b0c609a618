/** Taking back what was just done, while nobody has gone on from it: by a button that stays a while, and by a key. */
import { shallowRef } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import type { BatchOut, CaseDetail } from '@shared/api/types'

/** Which action takes another one back. The server decides whether it still may. */
const BACK: Record<string, string> = { dispatch: 'withdraw', supervise: 'lift_supervision' }
/** A minute: long enough to notice, short enough that a unit has hardly begun. */
const KEPT_MS = 60_000

export interface BackStep {
  case: string
  version: number
  action: string
  assignment: string | null
}

export interface Undo {
  /** What was done, in words. */
  what: string
  steps: BackStep[]
}

export const undoable = shallowRef<Undo | null>(null)
/** How the open page takes it back; nothing where no list is open. */
export const undoRun = shallowRef<(() => void) | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

/** Keeps the way back from what was just done; nothing when there is none. */
export function keepUndo(what: string, steps: BackStep[]): boolean {
  clearTimeout(timer)
  undoable.value = steps.length ? { what, steps } : null
  timer = setTimeout(() => (undoable.value = null), KEPT_MS)
  return steps.length > 0
}

/** The steps back that an answered case offers now: only of work nobody has begun. */
export function stepsBack(action: string, answer: CaseDetail): BackStep[] {
  const fresh = new Set(answer.assignments.filter((one) => one.state === 'offered').map((one) => one.id))
  return answer.actions
    .filter((offer) => offer.action === BACK[action] && (offer.assignment === null || fresh.has(offer.assignment)))
    .map((offer) => ({ case: answer.id, version: answer.version, action: offer.action, assignment: offer.assignment }))
}

/** Does it: how many were taken back, and why the others were not. */
export async function takeBack(api: ApiClient, undo: Undo, words: string): Promise<{ done: number; refused: string[] }> {
  if (undoable.value === undo) undoable.value = null
  let done = 0
  const refused: string[] = []
  for (const action of new Set(undo.steps.map((step) => step.action))) {
    // One step of each case at a time: after the first the case has another version.
    const waiting = undo.steps.filter((step) => step.action === action)
    const versions = new Map(waiting.map((step) => [step.case, step.version]))
    while (waiting.length) {
      const turn = waiting.filter((step, at) => waiting.findIndex((other) => other.case === step.case) === at)
      const rows = turn.map((step) => ({ case: step.case, key: newKey(), version: versions.get(step.case), assignment: step.assignment }))
      const { results } = await api.post<BatchOut>('/cases/batch', { action, rows, fields: { words } }, { repeats: 3 })
      for (const result of results) {
        if (result.done) done += 1
        else refused.push(result.message)
        if (result.version !== null) versions.set(result.case, result.version)
      }
      for (const step of turn) waiting.splice(waiting.indexOf(step), 1)
    }
  }
  return { done, refused }
}
