import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { emitShort, setPresence } from '../acts/typing.ts'
import { LIMITS, lengthOf } from '../limits.ts'
import type { Account } from '../account.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { roomOf, userOf } from '../peers.ts'
import { chatTl } from '../render/chat.ts'
import { notifyTl } from '../render/dialog.ts'
import { commonRooms, userFullTl } from '../render/full.ts'
import { gather } from '../render/gather.ts'
import { peerOf, peerUser } from '../render/peer.ts'
import { userTl } from '../render/user.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'

/** Users that can't be addressed come back as `userEmpty`. */
function getUsers(call: Call): TlValue {
  const { args, view } = call
  return args.objs('id').map((input) => {
    try {
      return userTl(view, userOf(view, input))
    } catch (error) {
      if (!(error instanceof RpcFault) || !input.has('user_id')) throw error
      return { _: 'userEmpty', id: input.long('user_id') }
    }
  })
}

function getFullUser(call: Call): TlValue {
  const { args, view } = call
  const account = userOf(view, args.obj('id'))
  const full = userFullTl(view, account)
  return { _: 'users.userFull', full_user: full, ...gather(view, [full, peerUser(account)]) }
}

function commonChats(call: Call): TlValue {
  const { args, view } = call
  const rooms = commonRooms(view, userOf(view, args.obj('user_id')))
  return { _: 'messages.chats', chats: rooms.map((room) => chatTl(view, room)) }
}

/** Those who are told of a changed name or picture. */
export const acquaintances = (turn: Turn, of: Account): Account[] =>
  [...turn.realm.users.values()].filter(
    (other) =>
      other.contacts.has(of) ||
      [...other.dialogs.keys()].some((room) =>
        room.kind === 'direct' ? room.parties.includes(of) : room.members.has(of) && room.members.has(other),
      ),
  )

export function emitName(turn: Turn, account: Account): void {
  const { username } = account
  const usernames = username === undefined ? [] : [{ _: 'username', editable: true, active: true, username }]
  for (const other of acquaintances(turn, account)) {
    turn.emit(other, () => ({
      _: 'updateUserName',
      user_id: account.id,
      first_name: account.firstName,
      last_name: account.lastName,
      usernames,
    }))
  }
}

function updateProfile(call: Call): TlValue {
  const { args, me, turn, view } = call
  const first = args.optStr('first_name')
  if (first !== undefined && (first === '' || lengthOf(first) > LIMITS.firstName)) {
    throw new RpcFault(400, 'FIRSTNAME_INVALID')
  }
  me.firstName = first ?? me.firstName
  me.lastName = args.optStr('last_name') ?? me.lastName
  me.about = args.optStr('about') ?? me.about
  emitName(turn, me)
  return userTl(view, me)
}

function updateUsername(call: Call): TlValue {
  const { args, me, realm, turn, view } = call
  const username = args.str('username')
  const owner = realm.userByName(username) ?? realm.channelByName(username)
  if (username !== '' && owner !== undefined && owner !== me) throw new RpcFault(400, 'USERNAME_OCCUPIED')
  me.username = username === '' ? undefined : username
  emitName(turn, me)
  return userTl(view, me)
}

function updateStatus(call: Call): TlValue {
  setPresence(call.turn, call.me, !call.args.flag('offline'))
  return true
}

/** The chat that settings are for; undefined for those of a kind of chats, which this server doesn't keep. */
function notifyRoom(call: Call, input: Args): Room | undefined {
  return input.name === 'inputNotifyPeer' || input.name === 'inputNotifyForumTopic'
    ? roomOf(call.view, input.obj('peer'))
    : undefined
}

function updateNotifySettings(call: Call): TlValue {
  const { args, me, turn } = call
  const room = notifyRoom(call, args.obj('peer'))
  if (room === undefined) return true
  const settings = args.obj('settings')
  const dialog = me.dialog(room)
  dialog.muteUntil = settings.optInt('mute_until') ?? dialog.muteUntil
  if (settings.has('silent')) dialog.silent = settings.flag('silent')
  if (settings.has('show_previews')) dialog.showPreviews = settings.flag('show_previews')
  const peer = { _: 'notifyPeer', peer: peerOf(room, me) }
  emitShort(turn, me, { _: 'updateNotifySettings', peer, notify_settings: notifyTl(dialog) })
  return true
}

function getNotifySettings(call: Call): TlValue {
  const room = notifyRoom(call, call.args.obj('peer'))
  return room === undefined ? { _: 'peerNotifySettings' } : notifyTl(call.me.dialog(room))
}

const noReactions: TlObject = {
  _: 'reactionsNotifySettings',
  sound: { _: 'notificationSoundDefault' },
  show_previews: true,
}

export const userMethods: Methods = {
  'users.getUsers': getUsers,
  'users.getFullUser': getFullUser,
  'messages.getCommonChats': commonChats,
  'account.updateProfile': updateProfile,
  'account.updateUsername': updateUsername,
  'account.updateStatus': updateStatus,
  'account.updateNotifySettings': updateNotifySettings,
  'account.getNotifySettings': getNotifySettings,
  'account.getReactionsNotifySettings': () => noReactions,
}
