/** One action on many cases, some at a time, so that the page can say how far it is and one can stop. */
import type { ApiClient } from '@shared/api/client'
import { newKey } from '@shared/api/client'
import type { BatchOut, BatchPreview, BatchPreviewRow, BatchResult } from '@shared/api/types'
import type { BackStep } from './undo'

const CHUNK = 20
const PREVIEW = 200

export interface BatchRow {
  case: string
  key: string
  version: number
  assignment: string | null
  fields: Record<string, unknown>
}

export interface Group {
  key: string
  /** Who gets them, or what they are; empty when nobody and nothing is proposed. */
  name: string
  /** By when, where all of them have the same limit. */
  limit: string
  rows: BatchPreviewRow[]
}

/** What would be done to each, asked in as many turns as it takes. */
export async function previewAll(api: ApiClient, action: string, cases: readonly string[]): Promise<BatchPreview> {
  const whole: BatchPreview = { rows: [], missing: 0, fields: [] }
  for (let at = 0; at < cases.length; at += PREVIEW) {
    const part = await api.post<BatchPreview>('/cases/batch/preview', { action, cases: cases.slice(at, at + PREVIEW) })
    whole.rows.push(...part.rows)
    whole.missing += part.missing
    for (const field of part.fields) {
      const known = whole.fields.find((one) => one.name === field.name)
      if (known) known.required ||= field.required
      else whole.fields.push({ ...field })
    }
  }
  return whole
}

/** What the platform proposes for a row under this action, as the field it fills. */
export function proposedFor(action: string, row: BatchPreviewRow): Record<string, unknown> | null {
  if (action === 'accept') return row.matter ? { matter: row.matter.code } : null
  if (action !== 'dispatch') return {}
  if (!row.department || row.declined) return null
  return { department: row.department.id, ...(row.joint.length ? { joint: row.joint.map((one) => one.id) } : {}) }
}

/** The rows by where they would go, most first; those without a proposal last. */
export function grouped(action: string, rows: readonly BatchPreviewRow[]): Group[] {
  const found = new Map<string, Group>()
  for (const row of rows) {
    const proposed = proposedFor(action, row)
    const one = action === 'accept' ? row.matter : action === 'dispatch' && proposed ? row.department : null
    const key = one ? ('code' in one ? one.code : one.id) : ''
    const group = found.get(key) ?? { key, name: one?.name ?? '', limit: row.limit_text, rows: [] }
    if (group.limit !== row.limit_text) group.limit = ''
    group.rows.push(row)
    found.set(key, group)
  }
  return [...found.values()].sort((one, other) => Number(!one.key) - Number(!other.key) || other.rows.length - one.rows.length)
}

/** What is sent for each row. `rest` is for those without a proposal; `all`, when given, for every one of them. */
export function rowsToSend(action: string, rows: readonly BatchPreviewRow[], choice: { rest: string; all: string }): BatchRow[] {
  const name = action === 'accept' ? 'matter' : action === 'dispatch' ? 'department' : ''
  const own = (row: BatchPreviewRow): Record<string, unknown> => {
    if (!name) return {}
    if (choice.all) return { [name]: choice.all }
    return proposedFor(action, row) ?? (choice.rest ? { [name]: choice.rest } : {})
  }
  return rows.map((row) => ({ case: row.case, key: newKey(), version: row.version, assignment: row.assignment, fields: own(row) }))
}

/** Sends them chunk after chunk. What was not answered stays with its key, so that sending it again cannot do it twice. */
export async function sendAll(api: ApiClient, action: string, rows: readonly BatchRow[], fields: Record<string, unknown>, told: (results: BatchResult[]) => void, stopped: () => boolean): Promise<void> {
  for (let at = 0; at < rows.length && !stopped(); at += CHUNK) {
    const part = rows.slice(at, at + CHUNK)
    const { results } = await api.post<BatchOut>('/cases/batch', { action, rows: part, fields }, { repeats: 3 })
    told(results)
  }
}

/** The ways back from what was done. */
export function backFrom(results: readonly BatchResult[]): BackStep[] {
  return results.flatMap((one) => (one.done && one.version !== null ? one.back.map((step) => ({ case: one.case, version: one.version as number, action: step.action, assignment: step.assignment })) : []))
}
