/** One sender at a time among all tabs. Two would do no harm, the server knows every key; they would only waste a weak line. */
import Dexie, { type Table } from 'dexie'

interface Lease {
  name: string
  holder: string
  at: number
}

class LeaseBase extends Dexie {
  leases!: Table<Lease, string>

  constructor() {
    super('onegrid-lease')
    this.version(1).stores({ leases: 'name' })
  }
}

const base = new LeaseBase()
const LEASE_MS = 20_000

/** Runs `work` when nobody else does; false when another tab is at it. */
export async function alone(name: string, work: () => Promise<void>): Promise<boolean> {
  if (globalThis.navigator?.locks) {
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (!lock) return false
      await work()
      return true
    })
  }
  return byLease(name, work)
}

/** Browsers give locks only to https and localhost: elsewhere a lease on the disk, renewed while the work runs. */
async function byLease(name: string, work: () => Promise<void>): Promise<boolean> {
  const holder = `${performance.now()}-${Math.random()}`
  const take = (): Promise<boolean> =>
    base.transaction('rw', base.leases, async () => {
      const held = await base.leases.get(name)
      // A lease from the future was left by a clock that has been put back since.
      if (held && held.holder !== holder && Math.abs(Date.now() - held.at) < LEASE_MS) return false
      await base.leases.put({ name, holder, at: Date.now() })
      return true
    })
  if (!(await take())) return false
  const renew = setInterval(() => void take(), LEASE_MS / 3)
  try {
    await work()
    return true
  } finally {
    clearInterval(renew)
    await base.leases.delete(name)
  }
}
