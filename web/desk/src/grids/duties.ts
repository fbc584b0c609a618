/** Who drafts grids: the server lets nobody else read or change a draft. What became of a grid is open to all. */
import type { useSession } from '@shared/stores/session'

/** A department has no grids of its own to draw. */
export const drawsGrids = (session: Pick<ReturnType<typeof useSession>, 'may' | 'hat'>): boolean => !session.hat?.department && (session.may('draw') || session.may('administer'))
