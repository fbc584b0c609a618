/* Keeps the worker's pages on the phone, so that they open without a network. Never touches what people write or read:
   requests to the API pass by. The lists in capitals are filled in by the build. */
const VERSION = '__VERSION__'
const ENTRY = '__ENTRY__'
const FILES = __FILES__
const SCOPE = new URL(self.registration.scope).pathname
const OURS = `onegrid ${SCOPE} `
const CACHE = OURS + VERSION
const ASSETS = ENTRY.slice(0, ENTRY.lastIndexOf('/') + 1)

self.addEventListener('install', (event) => event.waitUntil(fill()))

/** All or nothing: a version is only there when every file is. */
async function fill() {
  const cache = await caches.open(CACHE)
  for (const file of FILES) {
    if (await cache.match(file)) continue
    // The name tells the content: what an older version has need not come over the air again.
    const known = await caches.match(file)
    await cache.put(file, known ?? (await fetched(file)))
  }
  const page = await fetched(SCOPE, { cache: 'no-cache', credentials: 'same-origin' })
  const text = await page.clone().text()
  // The sign-in page of a public network, or a page of another version, must never become our page.
  if (!text.includes(ENTRY)) throw new Error('this page is not of this version')
  await cache.put(SCOPE, new Response(text, { headers: page.headers }))
}

async function fetched(address, options) {
  const answer = await fetch(address, options)
  const isPage = (answer.headers.get('Content-Type') ?? '').includes('text/html')
  if (!answer.ok || isPage !== (address === SCOPE)) throw new Error(`no ${address}`)
  return answer
}

self.addEventListener('activate', (event) => event.waitUntil(settle()))

/** Pages of the version before may still be open and load their parts late: it is kept, older ones go. */
async function settle() {
  const ours = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE)
  await Promise.all(ours.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== self.location.origin) return
  const isPage = request.mode === 'navigate' && address.pathname.startsWith(SCOPE) && !/\.[^/]*$/.test(address.pathname)
  if (isPage) event.respondWith(ours(SCOPE, request))
  else if (address.pathname.startsWith(ASSETS)) event.respondWith(ours(address.pathname, request))
})

async function ours(name, request) {
  const cache = await caches.open(CACHE)
  return (await cache.match(name)) ?? (await caches.match(name)) ?? fetch(request)
}
