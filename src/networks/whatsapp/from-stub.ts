import { WAMessageStubType as Stub } from '@whiskeysockets/baileys'
import type { WAMessage } from '@whiskeysockets/baileys'
import type { RemoteUserId } from '../../model/ids.ts'
import type { MembershipChange, RemoteEvent, RemoteUser } from '../../model/remote-event.ts'
import type { Basis } from './from-basis.ts'
import { derivedId, isLid, isPhone, toUserId } from './ids.ts'
import { pictureOf } from './media-ref.ts'
import { canonical, cleanName, idsOf, isSelf, nameOf, personOf } from './names.ts'
import { levelOf, roomPower } from './power.ts'
import { appOnly } from './rich.ts'
import { stubWords } from './stub-words.ts'
import { timerWords } from './words.ts'
import type { GroupRole, View } from './view.ts'

/** What happened in a conversation, told by the server and not by a person's message. */
export function fromStub(message: WAMessage, basis: Basis): RemoteEvent[] {
  const { event, view } = basis
  const parameters = parametersOf(message)
  const [first = ''] = parameters
  const who = whoOf(basis)
  const info = (text: string): RemoteEvent[] => [{ ...event, kind: 'info', text }]
  switch (message.messageStubType) {
    case Stub.GROUP_CREATE: {
      const name = cleanName(first)
      const told = info(`${who} created the group${name === '' ? '' : ` “${name}”`}`)
      return name === '' ? told : [...told, { ...event, kind: 'name', name }]
    }
    case Stub.GROUP_CHANGE_SUBJECT:
      return [{ ...event, kind: 'name', name: cleanName(first) }]
    case Stub.GROUP_CHANGE_DESCRIPTION:
    case Stub.COMMUNITY_CHANGE_DESCRIPTION:
      return [{ ...event, kind: 'topic', topic: first.toWellFormed().trim() }]
    case Stub.GROUP_CHANGE_ICON:
      return [picture(first, basis)]
    case Stub.GROUP_CHANGE_ANNOUNCE:
      return [{ ...event, kind: 'power', room: roomPower({ announce: isOn(first) }) }]
    case Stub.GROUP_CHANGE_RESTRICT:
      return [{ ...event, kind: 'power', room: roomPower({ restrict: isOn(first) }) }]
    case Stub.GROUP_MEMBER_ADD_MODE:
      return [{ ...event, kind: 'power', room: roomPower({ adminsAdd: first !== 'all_member_add' }) }]
    case Stub.GROUP_PARTICIPANT_ADD:
    case Stub.GROUP_PARTICIPANT_INVITE:
    case Stub.GROUP_PARTICIPANT_ADD_REQUEST_JOIN:
    case Stub.GROUP_PARTICIPANT_ACCEPT:
    case Stub.GROUP_PARTICIPANT_LINKED_GROUP_JOIN:
    case Stub.GROUP_PARTICIPANT_JOINED_GROUP_AND_PARENT_GROUP:
      return memberships(parameters, basis, () => 'join')
    case Stub.GROUP_PARTICIPANT_LEAVE:
      return memberships(parameters, basis, () => 'leave')
    case Stub.GROUP_PARTICIPANT_REMOVE:
      return memberships(parameters, basis, (user) => (isActor(basis, user) ? 'leave' : 'kick'))
    case Stub.GROUP_PARTICIPANT_PROMOTE:
    case Stub.COMMUNITY_PARTICIPANT_PROMOTE:
      return powers(parameters, basis, 'admin')
    case Stub.GROUP_PARTICIPANT_DEMOTE:
    case Stub.COMMUNITY_PARTICIPANT_DEMOTE:
      return powers(parameters, basis, 'member')
    case Stub.GROUP_PARTICIPANT_CHANGE_NUMBER:
    case Stub.INDIVIDUAL_CHANGE_NUMBER:
      return changedNumber(parameters, basis)
    case Stub.CHANGE_EPHEMERAL_SETTING:
    case Stub.DISAPPEARING_MODE:
      return info(timerWords(who, Number.parseInt(first, 10) || 0))
    case Stub.GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST:
    case Stub.GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD:
      return info(requestWords(parameters, view))
    case Stub.REVOKE:
    case Stub.ADMIN_REVOKE:
      return [{ ...event, id: derivedId(event.id, 'revoke'), kind: 'redaction', target: event.id }]
    case Stub.CALL_MISSED_VOICE:
    case Stub.SILENCED_UNKNOWN_CALLER_AUDIO:
      return missed(basis, 'voice call')
    case Stub.CALL_MISSED_VIDEO:
    case Stub.SILENCED_UNKNOWN_CALLER_VIDEO:
      return missed(basis, 'video call')
    case Stub.CALL_MISSED_GROUP_VOICE:
      return missed(basis, 'group voice call')
    case Stub.CALL_MISSED_GROUP_VIDEO:
      return missed(basis, 'group video call')
    case Stub.OVERSIZED:
    case Stub.FUTUREPROOF:
    case Stub.PAYMENT_FUTUREPROOF:
    case Stub.PAYMENT_CIPHERTEXT:
      return [
        { ...event, kind: 'message', content: appOnly('unknown', 'A message that this bridge cannot read.') },
      ]
    default: {
      const text = stubWords(message.messageStubType, parameters, who)
      return text === undefined ? [] : info(text)
    }
  }
}

const parametersOf = ({ messageStubParameters }: WAMessage): string[] => {
  const all: unknown = messageStubParameters
  return Array.isArray(all) ? all.filter((each) => typeof each === 'string') : []
}

const isOn = (value: string): boolean => value === 'on' || value === 'true'

/** Whoever did it, in a sentence. */
const whoOf = ({ event, view }: Basis): string =>
  event.sender === undefined ? 'Somebody' : nameOf(view, event.sender.id)

const isActor = ({ event }: Basis, user: RemoteUser): boolean => event.sender?.id === user.id

/** Somebody in a list: an address, or as JSON with both addresses (`GroupParticipant` of Baileys). */
function memberIn(parameter: string, view: View): RemoteUser | undefined {
  const bare = toUserId(parameter)
  if (bare !== undefined) return personOf(view, bare)
  const object = parsed(parameter)
  const ids = ['id', 'lid', 'phoneNumber', 'pn'].flatMap((name) => {
    const value: unknown = Reflect.get(object, name)
    return typeof value === 'string' ? (toUserId(value) ?? []) : []
  })
  const lid = ids.find(isLid)
  const phone = ids.find(isPhone)
  const [first] = ids
  if (first === undefined) return undefined
  if (lid === undefined || phone === undefined) return personOf(view, first)
  return personOf({ ...view, aliasOf: (user) => pairOf(user, lid, phone) ?? view.aliasOf(user) }, lid)
}

const pairOf = (user: RemoteUserId, lid: RemoteUserId, phone: RemoteUserId): RemoteUserId | undefined =>
  user === lid ? phone : user === phone ? lid : undefined

function parsed(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** Everybody of a list has an event of their own, so each has an id of its own. */
function memberships(
  parameters: readonly string[],
  basis: Basis,
  change: (user: RemoteUser) => MembershipChange,
): RemoteEvent[] {
  return parameters.flatMap((parameter) => {
    const user = memberIn(parameter, basis.view)
    if (user === undefined) return []
    const id = derivedId(basis.event.id, `member.${user.id}`)
    return [{ ...basis.event, id, kind: 'membership' as const, user, change: change(user) }]
  })
}

function powers(parameters: readonly string[], { event, view }: Basis, role: GroupRole): RemoteEvent[] {
  const users = parameters.flatMap((parameter) => {
    const user = memberIn(parameter, view)
    return user === undefined ? [] : [{ user, level: levelOf(view, user.id, role) }]
  })
  return users.length === 0 ? [] : [{ ...event, kind: 'power', users }]
}

/** Somebody goes on under another phone number; a LID would have stayed. */
function changedNumber(parameters: readonly string[], { event, view }: Basis): RemoteEvent[] {
  const [one, other] = parameters.flatMap((parameter) => memberIn(parameter, view) ?? [])
  const from = other === undefined ? event.sender : one
  const to = other ?? one
  if (from === undefined || to === undefined || isSelf(view, to.id)) return []
  if (idsOf(view, from.id).includes(canonical(view, to.id))) return []
  return [{ ...event, kind: 'rename', from: personOf(view, from.id), to }]
}

function picture(id: string, { event, chat }: Basis): RemoteEvent {
  if (id === '') return { ...event, kind: 'avatar', avatar: undefined }
  return { ...event, kind: 'avatar', avatar: undefined, picture: pictureOf(chat, id) }
}

function requestWords([person = '', action]: readonly string[], view: View): string {
  const user = memberIn(person, view)
  const who = user === undefined ? 'Somebody' : nameOf(view, user.id)
  if (action === 'revoked') return `${who} does not want to join any more`
  return action === 'rejected'
    ? `${who} was not let in`
    : `${who} wants to join. Open WhatsApp to let them in.`
}

const missed = ({ event }: Basis, what: string): RemoteEvent[] => [
  {
    ...event,
    kind: 'message',
    content: { kind: 'unsupported', what: 'call', text: `A missed ${what}. Open WhatsApp to call back.` },
  },
]
