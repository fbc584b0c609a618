/** The modules of the desk in the order of a dispatcher's day, and who has them. */
import type { IconName } from '@shared/icons/shapes'
import type { useSession } from '@shared/stores/session'
import { drawsGrids } from '../grids/duties'

export interface DeskPage {
  name: string
  icon: IconName
  for: (session: Session) => boolean
}

type Session = ReturnType<typeof useSession>
/** Scope of a hat over the whole locality. */
const ROOT = 'r.'
const all = (): boolean => true

export const PAGES: readonly DeskPage[] = [
  { name: 'queue', icon: 'inbox', for: all },
  { name: 'map', icon: 'map', for: all },
  { name: 'dashboard', icon: 'chart', for: all },
  { name: 'registers', icon: 'people', for: (session) => !session.hat?.department },
  { name: 'grids', icon: 'grid', for: drawsGrids },
  { name: 'rounds', icon: 'walk', for: (session) => !session.hat?.department && (session.may('triage') || session.may('command') || session.may('announce')) },
  { name: 'messages', icon: 'bell', for: all },
  { name: 'notices', icon: 'notice', for: (session) => session.may('announce') },
  { name: 'published', icon: 'list', for: (session) => session.hat?.scope_path === ROOT },
  { name: 'new', icon: 'plus', for: (session) => session.may('report') || session.may('triage') },
  { name: 'screen', icon: 'screen', for: all },
]

/** Two keys, one after the other; the one that files a report is a single key. */
const KEYS: Record<string, string> = { queue: 'g q', map: 'g t', dashboard: 'g d', messages: 'g m', screen: 'g s', published: 'g p', registers: 'g r', grids: 'g g', notices: 'g n', rounds: 'g w', new: 'n' }

export const pagesFor = (session: Session): DeskPage[] => PAGES.filter((page) => page.for(session))
export const pageKey = (name: string): string | undefined => KEYS[name]
