import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import { derivedId, messageIdIn, toUserId } from './ids.ts'
import { senderOfPeer } from './peer.ts'
import type { AnyMessage } from './place.ts'
import type { View } from './view.ts'

/**
 * In a basic group every account has a number of its own for a message. What is the same for all of them is who wrote it, in
 * which second, and as which of their messages in that second. An edit changes none of it. The store knows such ids by
 * their beginning, and does not take them for numbers of the network.
 */
export const sharedId = (moment: string, place: number): RemoteMessageId =>
  remoteMessageId(`same:${moment}.${place}`)

/** Author and second of a message. What the network itself says has no author. */
export function momentOf(view: Pick<View, 'account'>, message: AnyMessage): string {
  const from = message.fromId === undefined ? undefined : senderOfPeer(message.fromId)
  const own = message.out === true ? toUserId({ kind: 'user', id: view.account }) : 'group'
  return `${from === undefined ? own : toUserId(from)}.${message.date}`
}

/** The account's own number leads to the message under which it is in the bridge, whoever brought it there. */
export function aliasOf(
  of: { chat: RemoteChat; at: Date },
  target: RemoteMessageId,
  id: RemoteMessageId,
): RemoteEvent {
  return { ...of, id: derivedId(target, `alias.${id}`), kind: 'alias', target, ids: [id] }
}

/** Events about a message under the id that all accounts have for it, so that the ledger takes each of them once. */
export function underSharedId(
  events: readonly RemoteEvent[],
  own: RemoteMessageId,
  shared: RemoteMessageId,
): RemoteEvent[] {
  const swapped = (id: RemoteMessageId): RemoteMessageId => {
    if (id === own) return shared
    return id.startsWith(`${own}/`) ? remoteMessageId(shared + id.slice(own.length)) : id
  }
  return events.map((event) => {
    const id = swapped(event.id)
    if (event.kind === 'message') return { ...event, id, alsoIds: [own] }
    return 'target' in event ? { ...event, id, target: swapped(event.target) } : { ...event, id }
  })
}

/** The own id of a message in a basic group. */
export const ownIdOf = (view: Pick<View, 'account'>, n: number): RemoteMessageId =>
  messageIdIn({ kind: 'chat' }, view.account, n)
