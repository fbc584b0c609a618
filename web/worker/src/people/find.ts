/** Finding a door among the houses kept on the phone: by what a plate says, by what somebody types, by our own link. */
import type { FolderContents, HomeInfo, HouseInfo } from '@shared/api/types'

export interface Door {
  house: HouseInfo
  home: HomeInfo | null
  grid: string
}

/** Full-width to ASCII, no spaces, dots or dashes between: however a plate is set, it says the same. */
export function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[\s,\uff0c\u3002.\u3001\u00b7#\u2014_/-]+/g, '')
}

/** Digits of a door as people type them: `2-301`, and the same with the words for stairwell and room, are both `2301`. */
function digits(text: string): string {
  return (text.normalize('NFKC').match(/\d+/g) ?? []).join('')
}

/** What a scanned plate or a typed word means; several doors when it names a house, none when it is not ours. */
export function findDoors(folders: readonly FolderContents[], said: string, most = 60): Door[] {
  const named = byLink(folders, said)
  if (named) return [named]
  const text = textOf(said)
  const wanted = plain(text)
  if (!wanted) return []
  const whole: Door[] = []
  const part: Door[] = []
  for (const folder of folders) {
    for (const house of folder.houses) {
      const address = plain(house.name)
      // A plate names the house and perhaps the door; somebody typing names a part of either.
      if (wanted.startsWith(address) && wanted.length > address.length) {
        const rest = wanted.slice(address.length)
        const home = house.homes.find((one) => plain(one.label) === rest) ?? house.homes.find((one) => digits(one.label) === digits(rest) && digits(rest) !== '')
        whole.push({ house, home: home ?? null, grid: folder.grid.name })
      } else if (address.includes(wanted)) (address === wanted ? whole : part).push({ house, home: null, grid: folder.grid.name })
      else if (part.length < most) {
        for (const home of house.homes) {
          if (plain(house.name + home.label).includes(wanted) || (/^[\d\s-]+$/.test(text) && digits(text).length >= 3 && digits(home.label) === digits(text))) {
            part.push({ house, home, grid: folder.grid.name })
          }
        }
      }
    }
  }
  return [...whole, ...part].slice(0, most)
}

/** A plate of ours says `…/people?house=12&home=34`. */
function byLink(folders: readonly FolderContents[], said: string): Door | null {
  const house = /[?&]house=(\d+)/.exec(said)?.[1]
  const home = /[?&]home=(\d+)/.exec(said)?.[1]
  if (!house && !home) return null
  for (const folder of folders) {
    for (const one of folder.houses) {
      const behind = one.homes.find((each) => each.id === home) ?? null
      if (one.id === house || behind) return { house: one, home: behind, grid: folder.grid.name }
    }
  }
  return null
}

/** The words in a scanned plate: plates carry plain text, or a link with the address as one of its parts. */
function textOf(said: string): string {
  if (!/^https?:/i.test(said.trim())) return said
  try {
    const url = new URL(said.trim())
    return [...url.searchParams.values()].find((value) => /[\u3400-\u9fff]/.test(value)) ?? ''
  } catch {
    return ''
  }
}

/** How old somebody is this year; null when the year of birth is not known. */
export function ageOf(born: number | null | undefined, year: number): number | null {
  return born ? year - born : null
}
