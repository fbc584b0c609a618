/**
 * The people of my grids, on this phone: one folder for each leaf grid, kept in the vault. The server's list says which
 * folders there are and a word that changes with their content; only what differs is fetched, what is not listed is gone.
 */
import { computed, ref, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import type { ApiClient } from '@shared/api/client'
import { ApiError } from '@shared/api/errors'
import type { Folder, FolderContents, FolderList, HomeInfo, HouseInfo } from '@shared/api/types'
import * as vault from '@shared/vault'

const LIST = 'folders'
const nameOf = (id: string): string => `folder ${id}`

/** What the hat may do with each field at the door, and what can be chosen: known without a network. */
export interface Editing {
  access: FolderList['access']
  choices: FolderList['choices']
}

interface KeptList extends Partial<Editing> {
  items: Folder[]
  at: number
}

/** Where folders are kept: the vault, or a plain object in tests. */
export interface Cupboard {
  keep(name: string, value: unknown): Promise<void>
  open<T>(name: string): Promise<T | undefined>
  drop(name: string): Promise<void>
}

/** What has to be fetched and what has to go, so that what is kept equals what is listed. */
export function difference(kept: readonly Folder[], listed: readonly Folder[]): { fetch: Folder[]; drop: Folder[] } {
  const known = new Map(kept.map((one) => [one.grid.id, one.digest]))
  const there = new Set(listed.map((one) => one.grid.id))
  return { fetch: listed.filter((one) => known.get(one.grid.id) !== one.digest), drop: kept.filter((one) => !there.has(one.grid.id)) }
}

/** What was only looked at so far, or lay here before the sealed data was emptied, is put away now. */
async function putAway(cupboard: Cupboard, held: readonly FolderContents[]): Promise<void> {
  const kept = (await cupboard.open<KeptList>(LIST))?.items ?? []
  for (const one of difference(kept, held).fetch) await cupboard.keep(nameOf(one.grid.id), held.find(({ grid }) => grid.id === one.grid.id))
}

export const useFolders = defineStore('folders', () => {
  const folders = shallowRef<FolderContents[]>([])
  const editing = shallowRef<Editing>({ access: {}, choices: {} })
  const at = ref(0)
  const tooWide = ref(false)
  const done = ref(0)
  const todo = ref(0)
  const busy = ref(false)
  const error = shallowRef<unknown>(null)
  let owner = ''
  /** Which position's pull runs; one of a position taken off since is given up. */
  let turn = 0

  const households = computed(() => folders.value.reduce((sum, one) => sum + one.households, 0))
  const people = computed(() => folders.value.reduce((sum, one) => sum + one.people, 0))

  /** Nothing of one position is shown in another. */
  function belong(to: string): void {
    if (owner === to) return
    owner = to
    turn += 1
    busy.value = false
    folders.value = []
    at.value = 0
    tooWide.value = false
    error.value = null
  }

  /** What lies on the phone, if the vault is open. */
  async function load(cupboard: Cupboard): Promise<void> {
    const mine = turn
    const list = await cupboard.open<KeptList>(LIST)
    if (!list) return
    const opened = await Promise.all(list.items.map((one) => cupboard.open<FolderContents>(nameOf(one.grid.id))))
    if (mine !== turn) return
    folders.value = opened.filter((one): one is FolderContents => one !== undefined)
    editing.value = { access: list.access ?? {}, choices: list.choices ?? {} }
    at.value = list.at
  }

  /** Makes the phone's copy equal the server's. Without a cupboard it is held only while the page is open. */
  async function pull(api: ApiClient, cupboard: Cupboard | null, now: number): Promise<void> {
    if (busy.value) return
    const mine = turn
    busy.value = true
    error.value = null
    try {
      const listed = await api.get<FolderList>('/register/folders')
      if (mine !== turn) return
      tooWide.value = listed.too_wide
      editing.value = { access: listed.access, choices: listed.choices }
      const { fetch, drop } = difference(folders.value, listed.items)
      todo.value = fetch.length
      done.value = 0
      const next = new Map(folders.value.map((one) => [one.grid.id, one]))
      for (const one of drop) {
        next.delete(one.grid.id)
        await cupboard?.drop(nameOf(one.grid.id))
      }
      if (cupboard) await putAway(cupboard, [...next.values()])
      for (const one of fetch) {
        const got = await api.get<FolderContents>(`/register/folders/${one.grid.id}`)
        if (mine !== turn) return
        next.set(one.grid.id, got)
        await cupboard?.keep(nameOf(one.grid.id), got)
        done.value += 1
      }
      folders.value = [...next.values()].sort((one, two) => (one.grid.scope_path < two.grid.scope_path ? -1 : 1))
      at.value = now
      // The list last: cut off in between, the next pull finds the folders by their own digests.
      await cupboard?.keep(LIST, { items: folders.value.map(({ houses: _houses, ...rest }) => rest), at: now, ...editing.value } satisfies KeptList)
    } catch (problem) {
      if (mine !== turn) return
      error.value = problem
      // A position without a grid, or none any more: what lies here is not his.
      if (problem instanceof ApiError && problem.status === 403) folders.value = []
    } finally {
      if (mine === turn) busy.value = false
    }
  }

  /** May the hat write this field. */
  const writes = (kind: string, field: string): boolean => editing.value.access[kind]?.[field] === 'write'

  /** The title of a choice; its key while the list is not here. */
  function titleOf(list: string, key: string): string {
    return editing.value.choices[list]?.find((one) => one.key === key)?.title ?? key
  }

  /** A household of the folders with its house. */
  function homeOf(id: string): { house: HouseInfo; home: HomeInfo } | null {
    for (const folder of folders.value) {
      for (const house of folder.houses) {
        const home = house.homes.find((one) => one.id === id)
        if (home) return { house, home }
      }
    }
    return null
  }

  function houseOf(id: string): HouseInfo | null {
    return folders.value.flatMap((folder) => folder.houses).find((house) => house.id === id) ?? null
  }

  return { folders, households, people, editing, writes, titleOf, homeOf, houseOf, at, tooWide, busy, done, todo, error, belong, load, pull }
})

/** The vault while it is open; null while nothing can be kept. */
export function openCupboard(): Cupboard | null {
  return vault.locked.value ? null : vault
}
