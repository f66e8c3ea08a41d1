import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { addToGroup, emitChannel, removeFromGroup, setGroupAdmin } from '../acts/members.ts'
import { createGroup, migrate, rename, setAbout, setPhoto, setTtl } from '../acts/rooms.ts'
import type { Account } from '../account.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { knownPhoto, uploadedPhoto } from '../input-media.ts'
import { needPower } from '../may.ts'
import type { Photo } from '../media.ts'
import { groupOf, roomOf, userOf } from '../peers.ts'
import { groupTl } from '../render/chat.ts'
import { groupFullTl } from '../render/full.ts'
import { gather } from '../render/gather.ts'
import { peerOf } from '../render/peer.ts'
import { bannedRights, bansIn } from '../rights.ts'

/** The answer of methods that add people: with those whose settings forbid it. */
export const invited = (call: Call, missing: readonly Account[]): TlObject => ({
  _: 'messages.invitedUsers',
  updates: call.turn.reply(call.view),
  missing_invitees: missing.map((account) => ({ _: 'missingInvitee', user_id: account.id })),
})

/** @returns undefined for `inputChatPhotoEmpty` */
export function chatPhotoIn(call: Call, input: Args): Photo | undefined {
  if (input.name === 'inputChatPhotoEmpty') return undefined
  if (input.name === 'inputChatPhoto') return knownPhoto(call.view, input.obj('id'))
  const file = input.optObj('file')
  if (file === undefined) throw new RpcFault(400, 'PHOTO_FILE_MISSING')
  return uploadedPhoto(call.view, file)
}

function createChat(call: Call): TlValue {
  const { args, me, view, turn } = call
  const wanted = args.objs('users').map((input) => userOf(view, input))
  if (wanted.length === 0) throw new RpcFault(400, 'USERS_TOO_FEW')
  const missing = wanted.filter((account) => account.groupsByContactsOnly && !account.contacts.has(me))
  const group = createGroup(
    turn,
    args.str('title'),
    me,
    wanted.filter((account) => !missing.includes(account)),
  )
  group.ttl = args.optInt('ttl_period') ?? 0
  return invited(call, missing)
}

function addChatUser(call: Call): TlValue {
  const { args, me, view, turn } = call
  const group = groupOf(view, args.long('chat_id'))
  const account = userOf(view, args.obj('user_id'))
  return invited(call, addToGroup(turn, group, account, me) ? [] : [account])
}

function deleteChatUser(call: Call): TlValue {
  const { args, me, view, turn } = call
  removeFromGroup(turn, groupOf(view, args.long('chat_id')), userOf(view, args.obj('user_id')), me)
  return turn.reply(view)
}

function editChatAdmin(call: Call): TlValue {
  const { args, me, view, turn } = call
  const account = userOf(view, args.obj('user_id'))
  setGroupAdmin(turn, groupOf(view, args.long('chat_id')), account, me, args.flag('is_admin'))
  return true
}

function editChatTitle(call: Call): TlValue {
  const { args, me, view, turn } = call
  rename(turn, groupOf(view, args.long('chat_id')), me, args.str('title'))
  return turn.reply(view)
}

function editChatPhoto(call: Call): TlValue {
  const { args, me, view, turn } = call
  setPhoto(turn, groupOf(view, args.long('chat_id')), me, chatPhotoIn(call, args.obj('photo')))
  return turn.reply(view)
}

function editChatAbout(call: Call): TlValue {
  const { args, me, view, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  setAbout(turn, room, me, args.str('about'))
  return true
}

/** What members may not do unless they are administrators. */
function editDefaultRights(call: Call): TlValue {
  const { args, me, view, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  needPower(room, me, 'ban_users')
  room.bans = bansIn(args.obj('banned_rights'))
  if (room.kind === 'group') room.version++
  for (const member of room.members.keys()) {
    turn.emit(member, () => ({
      _: 'updateChatDefaultBannedRights',
      peer: peerOf(room, me),
      default_banned_rights: bannedRights(room.bans),
      version: room.kind === 'group' ? room.version : 0,
    }))
    if (room.kind === 'channel') emitChannel(turn, room, member)
  }
  return turn.reply(view)
}

function getFullChat(call: Call): TlValue {
  const { args, view } = call
  const full = groupFullTl(view, groupOf(view, args.long('chat_id')))
  const found = gather(view, full)
  const chat = groupTl(view, groupOf(view, args.long('chat_id')))
  return { _: 'messages.chatFull', full_chat: full, chats: [chat], users: found.users }
}

function getChats(call: Call): TlValue {
  const chats = call.args.longs('id').map((id) => groupTl(call.view, groupOf(call.view, id)))
  return { _: 'messages.chats', chats }
}

function migrateChat(call: Call): TlValue {
  const { args, me, view, turn } = call
  migrate(turn, groupOf(view, args.long('chat_id')), me)
  return turn.reply(view)
}

function setHistoryTtl(call: Call): TlValue {
  const { args, me, view, turn } = call
  setTtl(turn, roomOf(view, args.obj('peer')), me, args.int('period'))
  return turn.reply(view)
}

/** Messages of such a chat can't be forwarded or saved. */
function toggleNoForwards(call: Call): TlValue {
  const { args, me, view, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  needPower(room, me, 'change_info')
  room.noForwards = args.flag('enabled')
  for (const member of room.members.keys()) {
    if (room.kind === 'channel') emitChannel(turn, room, member)
    else turn.emit(member, () => ({ _: 'updateChat', chat_id: room.id }))
  }
  return turn.reply(view)
}

export const groupMethods: Methods = {
  'messages.createChat': createChat,
  'messages.addChatUser': addChatUser,
  'messages.deleteChatUser': deleteChatUser,
  'messages.editChatAdmin': editChatAdmin,
  'messages.editChatTitle': editChatTitle,
  'messages.editChatPhoto': editChatPhoto,
  'messages.editChatAbout': editChatAbout,
  'messages.editChatDefaultBannedRights': editDefaultRights,
  'messages.getFullChat': getFullChat,
  'messages.getChats': getChats,
  'messages.migrateChat': migrateChat,
  'messages.toggleNoForwards': toggleNoForwards,
  'messages.setHistoryTTL': setHistoryTtl,
}
