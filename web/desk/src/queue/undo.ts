/** Taking back what was just done, while nobody has gone on from it: by a button that stays a while, and by a key. */
import { shallowRef } from 'vue'
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import type { BatchResult, CaseDetail } from '@shared/api/types'
import { sendAll } from './batch'

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

/** Does it: how many were taken back, why the others were not, and what broke it off. */
export async function takeBack(api: ApiClient, undo: Undo, words: string): Promise<{ done: number; refused: string[]; problem?: unknown }> {
  if (undoable.value === undo) undoable.value = null
  const versions = new Map(undo.steps.map((step) => [step.case, step.version]))
  const refused: string[] = []
  let done = 0
  const told = (results: BatchResult[]): void => {
    for (const result of results) {
      if (result.done) done += 1
      else refused.push(result.message)
      if (result.version !== null) versions.set(result.case, result.version)
    }
  }
  try {
    for (const { action, steps } of turnsOf(undo.steps)) {
      const rows = steps.map((step) => ({ case: step.case, key: newKey(), version: versions.get(step.case) ?? step.version, assignment: step.assignment, fields: {} }))
      await sendAll(api, action, rows, { words }, told, () => false)
    }
  } catch (problem) {
    return { done, refused, problem }
  }
  return { done, refused }
}

/** One step of each case at a time: after the first the case has another version. */
function turnsOf(steps: readonly BackStep[]): { action: string; steps: BackStep[] }[] {
  const turns: { action: string; steps: BackStep[] }[] = []
  for (const step of steps) {
    const turn = turns.find((one) => one.action === step.action && one.steps.every((other) => other.case !== step.case))
    if (turn) turn.steps.push(step)
    else turns.push({ action: step.action, steps: [step] })
  }
  return turns
}
