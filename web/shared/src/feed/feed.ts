/**
 * Live updates. One EventSource; when it breaks the browser reconnects with Last-Event-ID by itself, when it gives up we
 * start anew. While nothing live arrives the page polls, and says how old it is.
 */
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { feedTells, tellMapVersion } from '../map/live'

export interface CaseEvent {
  id: string
  number: string
  kind: string
  status: string
  scope_path: string
  title: string
  at: string
}

export type FeedState = 'connecting' | 'live' | 'stale'

export interface FeedOptions {
  url: string
  onCase: (event: CaseEvent) => void
  /** Called every `pollMs` while the feed is not live, once when it comes back, and when more happened than is told. */
  onPoll: () => void
  pollMs?: number
  staleMs?: number
  /** Within how long a page loads anew when it is told to. */
  spreadMs?: number
  makeSource?: (url: string) => EventSource
}

export class Feed {
  readonly state: Ref<FeedState> = ref('connecting')
  private source: EventSource | null = null
  private lastId = ''
  private lastHeard = 0
  private retry = 1000
  private watch: ReturnType<typeof setInterval> | undefined
  private poll: ReturnType<typeof setInterval> | undefined
  private again: ReturnType<typeof setTimeout> | undefined
  private anew: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: FeedOptions) {}

  start(): void {
    this.connect()
    this.watch = setInterval(() => this.checkAge(), 5000)
    this.poll = setInterval(() => {
      if (this.state.value !== 'live') this.options.onPoll()
    }, this.options.pollMs ?? 30_000)
  }

  stop(): void {
    clearInterval(this.watch)
    clearInterval(this.poll)
    clearTimeout(this.again)
    clearTimeout(this.anew)
    this.source?.close()
    this.source = null
  }

  private connect(): void {
    const url = new URL(this.options.url, globalThis.location?.href)
    if (this.lastId) url.searchParams.set('last_event_id', this.lastId)
    const make = this.options.makeSource ?? ((address) => new EventSource(address, { withCredentials: true }))
    const source = make(url.toString())
    this.source = source
    source.onopen = () => this.heard()
    source.addEventListener('tick', () => this.heard())
    source.addEventListener('case', (message) => {
      this.heard()
      if (message.lastEventId) this.lastId = message.lastEventId
      this.options.onCase(JSON.parse(message.data as string) as CaseEvent)
    })
    source.addEventListener('map.changed', (message) => {
      this.heard()
      tellMapVersion(Number((JSON.parse(message.data as string) as { version: number }).version))
    })
    // More happened than the server tells one by one, or our place in the story is lost: the page loads anew.
    for (const anew of ['refresh', 'reset']) {
      source.addEventListener(anew, (message) => {
        this.heard()
        if (message.lastEventId) this.lastId = message.lastEventId
        this.loadAnew()
      })
    }
    source.onerror = () => {
      this.state.value = 'stale'
      // CLOSED (2): the browser has given up, for instance after a 401 or while the server restarts.
      if (source.readyState !== 2) return
      source.close()
      this.again = setTimeout(() => this.connect(), this.retry)
      this.retry = Math.min(this.retry * 2, 60_000)
    }
  }

  /** Thousands of pages are told at the same instant: each waits a moment of its own, and what comes meanwhile joins. */
  private loadAnew(): void {
    this.anew ??= setTimeout(() => {
      this.anew = undefined
      this.options.onPoll()
    }, Math.random() * (this.options.spreadMs ?? 5000))
  }

  private heard(): void {
    const missed = this.state.value === 'stale'
    this.state.value = 'live'
    this.retry = 1000
    this.lastHeard = Date.now()
    if (missed) this.options.onPoll()
  }

  private checkAge(): void {
    if (this.state.value === 'live' && Date.now() - this.lastHeard > (this.options.staleMs ?? 45_000)) this.state.value = 'stale'
  }
}

/** A feed that lives as long as the component. */
export function useFeed(options: FeedOptions): Ref<FeedState> {
  const feed = new Feed(options)
  feed.start()
  watch(feed.state, (now, before) => (now === 'live') !== (before === 'live') && feedTells(now === 'live'), { flush: 'sync' })
  onScopeDispose(() => {
    if (feed.state.value === 'live') feedTells(false)
    feed.stop()
  })
  return feed.state
}
