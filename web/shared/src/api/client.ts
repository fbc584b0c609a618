/**
 * The one way to the server. Same-origin cookies, CSRF header, language header, typed errors, and repeats that are safe:
 * every write carries a key made before the first attempt, so a lost answer is asked for again, never filed twice.
 */
import { errorFrom, OfflineError } from './errors'

export interface ApiClientOptions {
  readonly root: string
  readonly language: () => string
  readonly fetch?: typeof fetch
  readonly wait?: (ms: number) => Promise<void>
  /** Called on 401, so that the session store can forget who it thought was here. */
  readonly onUnauthorized?: () => void
  /** Told after every request whether anything came back. */
  readonly onHeard?: (reached: boolean) => void
}

export interface SendOptions {
  readonly query?: Record<string, string | number | boolean | null | undefined>
  readonly body?: unknown
  readonly form?: FormData
  readonly key?: string
  readonly signal?: AbortSignal
  /** How often a write or read is sent again when nothing, or a 502/503/504, came back. */
  readonly repeats?: number
}

const REPEATABLE = new Set([502, 503, 504])
const BACK_OFF_MS = [400, 1200, 3000]
/** A line that is up and brings nothing is as good as none. Uploads and reports may take longer: they set no clock. */
const PATIENCE_MS = 20_000

export class ApiClient {
  private readonly send: typeof fetch
  private readonly wait: (ms: number) => Promise<void>
  private csrf = ''

  constructor(private readonly options: ApiClientOptions) {
    this.send = options.fetch ?? ((...rest) => globalThis.fetch(...rest))
    this.wait = options.wait ?? ((ms) => new Promise((done) => setTimeout(done, ms)))
  }

  /** The API's root path, for images and tiles. */
  get root(): string {
    return this.options.root
  }

  /** `GET /me` hands out the token; the cookie may be out of script's reach. */
  useCsrf(token: string): void {
    this.csrf = token
  }

  get<T>(path: string, query?: SendOptions['query'], signal?: AbortSignal): Promise<T> {
    return this.request<T>('GET', path, { query, signal, repeats: 1 })
  }

  post<T>(path: string, body: unknown = {}, options: SendOptions = {}): Promise<T> {
    return this.request<T>('POST', path, { ...options, body })
  }

  delete<T>(path: string): Promise<T> {
    return this.request<T>('DELETE', path, {})
  }

  async request<T>(method: string, path: string, options: SendOptions): Promise<T> {
    const repeats = options.repeats ?? (options.key ? BACK_OFF_MS.length : 0)
    for (let attempt = 0; ; attempt += 1) {
      const last = attempt >= repeats
      const patience = method === 'GET' && !options.signal ? new AbortController() : null
      const timer = patience ? setTimeout(() => patience.abort(), PATIENCE_MS) : undefined
      try {
        const response = await this.send(this.url(path, options.query), this.init(method, patience ? { ...options, signal: patience.signal } : options))
        this.options.onHeard?.(true)
        if (response.ok) return (response.status === 204 ? null : await response.json()) as T
        if (!last && REPEATABLE.has(response.status)) {
          await this.wait(BACK_OFF_MS[attempt] ?? 3000)
          continue
        }
        if (response.status === 401) this.options.onUnauthorized?.()
        throw await errorFrom(response)
      } catch (error) {
        // TypeError: nothing came back. SyntaxError: a page where an answer should be, from a public network's sign-in.
        // Anything else is a real answer or the caller's own abort.
        if (!(error instanceof TypeError || error instanceof SyntaxError) && !patience?.signal.aborted) throw error
        this.options.onHeard?.(false)
        if (last) throw new OfflineError(String(error))
        await this.wait(BACK_OFF_MS[attempt] ?? 3000)
      } finally {
        clearTimeout(timer)
      }
    }
  }

  /** Address of a picture the API named: relative paths hang on the API's root. */
  asset(path: string): string {
    return /^(\/|https?:|blob:)/.test(path) ? path : `${this.options.root}/${path}`
  }

  url(path: string, query?: SendOptions['query']): string {
    const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== '')
    const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
    return `${this.options.root}${path}${search ? `?${search}` : ''}`
  }

  /** Headers every request needs; also used by the photo upload, which has its own transport for progress. */
  headers(key?: string): Record<string, string> {
    const token = this.csrf || cookie('csrftoken')
    return {
      Accept: 'application/json',
      'Accept-Language': this.options.language(),
      ...(token ? { 'X-CSRFToken': token } : {}),
      ...(key ? { 'Idempotency-Key': key } : {}),
    }
  }

  private init(method: string, options: SendOptions): RequestInit {
    const headers = this.headers(options.key)
    const init: RequestInit = { method, headers, credentials: 'same-origin', signal: options.signal ?? null }
    if (options.form) init.body = options.form
    else if (options.body !== undefined) {
      headers['Content-Type'] = 'application/json'
      init.body = JSON.stringify(options.body)
    }
    return init
  }
}

function cookie(name: string): string {
  const found = globalThis.document?.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : ''
}

/**
 * A key for one write. `crypto.randomUUID` exists only on https and localhost; a county's intranet may have neither,
 * `getRandomValues` is everywhere.
 */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
