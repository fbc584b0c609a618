/** Messages to this worker: cases that moved, as the live feed tells them. Kept while the app is open. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CaseEvent } from '@shared/feed/feed'

const MOST = 100

export const useNews = defineStore('news', () => {
  const items = ref<CaseEvent[]>([])
  const unread = ref(0)
  /** Grows with every event and every poll: lists watch it and load anew. */
  const stamp = ref(0)

  function add(event: CaseEvent): void {
    items.value = [event, ...items.value.filter((one) => one.id !== event.id || one.at !== event.at)].slice(0, MOST)
    unread.value += 1
    stamp.value += 1
  }

  function poke(): void {
    stamp.value += 1
  }

  function seen(): void {
    unread.value = 0
  }

  return { items, unread, stamp, add, poke, seen }
})
