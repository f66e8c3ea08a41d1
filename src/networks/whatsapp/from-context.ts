import { proto } from '@whiskeysockets/baileys'
import type { RemoteMessageId } from '../../model/ids.ts'
import { canonicalChat } from './chats.ts'
import { excerptOf } from './from-content.ts'
import type { Basis, Stored } from './from-basis.ts'
import { isDirect, isNewsletter, isStatus, toUserId } from './ids.ts'
import { messageIds } from './message-key.ts'
import { cleanName, isSelf, nameOf, personId } from './names.ts'
import { aside, lines, quoted } from './rich.ts'
import type { Rich } from './rich.ts'

type Context = proto.IContextInfo | null | undefined
type Where = Pick<Basis, 'view' | 'chat'>

/** Where the answered message is, when that is another conversation, such as a status update. */
function elsewhere(context: Context, { view, chat }: Where) {
  const other = canonicalChat(view, context?.remoteJid)
  return other === undefined || other === chat ? undefined : other
}

/** All ids of the message that is answered; undefined when none is, or one of another conversation. */
export function quotedIds(context: Context, where: Where): RemoteMessageId[] | undefined {
  const id = context?.stanzaId
  if (!id || elsewhere(context, where) !== undefined) return undefined
  const { view, chat } = where
  if (isNewsletter(chat)) {
    const user = toUserId(chat)
    return user === undefined ? undefined : messageIds(view, user, id)
  }
  const author = personId(view, context?.participant)
  if (isDirect(chat)) return messageIds(view, isSelf(view, author) ? 'me' : 'them', id)
  if (author === undefined) return undefined
  return messageIds(view, author, id)
}

export const replyIn = (context: Context, where: Where): RemoteMessageId | undefined =>
  quotedIds(context, where)?.[0]

/** Messages of one album name the same parent. */
export function albumOf(content: proto.IMessage, { chat }: Pick<Basis, 'chat'>): string | undefined {
  const association = content.messageContextInfo?.messageAssociation
  const id =
    association?.associationType === proto.MessageAssociation.AssociationType.MEDIA_ALBUM
      ? association.parentMessageKey?.id
      : undefined
  return id ? `${chat}/${id}` : undefined
}

/** Words before a message: that it was forwarded, and what it answers where a reply cannot lead there. */
export function leadFor(context: Context, where: Where, stored: Stored): Rich | undefined {
  const pieces = [forwarded(context), answered(context, where, stored)].filter((piece) => piece !== undefined)
  return pieces.length === 0 ? undefined : lines(pieces)
}

/** Forwarded five times and more is `many times`, as in the app. */
function forwarded(context: Context): Rich | undefined {
  const channel = cleanName(context?.forwardedNewsletterMessageInfo?.newsletterName ?? '')
  const score = context?.forwardingScore ?? 0
  if (channel !== '') return aside(`Forwarded from ${channel}`)
  if (context?.isForwarded !== true && score === 0) return undefined
  return aside(score > 4 ? 'Forwarded many times' : 'Forwarded')
}

function answered(context: Context, where: Where, stored: Stored): Rich | undefined {
  if (!context?.stanzaId || !context.quotedMessage) return undefined
  const other = elsewhere(context, where)
  if (other === undefined && stored.quotedKnown !== false) return undefined
  const { view } = where
  const author = personId(view, context.participant)
  const who = author === undefined ? 'somebody' : isSelf(view, author) ? 'you' : nameOf(view, author)
  const place = other === undefined ? '' : isStatus(other) ? ' (status update)' : ' (another chat)'
  return lines([aside(`In reply to ${who}${place}:`), quoted(excerptOf(context.quotedMessage, view))])
}
