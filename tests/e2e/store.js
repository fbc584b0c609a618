// The phone's own store, as the tests look into it. Read as text and run in the page.

function opened(base) {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(base)
    asked.onsuccess = () => done(asked.result)
    asked.onerror = failed
  })
}

function all(db, store) {
  return new Promise((done, failed) => {
    const asked = db.transaction(store).objectStore(store).getAll()
    asked.onsuccess = () => done(asked.result)
    asked.onerror = failed
  })
}

function base64(view) {
  let text = ''
  for (let at = 0; at < view.length; at += 32768) text += String.fromCharCode(...view.subarray(at, at + 32768))
  return btoa(text)
}

/** Bytes as base64, everything else as it is. */
function plain(value) {
  if (value instanceof ArrayBuffer) return base64(new Uint8Array(value))
  if (ArrayBuffer.isView(value)) return base64(value)
  if (Array.isArray(value)) return value.map(plain)
  if (!value || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

async function readAll(base, store) {
  const db = await opened(base)
  const found = db.objectStoreNames.contains(store) ? await all(db, store) : []
  db.close()
  return plain(found)
}

/** Many parcels out of the one the page has put, as three days of work would leave them; every tenth with the photo. */
async function multiply(count, mark) {
  const db = await opened('onegrid-outbox')
  const [first] = await all(db, 'parcels')
  const [picture] = await all(db, 'photos')
  const keys = [first.key]
  const writing = db.transaction(['parcels', 'photos'], 'readwrite')
  for (let n = 1; n < count; n += 1) {
    const key = crypto.randomUUID()
    const photo = crypto.randomUUID()
    const { seq, ...row } = structuredClone(first)
    // The clock was years off, and jumped back once while the phone was in the valley.
    const deviceAt = new Date(Date.UTC(2019, 0, 4) + (n % 200) * 1296000).toISOString()
    const photos = n % 10 === 0 ? row.photos.map((one) => ({ ...one, key: photo })) : []
    if (photos.length) writing.objectStore('photos').put({ ...picture, key: photo, parcel: key })
    const words = row.body.words.replace(/0$/, n)
    writing.objectStore('parcels').add({ ...row, key, photos, deviceAt, title: words, body: { ...row.body, words } })
    keys.push(key)
  }
  await new Promise((done, failed) => {
    writing.oncomplete = done
    writing.onerror = failed
  })
  db.close()
  return keys
}
