/** The tree of grids as the lines that are shown of it. */
import type { GridInfo } from '@shared/api/types'

export interface Branch {
  grid: GridInfo
  /** What lies directly below; null while nobody has asked. */
  below: Branch[] | null
}

export interface Line {
  branch: Branch
  depth: number
}

/** What is unfolded, from the top down. */
export function linesOf(top: Branch, open: ReadonlySet<string>, depth = 0): Line[] {
  const below = open.has(top.grid.id) ? (top.below ?? []) : []
  return [{ branch: top, depth }, ...below.flatMap((one) => linesOf(one, open, depth + 1))]
}

/** The grids of a chain that lie below the top, the top left out. */
export function chainTo(chain: readonly GridInfo[], top: string): GridInfo[] {
  return chain.filter((one) => one.scope_path.startsWith(top) && one.scope_path !== top)
}

/** Where a key leads from a line: up, down, to what lies above it, to what lies below, to either end; null where nowhere. */
export function beside(lines: readonly Line[], at: string, key: string): string | null {
  const index = lines.findIndex((one) => one.branch.grid.id === at)
  const depth = lines[index]?.depth ?? 0
  const targets: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    ArrowRight: (lines[index + 1]?.depth ?? -1) > depth ? index + 1 : -1,
    ArrowLeft: index - 1 - lines.slice(0, Math.max(index, 0)).reverse().findIndex((one) => one.depth < depth),
    Home: 0,
    End: lines.length - 1,
  }
  return lines[targets[key] ?? -1]?.branch.grid.id ?? null
}
