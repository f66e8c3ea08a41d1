import { WAMessageStubType, proto } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent, RemoteSender } from '../../model/remote-event.ts'
import { canonicalChat, movedChat, remoteChat } from './chats.ts'
import { fitting } from './fit.ts'
import { fromContent } from './from-content.ts'
import { viewOnceNotice } from './from-media.ts'
import { albumOf, leadFor, replyIn } from './from-context.ts'
import { fromProtocol } from './from-protocol.ts'
import { fromReaction, fromVote } from './from-reaction.ts'
import type { Basis, Stored } from './from-basis.ts'
import { fromStub } from './from-stub.ts'
import { derivedId, isDirect, isLid, isNewsletter, isPhone, isStatus, toUserId } from './ids.ts'
import { authorOf, authorSeenBy, messageIds, personBy, withPairs } from './message-key.ts'
import { cleanName, senderOf } from './names.ts'
import { numberOf, timeOf } from './numbers.ts'
import { appOnly } from './rich.ts'
import { contextOf, partsOf, unwrap } from './unwrap.ts'
import type { Contact, View } from './view.ts'

export type Read = {
  events: RemoteEvent[]
  /** It could not be decrypted. The sender is asked for it again; `undecryptedNotice` is for when it does not come. */
  undecrypted?: true
}

const NOTHING: Read = { events: [] }

/**
 * Reads a message of Baileys, as `messages.upsert` or the history has it. Own messages from other devices come the same
 * way. `now` stands in for a time that is missing.
 */
export function fromMessage(message: WAMessage, given: View, now: Date, stored: Stored = {}): Read {
  const basis = basisOf(message, given, now)
  if (basis === undefined || message.category === 'peer') return NOTHING
  const read = readIn(message, basis, stored)
  const moved = read.events.length === 0 ? undefined : movedBy(message, given, basis)
  return moved === undefined ? read : { ...read, events: [moved, ...read.events] }
}

/** A direct chat of which this message is the first to say that its phone number and LID are one person's. */
function movedBy({ key }: WAMessage, given: View, { view, chat, event }: Basis): RemoteEvent | undefined {
  const ids = [key.remoteJid, key.remoteJidAlt].flatMap((jid) => toUserId(jid) ?? [])
  const [lid, phone] = [ids.find(isLid), ids.find(isPhone)]
  if (!isDirect(chat) || lid === undefined || phone === undefined || given.aliasOf(phone) === lid)
    return undefined
  return movedChat(view, phone, lid, event.at)
}

function readIn(message: WAMessage, basis: Basis, stored: Stored): Read {
  const { view } = basis
  if (message.messageStubType === WAMessageStubType.CIPHERTEXT) return { events: [], undecrypted: true }
  if (message.key.isViewOnce === true && !message.message)
    return {
      events: [{ ...basis.event, kind: 'message', content: viewOnceNotice(undefined), ...also(basis) }],
    }
  if (message.messageStubType && !message.message) return { events: fromStub(message, basis) }
  if (!message.message) return NOTHING
  const { content, viewOnce } = unwrap(message.message)
  const { reactionMessage, pollUpdateMessage, protocolMessage, pinInChatMessage, keepInChatMessage } = content
  if (reactionMessage) return { events: fromReaction(reactionMessage, basis, stored) }
  if (pollUpdateMessage) return { events: fromVote(pollUpdateMessage, basis, stored) }
  if (protocolMessage) return { events: fromProtocol(protocolMessage, basis) }
  if (pinInChatMessage?.key) {
    const { key } = pinInChatMessage
    const author = authorSeenBy(view, basis.chat, basis.by, key)
    if (author === undefined || !key.id) return NOTHING
    const [target] = messageIds(view, author, key.id)
    const pinned = pinInChatMessage.type !== proto.Message.PinInChatMessage.Type.UNPIN_FOR_ALL
    return { events: [{ ...basis.event, kind: 'pin', targets: [target], pinned }] }
  }
  if (keepInChatMessage)
    return { events: [{ ...basis.event, kind: 'info', text: keptWords(keepInChatMessage) }] }
  return { events: said(content, viewOnce, message, basis, stored) }
}

const keptWords = (kept: proto.Message.IKeepInChatMessage): string =>
  kept.keepType === proto.KeepType.KEEP_FOR_ALL
    ? 'A disappearing message is kept on WhatsApp'
    : 'A message that was kept on WhatsApp disappears again'

function said(
  content: proto.IMessage,
  viewOnce: boolean,
  message: WAMessage,
  basis: Basis,
  stored: Stored,
): RemoteEvent[] {
  const { view, chat, event } = basis
  if (isStatus(chat)) return partsOf(content).length === 0 ? [] : [status(basis)]
  const context = contextOf(content)
  const lead = leadFor(context, basis, stored)
  const read = fromContent(content, {
    view,
    key: plainKey(message),
    viewOnce,
    ...(lead !== undefined && { lead }),
  })
  if (read === undefined) return []
  const made = fitting(read, 'message')
  const better = betterOf(content)
  // A photo comes first as it was sent, then in better quality.
  const target = better?.id ? messageIds(view, basis.by, better.id)[0] : undefined
  if (target !== undefined && made.kind === 'media')
    return [{ ...event, kind: 'edit', target, content: made }]
  const replyTo = replyIn(context, basis)
  const album = albumOf(content, basis)
  const seconds = context?.expiration ?? numberOf(message.ephemeralDuration) ?? 0
  return [
    {
      ...event,
      kind: 'message',
      content: made,
      ...also(basis),
      ...(replyTo !== undefined && { replyTo }),
      ...(album !== undefined && { album }),
      ...(seconds > 0 && { expiresAfterMs: seconds * 1000 }),
    },
  ]
}

const also = ({ alsoIds }: Basis): { alsoIds?: RemoteMessageId[] } => (alsoIds.length > 0 ? { alsoIds } : {})

const status = ({ event }: Basis): RemoteEvent => ({
  ...event,
  kind: 'message',
  content: appOnly('status', 'A new status update.'),
})

const { HD_IMAGE_DUAL_UPLOAD, HD_VIDEO_DUAL_UPLOAD, HEVC_VIDEO_DUAL_UPLOAD } =
  proto.MessageAssociation.AssociationType
const BETTER: ReadonlySet<unknown> = new Set([
  HD_IMAGE_DUAL_UPLOAD,
  HD_VIDEO_DUAL_UPLOAD,
  HEVC_VIDEO_DUAL_UPLOAD,
])

/** The message of which this is a copy in better quality. */
function betterOf(content: proto.IMessage): proto.IMessageKey | null | undefined {
  const association = content.messageContextInfo?.messageAssociation
  return association && BETTER.has(association.associationType) ? association.parentMessageKey : undefined
}

function plainKey({ key }: WAMessage): proto.IMessageKey {
  const { remoteJid, fromMe, id, participant } = key
  return {
    ...(remoteJid && { remoteJid }),
    fromMe: fromMe === true,
    ...(id && { id }),
    ...(participant && { participant }),
  }
}

/** What all events of a message have; undefined for what is in no conversation or has no author. */
export function basisOf(message: WAMessage, given: View, now: Date): Basis | undefined {
  const { key } = message
  const paired = withPairs(given, key)
  const chat = canonicalChat(paired, key.remoteJid)
  if (chat === undefined || !key.id) return undefined
  const by = authorOf(paired, chat, key) ?? (message.messageStubType ? systemOf(chat) : undefined)
  if (by === undefined) return undefined
  const view = withNames(paired, message, personBy(paired, chat, by))
  const [id, ...alsoIds] = messageIds(view, by, key.id)
  const sender = authorOf(paired, chat, key) === undefined ? undefined : speaker(view, chat, by)
  return {
    view,
    chat,
    by,
    own: key.id,
    alsoIds,
    event: {
      chat: remoteChat(view, chat),
      id,
      at: timeOf(message.messageTimestamp, now),
      ...(sender !== undefined && { sender }),
    },
  }
}

/** A group may tell something without saying who did it. */
const systemOf = (chat: RemoteChatId) =>
  (isDirect(chat) ? 'them' : undefined) ?? (chat as string as Basis['by'])

function speaker(view: View, chat: RemoteChatId, by: Basis['by']): RemoteSender {
  const user = personBy(view, chat, by)
  if (!isNewsletter(chat)) return senderOf(view, user, { direct: isDirect(chat) && by === 'them' })
  const name = cleanName(view.group(chat)?.name ?? '')
  return { id: user, ...(name !== '' && { name }) }
}

/** A message says what its author calls themselves: that is newer than what was known. */
function withNames(view: View, message: WAMessage, author: ReturnType<typeof personBy>): View {
  const push = cleanName(message.pushName ?? '')
  const business = cleanName(message.verifiedBizName ?? '')
  if ((push === '' && business === '') || message.key.fromMe === true) return view
  const newer: Contact = { ...(push !== '' && { push }), ...(business !== '' && { business }) }
  return {
    ...view,
    contact: (user) => (user === author ? { ...view.contact(user), ...newer } : view.contact(user)),
  }
}

/** A message of which nothing has come but that it was there. It has an id of its own: the message may still come. */
export function undecryptedNotice(message: WAMessage, view: View, now: Date): RemoteEvent | undefined {
  const basis = basisOf(message, view, now)
  if (basis === undefined) return undefined
  const content = appOnly('undecrypted', 'A message that could not be decrypted.')
  return { ...basis.event, id: derivedId(basis.event.id, 'undecrypted'), kind: 'message', content }
}
