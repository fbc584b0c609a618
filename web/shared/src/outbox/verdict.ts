/** What an answer means for a parcel, and how long to wait. No network and no storage here. */
import { isRecord, type FieldProblem } from '../api/errors'
import type { Why } from './parcel'

export interface Reply {
  status: number
  /** Parsed JSON, or null when it was none. */
  body: unknown
  /** Seconds, from `Retry-After`. */
  retryAfter: number | null
}

export type Verdict =
  | { kind: 'taken'; body: Record<string, unknown> }
  | { kind: 'refused'; why: Why }
  | { kind: 'unsigned' }
  /** The page's token is old: ask who is here, then try again. */
  | { kind: 'token' }
  /** `everybody`: nothing else would get through either. */
  | { kind: 'later'; everybody: boolean; seconds: number | null }

const AGAIN = new Set([408, 425, 429])
const TOKEN = new Set(['csrf'])

/**
 * Reads an answer; null means nothing came back. Only an answer in our own shape counts as a yes or a no: the sign-in page
 * of a public wireless network answers everything with 200 and a page, and a gateway refuses with pages of its own.
 */
export function verdict(reply: Reply | null): Verdict {
  if (reply === null) return { kind: 'later', everybody: true, seconds: null }
  const { status, body } = reply
  if (status === 204) return { kind: 'taken', body: {} }
  if (status >= 200 && status < 300) return isRecord(body) ? { kind: 'taken', body } : { kind: 'later', everybody: true, seconds: null }
  if (AGAIN.has(status) || status >= 500 || status < 400) return { kind: 'later', everybody: status !== 500, seconds: reply.retryAfter }
  if (!isRecord(body) || typeof body.code !== 'string') return { kind: 'later', everybody: true, seconds: null }
  if (status === 401) return { kind: 'unsigned' }
  if (status === 403 && TOKEN.has(body.code)) return { kind: 'token' }
  return { kind: 'refused', why: whyOf(status, body) }
}

function whyOf(status: number, body: Record<string, unknown>): Why {
  const { code, message, fields: told, request_id: _id, ...more } = body
  const fields = (Array.isArray(told) ? (told as FieldProblem[]) : []).map(({ field, message: said }) => ({ field, message: said }))
  const why: Why = { status, code: String(code), message: typeof message === 'string' ? message : '', fields }
  return Object.keys(more).length ? { ...why, more } : why
}

const LONGEST_S = 60

/** Seconds to wait after `failures` in a row: 1, 2, 4 … 60, up to a fifth more so that a county does not knock in step. */
export function backOff(failures: number, chance: number): number {
  return Math.min(LONGEST_S, 2 ** Math.max(0, failures - 1)) * (1 + chance / 5)
}
