/** The care register on this phone, loaded from the vault and made equal to the server's. */
import { useApi } from '@shared/app'
import { useSession } from '@shared/stores/session'
import { serverClock } from '@shared/time/serverClock'
import { openCupboard } from '../people/folders'
import { useCares } from './care'

export function useCarePull(): () => Promise<void> {
  const api = useApi()
  const session = useSession()
  const cares = useCares()
  return async () => {
    cares.belong(`${session.me.person ?? ''} ${session.hat?.id ?? ''}`)
    const cupboard = openCupboard()
    if (cupboard && cares.at === 0) await cares.load(cupboard).catch(() => undefined)
    await cares.pull(api, cupboard, serverClock.at())
  }
}
