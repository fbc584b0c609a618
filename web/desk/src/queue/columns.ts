/** What a line of the list may show. Status, title and time left are always there; the rest each reader chooses. */
export const COLUMNS = ['number', 'matter', 'place', 'department', 'reported', 'channel'] as const
export type Column = (typeof COLUMNS)[number]
export const USUAL: readonly Column[] = ['place', 'department', 'reported']

/** The least a column needs, in pixels, and its share of what is left. */
const WIDTHS: Record<Column, [number, number]> = { number: [132, 0], matter: [96, 1], place: [96, 1], department: [88, 1], reported: [104, 0], channel: [84, 0] }
const DUE = 142
/** A dozen characters at least: what it is about says more than any column. */
const TITLE = 190
const GAP = 8
/** Box to pick by, borders and the space at the right. */
const EDGES = 42

/** Reads a choice out of an address or a memory; what is not a column of ours is left out. */
export function columnsOf(text: string | readonly string[] | null | undefined): Column[] | null {
  if (text === null || text === undefined || text === '') return null
  const names = typeof text === 'string' ? text.split(',') : text
  return COLUMNS.filter((one) => names.includes(one))
}

/** As many of the chosen columns as fit beside the title, and the grid they make. */
export function fit(chosen: readonly Column[], width: number, statusWidth: number): { columns: Column[]; grid: string } {
  let room = width - EDGES - statusWidth - TITLE - DUE - 2 * GAP
  const fitting = new Set<Column>()
  // Who has it and where it is say more in little room than a number does.
  for (const column of [...chosen].sort((one, other) => WORTH.indexOf(one) - WORTH.indexOf(other))) {
    const needs = WIDTHS[column][0] + GAP
    if (needs > room) continue
    room -= needs
    fitting.add(column)
  }
  const columns = COLUMNS.filter((one) => fitting.has(one))
  const tracks = columns.map((one) => (WIDTHS[one][1] ? `minmax(${WIDTHS[one][0]}px, ${WIDTHS[one][1]}fr)` : `${WIDTHS[one][0]}px`))
  return { columns, grid: [`${statusWidth}px`, `minmax(${TITLE}px, 2.4fr)`, ...tracks, `${DUE}px`].join(' ') }
}

const WORTH: readonly Column[] = ['department', 'place', 'reported', 'matter', 'channel', 'number']
