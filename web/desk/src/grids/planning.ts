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
}

/** The plan for what is drawn inside a grid; without one, inside the top of what the hat covers. */
export async function planFor(api: ApiClient, grid: string, own: string | null | undefined): Promise<Plan> {
  return readPlan(api, grid || own || (await api.get<GridDetail>('/grids/root')).id)
}

/** Levels that can be drawn, with the pack's own sizes; all of them are wished for at first. */
export const wishesOf = (levels: readonly PlanLevel[]): Wish[] => levels.filter((one) => one.drawable).map((one) => ({ level: one.level, title: one.title, on: true, size: one.size || 100, tolerance: Math.round((one.tolerance || 0.2) * 100) }))

/** What keeps a drawing from being begun, as the end of a message's key: sizes must fall from level to level. */
export function lacking(title: string, wishes: readonly Wish[]): '' | 'title' | 'none' | 'size' | 'order' {
  const wanted = wishes.filter((one) => one.on)
  if (!title.trim()) return 'title'
  if (wanted.length === 0) return 'none'
  if (wanted.some((one) => !(one.size >= 1) || !(one.tolerance >= 1 && one.tolerance <= 100))) return 'size'
  return wanted.every((one, at) => at === 0 || one.size < (wanted[at - 1]?.size ?? Infinity)) ? '' : 'order'
}

export function drawingOf(about: Pick<Drawing, 'grid' | 'scheme' | 'title' | 'seed' | 'workload'>, wishes: readonly Wish[]): Drawing {
  return { ...about, title: about.title.trim(), levels: wishes.filter((one) => one.on).map((one) => ({ level: one.level, size: one.size, tolerance: one.tolerance / 100 })) }
}

/** About how many grids a level will have: what one wants to know before one waits for it. Every village has one at least. */
export const expected = (total: number, areas: number, wish: Pick<Wish, 'size'>): number => Math.max(1, areas, Math.round(total / Math.max(1, wish.size)))
