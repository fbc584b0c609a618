/** Cases kept on the phone for where there is no network: sealed, the newest few dozen. */
import type { ApiClient } from '@shared/api/client'
import type { CaseDetail, CasePage } from '@shared/api/types'
import { drop, keep, locked, open } from '@shared/vault'

const MOST = 80
const INDEX = 'cases'

export interface KeptCase {
  detail: CaseDetail
  /** When the server told it, ISO 8601. */
  at: string
}

let last: Promise<void> = Promise.resolve()

/** Keeps a case when the vault is open; quietly nothing else. */
export function keepCase(detail: CaseDetail, now: Date): Promise<void> {
  if (locked.value) return Promise.resolve()
  // One after the other: two pages that write the index at once would lose one of them.
  last = last.catch(() => undefined).then(() => store(detail, now))
  return last
}

async function store(detail: CaseDetail, now: Date): Promise<void> {
  await keep(`case ${detail.id}`, { detail, at: now.toISOString() } satisfies KeptCase)
  const ids = [detail.id, ...((await open<string[]>(INDEX)) ?? []).filter((id) => id !== detail.id)]
  for (const old of ids.slice(MOST)) await drop(`case ${old}`)
  await keep(INDEX, ids.slice(0, MOST))
}

/** The case as it was last seen with a network; undefined when it was not kept or the vault is locked. */
export async function keptCase(id: string): Promise<KeptCase | undefined> {
  return locked.value ? undefined : open<KeptCase>(`case ${id}`).catch(() => undefined)
}

/** At most so many of what waits for me are fetched ahead. */
const AHEAD = 40
let pulling = false
let seen = new Map<string, number>()

/** Fetches what waits for me before I go where there is no network: one after the other, each case once per change. */
export async function fetchAhead(api: ApiClient, now: () => Date): Promise<void> {
  if (pulling || locked.value) return
  pulling = true
  try {
    const { items } = await api.get<CasePage>('/cases', { tab: 'todo', sort: 'due', limit: AHEAD })
    for (const row of items) {
      if (locked.value) return
      const detail = seen.get(row.id) === row.version ? null : await api.get<CaseDetail>(`/cases/${row.id}`)
      if (detail) await keepCase(detail, now())
      seen.set(row.id, row.version)
    }
  } catch {
    // No network any more, or a full disk: what was fetched so far is kept, the rest comes another time.
  } finally {
    pulling = false
  }
}

/** The sealed data is gone: everything is fetched anew. */
export function forgetAhead(): void {
  seen = new Map()
}
