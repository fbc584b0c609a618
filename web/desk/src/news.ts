/** What the live feed told this page, kept while it is open; lists watch `stamp` and load anew. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CaseEvent, FeedState } from '@shared/feed/feed'

const MOST = 100

export const useNews = defineStore('news', () => {
  const items = ref<CaseEvent[]>([])
  const unread = ref(0)
  const stamp = ref(0)
  const state = ref<FeedState>('connecting')

  function add(event: CaseEvent): void {
    items.value = [event, ...items.value.filter((one) => one.id !== event.id || one.at !== event.at)].slice(0, MOST)
    unread.value += 1
    stamp.value += 1
  }

  /** The feed was away: whatever happened meanwhile is read from the server. */
  function poke(): void {
    stamp.value += 1
  }

  function seen(): void {
    unread.value = 0
  }

  /** Another hat sees other cases: what the last one was told is not for this one. */
  function clear(): void {
    items.value = []
    unread.value = 0
  }

  return { items, unread, stamp, state, add, poke, seen, clear }
})
