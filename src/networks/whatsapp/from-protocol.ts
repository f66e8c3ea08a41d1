import { proto } from '@whiskeysockets/baileys'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { Basis } from './from-basis.ts'
import { fitting } from './fit.ts'
import { captionOf, fromContent } from './from-content.ts'
import { richText } from './from-text.ts'
import { derivedId, isDirect, isGroup } from './ids.ts'
import { authorSeenBy, messageIds, personBy } from './message-key.ts'
import { isSelf, nameOf } from './names.ts'
import { numberOf, timeOf } from './numbers.ts'
import { aside, lines } from './rich.ts'
import { contextOf, unwrap } from './unwrap.ts'
import { timerWords } from './words.ts'

const { Type } = proto.Message.ProtocolMessage

/** What a message says about another one, or about the chat; the rest is between the devices of an account. */
export function fromProtocol(protocol: proto.Message.IProtocolMessage, basis: Basis): RemoteEvent[] {
  const { event, view, chat, by } = basis
  const who = nameOf(view, personBy(view, chat, by))
  switch (protocol.type) {
    // Protobuf leaves out what is 0, and that is this.
    case Type.REVOKE:
    case undefined:
    case null:
      return protocol.key?.id ? revoke(protocol.key, basis) : []
    case Type.MESSAGE_EDIT:
      return edit(protocol, basis)
    case Type.EPHEMERAL_SETTING:
      return [{ ...event, kind: 'info', text: timerWords(who, protocol.ephemeralExpiration ?? 0) }]
    case Type.SHARE_PHONE_NUMBER:
      return [{ ...event, kind: 'info', text: `${who} shared their phone number` }]
    case Type.LIMIT_SHARING: {
      const on = protocol.limitSharing?.sharingLimited === true
      return [{ ...event, kind: 'info', text: `${who} switched advanced chat privacy ${on ? 'on' : 'off'}` }]
    }
    default:
      return []
  }
}

/**
 * Nobody can change what somebody else wrote, so the message is its sender's own, whatever the key says. Every edit has
 * an id of its own: some apps send it under that of the message.
 */
function edit(
  { key, editedMessage, timestampMs }: proto.Message.IProtocolMessage,
  basis: Basis,
): RemoteEvent[] {
  const { view, by, event } = basis
  if (!key?.id || !editedMessage) return []
  const { content, viewOnce } = unwrap(editedMessage)
  const [target] = messageIds(view, by, key.id)
  const made = fromContent(content, { view, key: { ...key, fromMe: isMine(basis) }, viewOnce })
  if (made === undefined) return []
  const ms = numberOf(timestampMs) ?? 0
  const at = ms > 0 ? timeOf(Math.floor(ms / 1000), event.at) : event.at
  const base = { ...event, id: derivedId(event.id, `edit.${ms}`), at }
  // A caption that comes without its attachment can take no place: Matrix would show it instead of the attachment.
  const caption = made.kind === 'unsupported' ? captionOf(content) : undefined
  if (caption !== undefined) {
    const words = lines([aside('New caption:'), richText(view, caption, contextOf(content))])
    return [{ ...base, kind: 'message', content: { kind: 'text', style: 'text', ...words }, replyTo: target }]
  }
  return [{ ...base, kind: 'edit', target, content: fitting(made, 'edit') }]
}

const isMine = ({ by, view }: Basis): boolean => by === 'me' || (by !== 'them' && isSelf(view, by))

/** Everybody can take back what they wrote; administrators of a group take back what others wrote there. */
function revoke(key: proto.IMessageKey, basis: Basis): RemoteEvent[] {
  const { view, chat, by, event } = basis
  if (!key.id) return []
  const author = isDirect(chat) || !key.participant ? by : authorSeenBy(view, chat, by, key)
  if (author === undefined) return []
  const [target] = messageIds(view, author, key.id)
  const id = derivedId(event.id, 'revoke')
  const others = author !== by
  if (others && isGroup(chat) && view.group(chat)?.role(personBy(view, chat, by)) === 'member') {
    const who = nameOf(view, personBy(view, chat, by))
    return [{ ...event, id, kind: 'info', text: `${who} tried to delete a message of somebody else` }]
  }
  return [
    { ...event, id, kind: 'redaction', target, ...(others && { reason: 'Deleted by an administrator' }) },
  ]
}
