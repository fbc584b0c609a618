/**
 * A building as people draw it: floors from the top down, stairwells from left to right, doors side by side; and what each
 * door is coloured by. Doors whose floor nobody knows stand apart.
 */

export interface Door {
  dwelling: string
  households: string[]
  label: string
  unit: string
  floor: number | null
  room: string
  use: string
  people: number
  /** Further counts by the question they answer: aged, young, elsewhere … */
  counts: Record<string, number>
}

export interface Stairwell {
  unit: string
  /** How many doors wide its widest floor is. */
  width: number
}

export interface Storey {
  floor: number
  /** For each stairwell its doors, padded with null to its width. */
  cells: (Door | null)[][]
}

export interface Chart {
  stairwells: Stairwell[]
  storeys: Storey[]
  elsewhere: Door[]
}

const byNumber = new Intl.Collator('en', { numeric: true })
const inOrder = (a: string, b: string): number => byNumber.compare(a, b)

/** The doors of a building with `levels` floors and `units` stairwells as a chart; what was never entered is an empty place. */
export function chartOf(doors: readonly Door[], levels: number, units: number): Chart {
  const placed = doors.filter((door) => door.floor !== null)
  const named = [...new Set(placed.map((door) => door.unit))].sort(inOrder)
  const known = named.length ? named : Array.from({ length: Math.max(units, 1) }, (_, at) => (units > 1 ? String(at + 1) : ''))
  const floors = placed.map((door) => door.floor ?? 0)
  const [highest, lowest] = [Math.max(levels, 1, ...floors), Math.min(1, ...floors)]
  const at = new Map<string, Door[]>()
  for (const door of placed) {
    const place = `${door.floor}\n${door.unit}`
    at.set(place, [...(at.get(place) ?? []), door])
  }
  const behind = (floor: number, unit: string): Door[] => (at.get(`${floor}\n${unit}`) ?? []).sort((a, b) => inOrder(a.room || a.label, b.room || b.label))
  const numbers = Array.from({ length: highest - lowest + 1 }, (_, down) => highest - down)
  const stairwells = known.map((unit) => ({ unit, width: Math.max(1, ...numbers.map((floor) => behind(floor, unit).length)) }))
  return {
    stairwells,
    storeys: numbers.map((floor) => ({ floor, cells: stairwells.map(({ unit, width }) => padded(behind(floor, unit), width)) })),
    elsewhere: doors.filter((door) => door.floor === null).sort((a, b) => inOrder(a.label, b.label)),
  }
}

function padded(doors: Door[], width: number): (Door | null)[] {
  return [...doors, ...Array.from({ length: width - doors.length }, () => null)]
}

/** Steps of a number from pale to dark: nobody, one, two, three or four, more. */
export const STEPS: readonly number[] = [0, 1, 2, 3, 5]

/** How dark a door is for a number: 0 … 4. */
export function stepOf(n: number): number {
  return STEPS.reduce((step, from, index) => (n >= from ? index : step), 0)
}

/** What a door is coloured by: its number for a question, or for `use` its place among the uses. */
export function shadeOf(door: Door, ask: string, uses: readonly string[]): string {
  if (ask === 'use') return `use-${door.use ? Math.min(uses.indexOf(door.use) + 1, 8) : 0}`
  return `step-${stepOf(ask === 'people' ? door.people : (door.counts[ask] ?? 0))}`
}
