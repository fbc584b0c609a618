/**
 * When to look again. Steps come in bursts and thousands of pages hear of each: what is looked at is refreshed at once,
 * what happened elsewhere a little later, a page nobody looks at when somebody does, and never so often that refreshing
 * would take a good part of the server's time.
 */
import { onScopeDispose } from 'vue'

/** Several steps at one instant are one refresh. */
export const SOON_MS = 600
/** Something happened that this list may or may not hold. */
export const LATER_MS = 3000
/** After a refresh that took a second, the next waits this many seconds. */
const REST = 6
const LONGEST_REST_MS = 30_000

export type Urgency = 'soon' | 'later'

export function usePace(work: () => Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let at = Infinity
  let resting = 0
  let running = false
  let missed: Urgency | null = null

  function ask(urgency: Urgency): void {
    if (document.hidden || running) {
      missed = missed === 'soon' ? 'soon' : urgency
      return
    }
    const now = performance.now()
    const wanted = Math.max(now + (urgency === 'soon' ? SOON_MS : LATER_MS), resting)
    if (timer !== undefined && at <= wanted) return
    clearTimeout(timer)
    at = wanted
    timer = setTimeout(() => void run(), wanted - now)
  }

  async function run(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    at = Infinity
    running = true
    const begun = performance.now()
    try {
      await work()
    } finally {
      running = false
      const took = performance.now() - begun
      resting = performance.now() + Math.min(REST * took, LONGEST_REST_MS)
      again()
    }
  }

  function again(): void {
    const urgency = missed
    missed = null
    if (urgency) ask(urgency)
  }

  const seen = (): void => {
    if (!document.hidden) again()
  }
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })
  return { ask, now: run }
}

/** Work done at once when asked for `now`, else at most so often; what is asked for in between is done at the end of it. */
export function useSparing(ms: number, work: () => Promise<void>): (now?: boolean) => Promise<void> {
  let at = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))

  return async function ask(now = false): Promise<void> {
    const wait = at + ms - performance.now()
    if (!now && wait > 0) {
      timer ??= setTimeout(() => void ask(true), wait)
      return
    }
    clearTimeout(timer)
    timer = undefined
    at = performance.now()
    await work()
  }
}
