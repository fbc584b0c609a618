/** The corners of a border as they are dragged, added and taken out: plain lines, free of the library that draws them. */
import type { Position } from 'geojson'

/** A corner: of which line, and the how manieth. */
export interface Corner {
  line: number
  at: number
}

const near = (one: Position | undefined, other: Position | undefined): boolean => Math.abs((one?.[0] ?? 0) - (other?.[0] ?? 1)) < 1e-8 && Math.abs((one?.[1] ?? 0) - (other?.[1] ?? 1)) < 1e-8

const put = (lines: readonly Position[][], where: number, line: Position[]): Position[][] => lines.map((one, at) => (at === where ? line : one))

export const cornerOf = (lines: readonly Position[][], { line, at }: Corner): Position | undefined => lines[line]?.[at]

export const moved = (lines: readonly Position[][], { line, at }: Corner, to: Position): Position[][] => put(lines, line, (lines[line] ?? []).with(at, to))

/** Another corner in the middle of the stretch behind this one, or before it at the end; and where it is. */
export function added(lines: readonly Position[][], { line, at }: Corner): { lines: Position[][]; at: Corner } {
  const here = lines[line] ?? []
  const after = Math.min(at, here.length - 2) + 1
  const [one, other] = [here[after - 1] ?? [0, 0], here[after] ?? [0, 0]]
  return { lines: put(lines, line, here.toSpliced(after, 0, [((one[0] ?? 0) + (other[0] ?? 0)) / 2, ((one[1] ?? 0) + (other[1] ?? 0)) / 2])), at: { line, at: after } }
}

/** An end stays: the border must reach what is around both grids. */
export const removable = (lines: readonly Position[][], { line, at }: Corner): boolean => at > 0 && at < (lines[line]?.length ?? 0) - 1

export const removed = (lines: readonly Position[][], corner: Corner): Position[][] => (removable(lines, corner) ? put(lines, corner.line, (lines[corner.line] ?? []).toSpliced(corner.at, 1)) : [...lines])

/** The corner so many further on, over all lines and round again; the first where this one is no more. */
export function stepped(lines: readonly Position[][], { line, at }: Corner, by: number): Corner {
  const all = lines.flatMap((one, which) => one.map((_, where): Corner => ({ line: which, at: where })))
  const now = Math.max(0, all.findIndex((one) => one.line === line && one.at === at))
  return all[(now + by + all.length) % all.length] ?? { line: 0, at: 0 }
}

/** The corner a hand has just moved or added: the first that is another; none where nothing is. */
export function touched(before: readonly Position[] | undefined, after: readonly Position[]): number {
  return after.findIndex((one, at) => !near(one, before?.[at]))
}

export const sameLines = (one: readonly Position[][], other: readonly Position[][]): boolean => one.length === other.length && one.every((line, at) => line.length === other[at]?.length && touched(other[at], line) < 0)
