import { describe, expect, it, vi } from 'vitest'
import { ApiClient, newKey } from '@shared/api/client'
import { ApiError, OfflineError } from '@shared/api/errors'
import { problemWords } from '@shared/states/problem'

function client(answers: (Response | Error)[], onUnauthorized = vi.fn()) {
  const asked: { url: string; init: RequestInit }[] = []
  const fetcher = vi.fn(async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    const next = answers.shift()
    if (next === undefined) throw new Error('asked once too often')
    if (next instanceof Error) throw next
    return next
  })
  const api = new ApiClient({ root: '/minhou/api/v1', language: () => 'en', fetch: fetcher as unknown as typeof fetch, wait: async () => undefined, onUnauthorized })
  return { api, asked, onUnauthorized }
}

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status })
const lost = (): Error => new TypeError('Failed to fetch')

describe('ApiClient', () => {
  it('sends language, CSRF token, key and only the filled query parts', async () => {
    const { api, asked } = client([json({ ok: 1 }), json({})])
    api.useCsrf('token')
    await api.post('/cases', { words: 'x' }, { key: 'k-1' })
    await api.get('/cases', { tab: 'todo', q: '', grid: null, limit: 5 })
    const headers = asked[0]?.init.headers as Record<string, string>
    expect(headers).toMatchObject({ 'Accept-Language': 'en', 'X-CSRFToken': 'token', 'Idempotency-Key': 'k-1' })
    expect(asked[1]?.url).toBe('/minhou/api/v1/cases?tab=todo&limit=5')
  })

  it('asks again with the same key and body when the answer is lost', async () => {
    const { api, asked } = client([lost(), new Response('', { status: 503 }), json({ id: '1' })])
    expect(await api.post('/cases', { key: 'k' }, { key: 'k' })).toEqual({ id: '1' })
    expect(new Set(asked.map((one) => one.init.body)).size).toBe(1)
    expect(asked).toHaveLength(3)
  })

  it('does not repeat a write without a key', async () => {
    const { api, asked } = client([lost()])
    await expect(api.post('/session', {})).rejects.toBeInstanceOf(OfflineError)
    expect(asked).toHaveLength(1)
  })

  it('never repeats a refusal, and carries its code, words and fields', async () => {
    const { api, asked } = client([json({ code: 'invalid', message: 'No', fields: [{ field: 'words', message: 'short' }], request_id: 'r' }, 422)])
    const error = (await api.post('/cases', {}, { key: 'k' }).catch((problem: unknown) => problem)) as ApiError
    expect([error.status, error.code, error.message, error.field('words'), error.requestId]).toEqual([422, 'invalid', 'No', 'short', 'r'])
    expect(asked).toHaveLength(1)
  })

  it('tells the session when it has ended', async () => {
    const { api, onUnauthorized } = client([json({ code: 'not_signed_in', message: '' }, 401)])
    await expect(api.get('/me')).rejects.toBeInstanceOf(ApiError)
    expect(onUnauthorized).toHaveBeenCalledOnce()
  })

  it('understands an error page that is not ours', async () => {
    const { api } = client([new Response('<html>Bad gateway</html>', { status: 500 })])
    const error = (await api.post('/x').catch((problem: unknown) => problem)) as ApiError
    expect(error.code).toBe('http_500')
    expect(problemWords(error).key).toBe('problem.server')
  })

  it('answers null for 204', async () => {
    const { api } = client([new Response(null, { status: 204 })])
    expect(await api.delete('/session')).toBeNull()
  })
})

describe('newKey', () => {
  it('is a version 4 UUID also where randomUUID is missing', () => {
    const spy = vi.spyOn(crypto, 'randomUUID').mockImplementation(undefined as never)
    Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true })
    const keys = new Set(Array.from({ length: 50 }, newKey))
    expect(keys.size).toBe(50)
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    spy.mockRestore()
  })
})
