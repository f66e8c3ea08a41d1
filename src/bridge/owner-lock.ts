import { ViaductError } from '../model/errors.ts'
import type { Database } from '../store/db.ts'

/** Says "Viaduct" to whoever reads pg_locks. */
const LOCK = 0x56696164

/** A process that ends in order closes its connections right after it has given up the lock. */
const GRACE_MS = 2_000

/** How often it is looked whether an earlier process has gone, or the database is back. */
const RETRY_MS = 250

/**
 * Makes this process the only one that delivers from the database. The lock dies with the process's connection, so a
 * crash frees it; what the earlier process had sent to the database has ended then too. When the connection breaks the lock is taken again as soon as the database answers: until then nothing
 * can be written, and what the networks say waits in memory.
 * @param onLost called when another process has taken the lock meanwhile
 * @throws ViaductError when another process keeps it for longer than `waitMs` milliseconds
 */
export async function ownLanes(
  db: Database,
  waitMs: number,
  onLost: () => void,
): Promise<() => Promise<void>> {
  let release: (() => Promise<void>) | undefined
  let released = false
  const regain = async () => {
    while (!released) {
      try {
        release = await db.hold(LOCK, () => void regain())
        if (release === undefined) onLost()
        else if (released) await release()
        return
      } catch {
        await pause()
      }
    }
  }
  const giveUpAt = Date.now() + waitMs
  for (;;) {
    release = await db.hold(LOCK, () => void regain())
    if (release) break
    if (Date.now() > giveUpAt) {
      throw new ViaductError(
        'bad_config',
        'Another Viaduct process works on this database. Stop it first; two would deliver everything twice.',
      )
    }
    await pause()
  }
  await db.fence(GRACE_MS)
  return async () => {
    released = true
    await release?.()
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, RETRY_MS))
