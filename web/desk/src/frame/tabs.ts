/**
 * Pages that are open side by side. A tab is an address: going back to it brings back its filter and its open case. They
 * last as long as the browser's tab; another hat starts with none, for its addresses may not be this one's to see.
 */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import type { RouteLocationNormalized } from 'vue-router'

export interface PageTab {
  /** One tab for each module, and one for each case that was opened as a page of its own. */
  key: string
  name: string
  path: string
  /** The case, for its number. */
  id: string
}

const KEPT = 'onegrid.desk.tabs'
export const MOST = 10

/** Which tab an address belongs to. */
export function tabOf(route: Pick<RouteLocationNormalized, 'name' | 'params' | 'fullPath'>): PageTab {
  const name = String(route.name ?? '')
  const id = name === 'case' ? String(route.params.id ?? '') : ''
  return { key: id ? `${name}:${id}` : name, name, path: route.fullPath, id }
}

/** The tabs after one was visited: it takes its new address; a new one stands last, and the one longest unseen gives way. */
export function visited(tabs: readonly PageTab[], tab: PageTab, order: readonly string[]): PageTab[] {
  if (tabs.some((one) => one.key === tab.key)) return tabs.map((one) => (one.key === tab.key ? tab : one))
  const kept = [...tabs, tab]
  if (kept.length <= MOST) return kept
  const oldest = order.find((key) => key !== tab.key && kept.some((one) => one.key === key)) ?? kept[0]?.key
  return kept.filter((one) => one.key !== oldest)
}

function read(): PageTab[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]')
    if (!Array.isArray(found)) return []
    return found.filter((one): one is PageTab => ['key', 'name', 'path', 'id'].every((part) => typeof (one as Record<string, unknown>)[part] === 'string'))
  } catch {
    return []
  }
}

export const useTabs = defineStore('tabs', () => {
  const tabs = ref<PageTab[]>(read())
  const current = ref('')
  /** Keys as they were last seen, the oldest first. */
  const seen = ref<string[]>([])
  const at = computed(() => tabs.value.findIndex((one) => one.key === current.value))

  watch(tabs, (now) => sessionStorage.setItem(KEPT, JSON.stringify(now)))

  function visit(route: RouteLocationNormalized): void {
    const tab = tabOf(route)
    current.value = tab.key
    seen.value = [...seen.value.filter((key) => key !== tab.key), tab.key]
    tabs.value = visited(tabs.value, tab, seen.value)
  }

  /** Where to go when a tab closes: nowhere unless it is the one in sight. */
  function close(key: string): string | null {
    const place = tabs.value.findIndex((one) => one.key === key)
    if (place < 0) return null
    const rest = tabs.value.filter((one) => one.key !== key)
    tabs.value = rest
    seen.value = seen.value.filter((one) => one !== key)
    if (key !== current.value) return null
    return (rest[place] ?? rest[place - 1])?.path ?? '/'
  }

  /** Closes all but the one in sight. */
  function closeOthers(): void {
    tabs.value = tabs.value.filter((one) => one.key === current.value)
  }

  /** The address of the tab so many places to the right, around the end. */
  function beside(step: number): string | null {
    const n = tabs.value.length
    return n < 2 ? null : (tabs.value[(at.value + step + n) % n]?.path ?? null)
  }

  /** Where a module was left. */
  function left(name: string): string | null {
    return tabs.value.find((one) => one.key === name)?.path ?? null
  }

  function clear(): void {
    tabs.value = []
    seen.value = []
  }

  return { tabs, current, visit, close, closeOthers, beside, left, clear }
})
