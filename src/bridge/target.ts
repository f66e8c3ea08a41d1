import type { MatrixEventId, MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import type { Target } from '../model/remote-action.ts'
import type { Queryable } from '../store/db.ts'
import { messagesOfEvent } from '../store/message.ts'
import type { Portal } from '../store/portal.ts'

/** What the ledger knows of an earlier event, in words for a connector; undefined when it knows nothing. */
export async function findTarget(
  db: Queryable,
  portal: Portal,
  event: MatrixEventId,
  acting: MatrixUserId,
  names: {
    ofRemote(network: NetworkName, id: RemoteUserId): Promise<string>
    ofUser(user: MatrixUserId): Promise<string>
  },
): Promise<Target | undefined> {
  const parts = await messagesOfEvent(db, portal.id, event)
  const first = parts[0]
  if (!first) return undefined
  const fromRemote = first.direction === 'to_matrix'
  const own = !fromRemote && first.sender === acting
  const author = fromRemote ? { author: first.sender as RemoteUserId } : {}
  const authorName = fromRemote
    ? await names.ofRemote(portal.network as NetworkName, first.sender as RemoteUserId)
    : await names.ofUser(first.sender as MatrixUserId)
  return {
    eventId: event,
    remoteIds: parts.map((part) => part.remoteId),
    ...author,
    authorName,
    own,
    at: first.at,
    ...(first.excerpt !== null && { excerpt: first.excerpt }),
  }
}
