import type { Due, DueState } from '../api/types'

/**
 * Seconds left at this moment. The server's `remaining_s` is a snapshot; the deadline itself is exact, so it is used
 * when there is one.
 */
export function secondsLeft(due: Due, now: number): number | null {
  if (due.state === 'none' || due.state === 'paused') return null
  if (due.at) return Math.round((Date.parse(due.at) - now) / 1000)
  return due.remaining_s ?? null
}

/** The state shown now: what the server said, or overdue once its deadline has passed on this screen. */
export function stateNow(due: Due, now: number): DueState {
  const left = secondsLeft(due, now)
  if (left !== null && left < 0) return 'overdue'
  return due.state
}
