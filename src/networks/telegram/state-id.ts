import { createHash } from 'node:crypto'
import { derivedId } from './ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'

/**
 * An id for a change that the network gives neither number nor time for. `seq` counts the changes of the kept state: a
 * change that is told again after a crash has the same id, one that leads back to an earlier state has another.
 */
export function changeId(
  message: RemoteMessageId,
  what: string,
  seq: number,
  content: unknown,
): RemoteMessageId {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 10)
  return derivedId(message, `${what}.${seq}.${hash}`)
}
