/**
 * Whom to visit, on this phone: the list and each plan, kept in the vault. A plan is fetched again only when its version
 * differs, for each time it is read is on record.
 */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { ApiClient } from '@shared/api/client'
import { ApiError } from '@shared/api/errors'
import type { CareLine, CarePage, CareSheet } from '@shared/api/types'
import type { Cupboard } from '../people/folders'

const LIST = 'cares'
const nameOf = (id: string): string => `care ${id}`
/** More than this is no beat of one person. */
const MOST = 300

interface KeptCares {
  items: CareLine[]
  needs: CarePage['needs']
  at: number
}

/** Whether a visit was due before today, is due today, or comes later. */
export function dueState(day: string, today: string): 'late' | 'today' | 'later' {
  return day < today ? 'late' : day === today ? 'today' : 'later'
}

export const useCares = defineStore('cares', () => {
  const items = shallowRef<CareLine[]>([])
  const sheets = shallowRef<Record<string, CareSheet>>({})
  const needs = shallowRef<CarePage['needs']>([])
  const at = ref(0)
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  /** Not everybody on the staff may see who needs help. */
  const allowed = ref(true)
  let owner = ''

  const due = computed(() => (today: string) => items.value.filter((one) => dueState(one.next_due, today) !== 'later'))

  function belong(to: string): void {
    if (owner === to) return
    owner = to
    items.value = []
    sheets.value = {}
    at.value = 0
    allowed.value = true
    error.value = null
  }

  const title = (need: string): string => needs.value.find((one) => one.key === need)?.title ?? need

  async function load(cupboard: Cupboard): Promise<void> {
    const list = await cupboard.open<KeptCares>(LIST)
    if (!list) return
    const opened = await Promise.all(list.items.map((one) => cupboard.open<CareSheet>(nameOf(one.id))))
    items.value = list.items
    needs.value = list.needs
    sheets.value = Object.fromEntries(opened.filter((one): one is CareSheet => one !== undefined).map((one) => [one.id, one]))
    at.value = list.at
  }

  /** The list only: nothing of a plan is read for it. */
  async function list(api: ApiClient): Promise<CareLine[]> {
    const found: CareLine[] = []
    let cursor = ''
    do {
      const page = await api.get<CarePage>('/care', { cursor, limit: 100 })
      found.push(...page.items)
      needs.value = page.needs
      cursor = page.next ?? ''
    } while (cursor && found.length < MOST)
    return found
  }

  /** Makes the phone's list equal the server's; with a cupboard the plans too, so that they are there without a network. */
  async function pull(api: ApiClient, cupboard: Cupboard | null, now: number): Promise<void> {
    if (busy.value) return
    busy.value = true
    error.value = null
    try {
      const listed = await list(api)
      const gone = items.value.filter((one) => !listed.some((other) => other.id === one.id))
      const next = { ...sheets.value }
      for (const one of gone) {
        delete next[one.id]
        await cupboard?.drop(nameOf(one.id))
      }
      items.value = listed
      at.value = now
      if (cupboard) {
        for (const one of listed.filter((row) => next[row.id]?.version !== row.version)) {
          const sheet = await api.get<CareSheet>(`/care/${one.id}`)
          next[one.id] = sheet
          await cupboard.keep(nameOf(one.id), sheet)
        }
        await cupboard.keep(LIST, { items: listed, needs: needs.value, at: now } satisfies KeptCares)
      }
      sheets.value = next
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 403) {
        allowed.value = false
        items.value = []
        sheets.value = {}
      } else error.value = problem
    } finally {
      busy.value = false
    }
  }

  /** One plan: the newest the server has, else what lies here. Rejects when there is neither. */
  async function open(api: ApiClient, cupboard: Cupboard | null, id: string): Promise<CareSheet> {
    const here = sheets.value[id]
    const line = items.value.find((one) => one.id === id)
    if (here && line?.version === here.version) return here
    try {
      const sheet = await api.get<CareSheet>(`/care/${id}`)
      hold(sheet)
      await cupboard?.keep(nameOf(id), sheet)
      return sheet
    } catch (problem) {
      if (here && !(problem instanceof ApiError)) return here
      throw problem
    }
  }

  /** What an answer said of a row. */
  function hold(sheet: CareSheet): void {
    sheets.value = { ...sheets.value, [sheet.id]: sheet }
    items.value = items.value.map((one) => (one.id === sheet.id ? sheet : one))
  }

  return { items, sheets, needs, at, busy, error, allowed, due, belong, title, load, pull, open, hold }
})
