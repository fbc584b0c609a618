/** The folders on this phone, loaded from the vault and made equal to the server's. */
import { useApi } from '@shared/app'
import { useSession } from '@shared/stores/session'
import { serverClock } from '@shared/time/serverClock'
import { openCupboard, useFolders } from './folders'

export function usePull(): () => Promise<void> {
  const api = useApi()
  const session = useSession()
  const folders = useFolders()
  return async () => {
    folders.belong(`${session.me.person ?? ''} ${session.hat?.id ?? ''}`)
    const cupboard = openCupboard()
    if (cupboard && folders.at === 0) await folders.load(cupboard).catch(() => undefined)
    await folders.pull(api, cupboard, serverClock.at())
  }
}
