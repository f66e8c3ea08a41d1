import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import { directChat, isBroadcast, isDirect, isGroup, isStatus, toChatId, toUserId } from './ids.ts'
import { canonical, cleanName, directName } from './names.ts'
import type { View } from './view.ts'

/** What a conversation is called in the bridge: a direct chat as its contact is. */
export function canonicalChat(
  view: Pick<View, 'aliasOf'>,
  jid: string | null | undefined,
): RemoteChatId | undefined {
  const chat = toChatId(jid)
  if (chat === undefined || !isDirect(chat)) return chat
  const user = toUserId(jid)
  return user === undefined ? undefined : directChat(canonical(view, user))
}

/** A conversation as the bridge knows it, with the names that are known at this moment. */
export function remoteChat(view: View, id: RemoteChatId): RemoteChat {
  const base = { network: 'whatsapp' as const, id }
  if (isDirect(id)) {
    const name = directName(view, partner(id))
    return { ...base, type: 'dm', receiver: view.login, ...(name !== undefined && { name }) }
  }
  // Everybody has a list of their own of those whose updates they see.
  if (isStatus(id)) return { ...base, type: 'channel', receiver: view.login, name: 'Status updates' }
  const facts = view.group(id)
  const name = cleanName(facts?.name ?? (isBroadcast(id) ? 'Broadcast list' : ''))
  const topic = facts?.topic?.toWellFormed().trim()
  const parentName = cleanName(facts?.parent?.name ?? '')
  return {
    ...base,
    type: isGroup(id) ? 'group' : 'channel',
    ...(isBroadcast(id) && { receiver: view.login }),
    ...(name !== '' && { name }),
    ...(topic !== undefined && topic !== '' && { topic }),
    ...(facts?.parent !== undefined && {
      parent: { id: facts.parent.id, ...(parentName !== '' && { name: parentName }) },
    }),
  }
}

/** Whom a direct chat is with. */
export const partner = (chat: RemoteChatId): RemoteUserId => chat as string as RemoteUserId

/**
 * The LID behind a phone number became known: the direct chat goes on under it. One id for the pair, so that it can be
 * told as often as it is learned. Undefined when the two are not a phone number and a LID.
 */
export function movedChat(
  view: View,
  phone: RemoteUserId,
  lid: RemoteUserId,
  at: Date,
): RemoteEvent | undefined {
  if (!isDirect(phone) || !isDirect(lid) || phone === lid) return undefined
  return {
    kind: 'moved',
    chat: remoteChat(view, directChat(phone)),
    to: remoteChat(view, directChat(lid)),
    id: remoteMessageId(`moved/${phone}/${lid}`),
    at,
  }
}
