/** The form a drawing begins with: which levels, how large, how exactly; and what of it is still missing. */
import type { ApiClient } from '@shared/api/client'
import type { GridDetail } from '@shared/api/types'
import { readPlan, type Drawing, type Plan, type PlanLevel } from './drafts'

export interface Wish {
  level: string
  title: string
  on: boolean
  size: number
  /** In percent, as people say it. */
  tolerance: number
  /** What it follows as the locality has it, and whether that is wished for. */
  along: PlanLevel['along']
  follow: boolean
}

/** The plan for what is drawn inside a grid; without one, inside the top of what the hat covers. */
export async function planFor(api: ApiClient, grid: string, own: string | null | undefined): Promise<Plan> {
  return readPlan(api, grid || own || (await api.get<GridDetail>('/grids/root')).id)
}

/** Levels that can be drawn, as the locality has them, by size or along buildings; all of them are wished for at first. */
export const wishesOf = (levels: readonly PlanLevel[]): Wish[] => levels.filter((one) => one.drawable).map((one) => ({ level: one.level, title: one.title, on: true, size: one.size || 100, tolerance: Math.round((one.tolerance || 0.2) * 100), along: one.along, follow: one.along !== '' }))

/** Homes of those in charge that are known, of the levels wished for by size: what follows buildings has no middle to choose. */
export const leadersOf = (levels: readonly PlanLevel[], wishes: readonly Wish[]): number =>
  levels.filter((one) => wishes.some((wish) => wish.level === one.level && wish.on && !wish.follow)).reduce((sum, one) => sum + one.leaders, 0)

/** What keeps a drawing from being begun, as the end of a message's key: sizes must fall from level to level. */
export function lacking(title: string, wishes: readonly Wish[]): '' | 'title' | 'none' | 'size' | 'order' {
  const wanted = wishes.filter((one) => one.on)
  if (!title.trim()) return 'title'
  if (wanted.length === 0) return 'none'
  const sized = wanted.filter((one) => !one.follow)
  if (sized.some((one) => !(one.size >= 1) || !(one.tolerance >= 1 && one.tolerance <= 100))) return 'size'
  return sized.every((one, at) => at === 0 || one.size < (sized[at - 1]?.size ?? Infinity)) ? '' : 'order'
}

export function drawingOf(about: Pick<Drawing, 'grid' | 'scheme' | 'title' | 'seed' | 'workload' | 'leaders'>, wishes: readonly Wish[]): Drawing {
  const wished = ({ level, follow, size, tolerance }: Wish) => (follow ? { level, size: null, tolerance: null } : { level, size, tolerance: tolerance / 100 })
  return { ...about, title: about.title.trim(), levels: wishes.filter((one) => one.on).map(wished) }
}

/** About how many grids a level will have: what one wants to know before one waits for it. Every village has one at least. */
export const expected = (total: number, areas: number, wish: Pick<Wish, 'size'>): number => Math.max(1, areas, Math.round(total / Math.max(1, wish.size)))
