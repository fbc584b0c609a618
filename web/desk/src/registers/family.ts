/** A household in the order a family is told in. */
import type { Row } from './shape'

const ORDER = ['head', 'spouse', 'parent', 'parent_in_law', 'grandparent', 'son', 'daughter', 'child_in_law', 'grandchild', 'sibling']

/** The head, then who belongs to it closest, the older before the younger; who has gone stands last. */
export function inFamilyOrder(residents: readonly Row[]): Row[] {
  const gone = (row: Row): number => (row.cells.left_on || row.cells.died_on ? 1 : 0)
  const rank = (row: Row): number => {
    const at = ORDER.indexOf(String(row.cells.relation ?? ''))
    return at < 0 ? ORDER.length : at
  }
  const born = (row: Row): number => Number(row.cells.birth_year ?? 9999)
  return [...residents].sort((a, b) => gone(a) - gone(b) || rank(a) - rank(b) || born(a) - born(b))
}
