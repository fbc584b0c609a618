/** Grids coloured by a number: classes, colours and the words of a legend. Pure, so that legend and map cannot disagree. */

export interface Shaded {
  grid: string
  /** Nothing: not known, or a share of nothing. */
  n: number | null
}

export interface ShadeClass {
  from: number
  to: number
  colour: string
  /** Grids in it. */
  grids: number
}

export interface Shading {
  classes: ShadeClass[]
  colours: Map<string, string>
  /** Grids without a number. */
  unknown: number
}

export type Ramp = 'plain' | 'alarm' | 'night' | 'night-alarm'

/** One hue from pale to full: order is read from lightness alone, so no kind of colour vision loses it. */
export const RAMPS: Record<Ramp, readonly string[]> = {
  plain: ['#e8eff8', '#bcd2ea', '#86aedb', '#4b80bf', '#1d4f91'],
  // Red is kept for what is overdue.
  alarm: ['#f6ecea', '#f3c9c4', '#e3938b', '#cc5b51', '#a3201a'],
  night: ['#16294a', '#22477c', '#3568ab', '#5b91d6', '#a5cbf7'],
  'night-alarm': ['#1b2740', '#5a2622', '#8c3a33', '#c9574d', '#ff9d95'],
}

/** Figures of which more is worse. */
const BAD = new Set(['overdue', 'due_soon', 'returned', 'reopened'])

export function rampFor(measure: string, dark = false): Ramp {
  if (BAD.has(measure)) return dark ? 'night-alarm' : 'alarm'
  return dark ? 'night' : 'plain'
}

/**
 * Upper ends of at most `most` classes: zero (nothing happened) is a class of its own, the others hold about equally many
 * grids. Equal numbers never fall into two classes, and a number that most grids have does not swallow the few below it.
 */
export function breaksOf(numbers: readonly number[], most = 5): number[] {
  const sorted = [...numbers].sort((one, other) => one - other)
  if (sorted.length === 0) return []
  const above = sorted.filter((n) => n > 0)
  const zero = above.length < sorted.length
  return [...(zero ? [0] : []), ...evenEnds(above, most - (zero ? 1 : 0))]
}

/** Each class takes its share of what is left, and stops before a number so frequent that it would hold far more. */
function evenEnds(sorted: readonly number[], room: number): number[] {
  const ends: number[] = []
  for (let at = 0; at < sorted.length; ) {
    const share = (sorted.length - at) / Math.max(1, room - ends.length)
    let end = at
    while (end < sorted.length) {
      const next = sorted.lastIndexOf(sorted[end]!) + 1
      const last = ends.length + 1 >= room
      if (!last && end > at && next - at - share > share - (end - at)) break
      end = next
      if (!last && end - at >= share) break
    }
    ends.push(sorted[end - 1]!)
    at = end
  }
  return ends
}

/** Colours by class; a class is named by the least and the greatest number that is really in it. */
export function shade(items: readonly Shaded[], ramp: Ramp): Shading {
  const ends = breaksOf(items.flatMap((one) => (one.n === null ? [] : [one.n])))
  const classes: ShadeClass[] = ends.map((to, at) => ({ from: to, to, colour: colourAt(ramp, at, ends.length), grids: 0 }))
  const colours = new Map<string, string>()
  let unknown = 0
  for (const { grid, n } of items) {
    const found = n === null ? undefined : classes.find(({ to }) => n <= to)
    if (!found || n === null) {
      unknown += 1
      continue
    }
    found.grids += 1
    found.from = Math.min(found.from, n)
    colours.set(grid, found.colour)
  }
  return { classes, colours, unknown }
}

/** Few classes still span the whole ramp. */
function colourAt(ramp: Ramp, at: number, of: number): string {
  const colours = RAMPS[ramp]
  return colours[of < 2 ? 2 : Math.round((at * (colours.length - 1)) / (of - 1))]!
}

/** A number as it stands in a legend: shares as percent, large counts with their thousands apart. */
export function figureWords(n: number | null, unit: string, locale: string): string {
  if (n === null) return '–'
  if (unit === 'share') return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(n)
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(n)
}
