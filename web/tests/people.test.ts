/** The people of my grids on the phone: what is kept equals what is listed, and a plate finds its door. */
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ApiClient } from '@shared/api/client'
import { ApiError, OfflineError } from '@shared/api/errors'
import type { Folder, FolderContents } from '@shared/api/types'
import { findDoors, plain } from '../worker/src/people/find'
import { useFolders, type Cupboard } from '../worker/src/people/folders'

const STAIR = '\u5355\u5143'
const STREET = '\u524d\u8857'

function contents(id: string, digest: string, doors: string[] = [`1${STAIR}101`]): FolderContents {
  const homes = doors.map((label, at) => ({ id: `${id}${at}`, label, people: 2, residents: [], version: 1, number: '', dwelling: `${id}${at}`, dwelling_version: 1, use: '' }))
  const grid = { id, code: id, name: `grid ${id}`, scope_path: `r.${id}.`, lon: 119, lat: 26 } as Folder['grid']
  return { grid, digest, households: homes.length, people: 2 * homes.length, houses: [{ id: `h${id}`, name: `${STREET}${id}\u53f7`, lon: 119, lat: 26, floors: 6, stairwells: 2, homes, empty: [] }] }
}

/** A server with folders, and a count of what was asked for. */
class Server {
  asked: string[] = []
  failAfter = Infinity
  refuse: Error | null = null

  constructor(public there: FolderContents[]) {}

  get = (path: string): Promise<unknown> => {
    this.asked.push(path)
    if (this.refuse) return Promise.reject(this.refuse)
    if (this.asked.length > this.failAfter) return Promise.reject(new OfflineError('cut'))
    if (path === '/register/folders') return Promise.resolve({ too_wide: false, items: this.there.map(({ houses: _houses, ...rest }) => rest) })
    const found = this.there.find((one) => path.endsWith(`/${one.grid.id}`))
    return found ? Promise.resolve(found) : Promise.reject(new ApiError(404, 'not_found', ''))
  }

  get api(): ApiClient {
    return this as unknown as ApiClient
  }
}

function cupboard(): Cupboard & { held: Map<string, string> } {
  const held = new Map<string, string>()
  return {
    held,
    keep: (name, value) => Promise.resolve(void held.set(name, JSON.stringify(value))),
    open: <T>(name: string) => Promise.resolve(held.has(name) ? (JSON.parse(held.get(name)!) as T) : undefined),
    drop: (name) => Promise.resolve(void held.delete(name)),
  }
}

beforeEach(() => setActivePinia(createPinia()))

describe('folders', () => {
  it('fetches what differs, drops what is gone, and is the same after a restart without a network', async () => {
    const server = new Server([contents('1', 'a'), contents('2', 'b'), contents('3', 'c')])
    const held = cupboard()
    await useFolders().pull(server.api, held, 5)
    expect(server.asked).toHaveLength(4)

    server.asked = []
    server.there = [contents('1', 'a'), contents('2', 'b2', [`2${STAIR}202`])]
    await useFolders().pull(server.api, held, 6)
    expect(server.asked).toEqual(['/register/folders', '/register/folders/2'])
    expect([...held.held.keys()].sort()).toEqual(['folder 1', 'folder 2', 'folders'])

    setActivePinia(createPinia())
    const again = useFolders()
    await again.load(held)
    expect(again.folders).toEqual(server.there)
    expect([again.at, again.households, again.people]).toEqual([6, 2, 4])
  })

  it('cut off half way, keeps what it had and finishes the next time', async () => {
    const server = new Server([contents('1', 'a'), contents('2', 'b')])
    const held = cupboard()
    const folders = useFolders()
    await folders.pull(server.api, held, 5)
    server.there = [contents('1', 'a2'), contents('2', 'b2')]
    server.asked = []
    server.failAfter = 2
    await folders.pull(server.api, held, 6)
    expect(folders.error).toBeInstanceOf(OfflineError)
    expect(folders.at).toBe(5)
    server.failAfter = Infinity
    await folders.pull(server.api, held, 7)
    expect(folders.folders.map((one) => one.digest)).toEqual(['a2', 'b2'])
    expect(folders.error).toBeNull()
  })

  it('shows nothing of one position in another, and nothing to a position without a grid', async () => {
    const server = new Server([contents('1', 'a')])
    const folders = useFolders()
    folders.belong('1 1')
    await folders.pull(server.api, null, 5)
    folders.belong('1 2')
    expect(folders.folders).toEqual([])
    await folders.pull(server.api, null, 6)
    expect(folders.folders).toHaveLength(1)
    server.refuse = new ApiError(403, 'forbidden', '')
    await folders.pull(server.api, null, 7)
    expect(folders.folders).toEqual([])
  })
})

describe('folders that were first only looked at', () => {
  it('are on the phone once it may keep them, also after its sealed data was emptied', async () => {
    const server = new Server([contents('1', 'a'), contents('2', 'b')])
    const folders = useFolders()
    await folders.pull(server.api, null, 5)
    server.asked = []
    const held = cupboard()
    await folders.pull(server.api, held, 6)
    expect(server.asked).toEqual(['/register/folders'])
    held.held.clear()
    await folders.pull(server.api, held, 7)
    setActivePinia(createPinia())
    await useFolders().load(held)
    expect(useFolders().folders).toEqual(server.there)
  })

  it('that arrive after the position changed are neither shown nor kept', async () => {
    const server = new Server([contents('1', 'a'), contents('2', 'b')])
    const held = cupboard()
    const folders = useFolders()
    folders.belong('1 1')
    const slow = folders.pull(server.api, held, 5)
    folders.belong('1 2')
    server.there = [contents('9', 'z')]
    await Promise.all([slow, folders.pull(server.api, held, 6)])
    expect(folders.folders.map((one) => one.grid.id)).toEqual(['9'])
    expect([...held.held.keys()].sort()).toEqual(['folder 9', 'folders'])
    expect([folders.busy, folders.at]).toEqual([false, 6])
  })
})

describe('a door', () => {
  const folders = [contents('12', 'a', [`1${STAIR}101`, `2${STAIR}301`]), contents('7', 'b', ['1\u6237'])]
  const found = (said: string): string[] => findDoors(folders, said).map((door) => `${door.house.id} ${door.home?.label ?? '-'}`)

  it.each([
    [`${STREET}12\u53f72${STAIR}301`, [`h12 2${STAIR}301`]],
    [`\u524d\u8857 \uff11\uff12\u53f7\uff0c2${STAIR}301`, [`h12 2${STAIR}301`]],
    [`${STREET}12\u53f72-301`, [`h12 2${STAIR}301`]],
    [`${STREET}12\u53f7`, ['h12 -']],
    [`${STREET}`, ['h12 -', 'h7 -']],
    ['2-301', [`h12 2${STAIR}301`]],
    ['https://example.cn/minhou/worker/people?house=h12', []],
    ['https://example.cn/d?c=12&addr=%E5%89%8D%E8%A1%977%E5%8F%B7', ['h7 -']],
    ['https://example.cn/d?c=12', []],
    [`\u540e\u8857 9\u53f7`, []],
    ['', []],
  ])('%s', (said, doors) => expect(found(said)).toEqual(doors))

  it('a plate of ours names the door by its number', () => {
    const numbered = [{ ...folders[0]!, houses: folders[0]!.houses.map((house) => ({ ...house, id: '88', homes: house.homes.map((home, at) => ({ ...home, id: String(900 + at) })) })) }]
    expect(findDoors(numbered, 'https://x/minhou/worker/people?house=88&home=901')[0]?.home?.label).toBe(`2${STAIR}301`)
    expect(findDoors(numbered, 'https://x/minhou/worker/people?house=88')[0]?.home).toBeNull()
    expect(findDoors(numbered, 'https://x/minhou/worker/people?house=89&home=1')).toEqual([])
  })

  it('means the same however it is set', () => expect(plain(' \uff13 \u5355\u5143\u3002301')).toBe(plain('3\u5355\u5143301')))
})
