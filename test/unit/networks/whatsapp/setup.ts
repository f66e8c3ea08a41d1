import { proto } from '@whiskeysockets/baileys'
import type { WAMessage, WAMessageKey } from '@whiskeysockets/baileys'
import { loginId, matrixUserId, remoteChatId, remoteUserId } from '../../../../src/model/ids.ts'
import type { RemoteUserId } from '../../../../src/model/ids.ts'
import type { RemoteEvent } from '../../../../src/model/remote-event.ts'
import type { Stored } from '../../../../src/networks/whatsapp/from-basis.ts'
import { fromMessage } from '../../../../src/networks/whatsapp/from-message.ts'
import { ghostLocalpart } from '../../../../src/networks/whatsapp/ids.ts'
import type { Contact, GroupFacts, View } from '../../../../src/networks/whatsapp/view.ts'
import type { Voice } from '../../../../src/networks/whatsapp/voice.ts'

export const me = remoteUserId('15550001@s.whatsapp.net')
export const myLid = remoteUserId('9001@lid')
export const bob = remoteUserId('15550002@s.whatsapp.net')
export const bobLid = remoteUserId('9002@lid')
/** Somebody who is known by LID alone. */
export const cem = remoteUserId('9003@lid')
/** Somebody who is known by phone number alone. */
export const dee = remoteUserId('15550004@s.whatsapp.net')
export const group = remoteChatId('120363@g.us')
export const now = new Date('2026-11-27T12:00:00Z')

const PAIRS = [
  [me, myLid],
  [bob, bobLid],
] as const

const CONTACTS: Readonly<Record<string, Contact>> = {
  [bob]: { saved: 'Bobby', push: 'Bob' },
  [cem]: { push: 'Cem' },
}

export const facts: GroupFacts = {
  name: 'Crew',
  byLid: true,
  role: (user) => (user === myLid || user === me ? 'admin' : user === cem ? 'member' : undefined),
}

export const view: View = {
  login: loginId(1),
  self: { phone: me, lid: myLid },
  aliasOf: (user) => PAIRS.flatMap(([a, b]) => (a === user ? [b] : b === user ? [a] : []))[0],
  contact: (user) => CONTACTS[user],
  group: (chat) => (chat === group ? facts : undefined),
  loginOf: () => undefined,
  userIdOf: (user: RemoteUserId) => matrixUserId(`@wa_${ghostLocalpart(user)}:hs`),
}

type Where = Partial<WAMessageKey>

export const direct: Where = { remoteJid: bob, remoteJidAlt: bobLid, fromMe: false }
export const inGroup: Where = { remoteJid: group, fromMe: false, participant: cem }

/** A message as it is once it has been on the wire: with the objects, numbers and bytes that the library makes of it. */
export const wire = (message: proto.IMessage): proto.IMessage =>
  proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish())

export const waMessage = (
  message: proto.IMessage | undefined,
  where: Where = direct,
  rest: Partial<WAMessage> = {},
): WAMessage => ({
  key: { id: 'A1', ...where },
  ...(message !== undefined && { message: wire(message) }),
  messageTimestamp: 1_700_000_000,
  ...rest,
})

/** The events of a message. */
export const read = (
  message: proto.IMessage | undefined,
  where: Where = direct,
  rest: Partial<WAMessage> & { stored?: Stored } = {},
): RemoteEvent[] => {
  const { stored, ...more } = rest
  return fromMessage(waMessage(message, where, more), view, now, stored).events
}

/** The content of a message that makes one. */
export function contentOf(message: proto.IMessage, where: Where = direct) {
  const events = read(message, where)
  const [event] = events
  if (events.length !== 1 || event?.kind !== 'message')
    throw new Error(`not one message: ${JSON.stringify(events)}`)
  return event.content
}

export const dm: Voice = {
  chat: remoteChatId(bobLid),
  jid: bobLid,
  self: view.self,
  aliasOf: view.aliasOf,
  byLid: true,
  now,
  secret: new Uint8Array(32).fill(7),
}

export const groupVoice: Voice = { ...dm, chat: group, jid: group, role: 'admin' }
