/** What is done with the registers beside reading them, and who does it. */
import type { IconName } from '@shared/icons/shapes'
import type { useSession } from '@shared/stores/session'

type Session = ReturnType<typeof useSession>

export interface Work {
  name: string
  icon: IconName
  for: (session: Session) => boolean
}

const all = (): boolean => true

/** A sheet and a merge touch many people: whoever answers for a place does that. */
const keeps = (session: Session): boolean => ['triage', 'administer', 'verify', 'announce'].some((duty) => session.may(duty))

/** Which systems are told of people is for whoever administers or audits the locality. */
const governs = (session: Session): boolean => ['administer', 'audit'].some((duty) => session.may(duty))

export const WORK: readonly Work[] = [
  { name: 'import', icon: 'inbox', for: keeps },
  { name: 'changes', icon: 'check', for: all },
  { name: 'duplicates', icon: 'compare', for: keeps },
  { name: 'statistics', icon: 'chart', for: all },
  { name: 'exports', icon: 'export', for: all },
  { name: 'agreements', icon: 'department', for: governs },
]

export const workFor = (session: Session): Work[] => WORK.filter((one) => one.for(session))
