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

export const WORK: readonly Work[] = [{ name: 'statistics', icon: 'chart', for: all }]

export const workFor = (session: Session): Work[] => WORK.filter((one) => one.for(session))
