import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import vm from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { filled, manifest } from '../scripts/offlineFace'

const template = readFileSync(resolve(import.meta.dirname, '../worker/sw.js'), 'utf8')
const ENTRY = '/worker/assets/index-aaaa.js'
const files = [
  { address: ENTRY, isEntry: true },
  { address: '/worker/assets/map-bbbb.js', isEntry: false },
  { address: '/worker/assets/index-cccc.css', isEntry: false },
]

type Handler = (event: Record<string, unknown>) => void
type Store = Map<string, Map<string, Response>>

/** The service worker of a build, running against a network and a cache of our own. */
function running(text: string, store: Store, network: (address: string) => Response) {
  const handlers = new Map<string, Handler>()
  const name = (request: unknown): string => (typeof request === 'string' ? request : new URL((request as Request).url).pathname)
  const cache = (map: Map<string, Response>) => ({
    match: async (request: unknown) => map.get(name(request))?.clone(),
    put: async (request: unknown, answer: Response) => void map.set(name(request), answer),
  })
  const caches = {
    open: async (key: string) => cache(store.get(key) ?? store.set(key, new Map()).get(key)!),
    keys: async () => [...store.keys()],
    delete: async (key: string) => store.delete(key),
    match: async (request: unknown) => [...store.values()].map((map) => map.get(name(request))).find(Boolean)?.clone(),
  }
  const asked: string[] = []
  const self = {
    registration: { scope: 'https://county.example/minhou/worker/' },
    location: new URL('https://county.example/minhou/worker/sw.js'),
    clients: { claim: async () => undefined },
    skipWaiting: async () => undefined,
    addEventListener: (kind: string, handler: Handler) => void handlers.set(kind, handler),
  }
  const fetch = async (request: unknown) => {
    asked.push(name(request))
    return network(name(request))
  }
  vm.runInNewContext(text, { self, caches, fetch, URL, Response, Promise, Error, JSON })
  async function lifecycle(kind: string): Promise<void> {
    let work: Promise<unknown> = Promise.resolve()
    handlers.get(kind)?.({ waitUntil: (given: Promise<unknown>) => (work = given) })
    await work
  }
  async function open(path: string, mode = 'navigate', method = 'GET'): Promise<Response | null> {
    let answer: Promise<Response> | null = null
    const request = { url: `https://county.example${path}`, mode, method }
    handlers.get('fetch')?.({ request, respondWith: (given: Promise<Response>) => (answer = given) })
    return answer
  }
  return { lifecycle, open, asked }
}

const page = (body: string): Response => new Response(body, { headers: { 'Content-Type': 'text/html' } })
const script = (body: string): Response => new Response(body, { headers: { 'Content-Type': 'text/javascript' } })
const good = (address: string): Response => (address === '/minhou/worker/' ? page(`<script src="${ENTRY}">`) : script(address))

describe('the service worker', () => {
  let store: Store
  beforeEach(() => {
    store = new Map()
  })

  it('keeps page and files, and opens any page of the face without a network', async () => {
    const sw = running(filled(template, files), store, good)
    await sw.lifecycle('install')
    await sw.lifecycle('activate')
    sw.asked.length = 0
    expect(await (await sw.open('/minhou/worker/case/1'))?.text()).toContain(ENTRY)
    expect(await (await sw.open(files[1]!.address, 'no-cors'))?.text()).toBe(files[1]!.address)
    expect(sw.asked).toEqual([])
  })

  it('leaves the API, other faces and writes alone', async () => {
    const sw = running(filled(template, files), store, good)
    await sw.lifecycle('install')
    expect(await sw.open('/minhou/api/v1/cases', 'cors')).toBeNull()
    expect(await sw.open('/minhou/desk/')).toBeNull()
    expect(await sw.open('/minhou/worker/manifest.webmanifest')).toBeNull()
    expect(await sw.open('/minhou/api/v1/cases', 'cors', 'POST')).toBeNull()
  })

  it.each([
    ['the sign-in page of a public network', (_: string) => page('<h1>Free wireless</h1>')],
    ['a page of another version', (address: string) => (address === '/minhou/worker/' ? page('<script src="/worker/assets/index-zzzz.js">') : script(address))],
    ['a missing file', (address: string) => (address === files[1]!.address ? new Response('', { status: 404 }) : good(address))],
  ])('never takes %s for ours', async (_what, network) => {
    const sw = running(filled(template, files), store, network)
    await expect(sw.lifecycle('install')).rejects.toThrow()
  })

  it('fetches only what is new in the next version, keeps the one before and drops older ones', async () => {
    await running(filled(template, files), store, good).lifecycle('install')
    const next = [files[0]!, files[2]!, { address: '/worker/assets/map-dddd.js', isEntry: false }]
    const sw = running(filled(template, next), store, good)
    await sw.lifecycle('install')
    expect(sw.asked).toEqual(['/worker/assets/map-dddd.js', '/minhou/worker/'])
    await sw.lifecycle('activate')
    expect(store.size).toBe(2)
    expect(await (await sw.open(files[1]!.address, 'no-cors'))?.text()).toBe(files[1]!.address)
    const third = running(filled(template, [files[0]!]), store, good)
    await third.lifecycle('install')
    await third.lifecycle('activate')
    expect(store.size).toBe(2)
  })
})

describe('the build', () => {
  it('gives another version to other files and the same to the same', () => {
    const version = (text: string): string => /VERSION = '(\w+)'/.exec(text)![1]!
    const one = filled(template, files)
    expect(version(filled(template, [...files].reverse()))).toBe(version(one))
    expect(version(filled(template, files.slice(0, 2)))).not.toBe(version(one))
    expect(one).not.toContain('__')
    expect(() => filled(template, files.slice(1))).toThrow()
  })

  it('writes a manifest that opens where it was installed from', () => {
    const made = JSON.parse(manifest([])) as Record<string, unknown>
    expect([made.start_url, made.scope, made.display]).toEqual(['./', './', 'standalone'])
  })
})
