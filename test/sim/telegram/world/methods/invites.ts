import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import { invite, inviteTl, joinBy } from '../acts/members.ts'
import type { Call, Methods } from '../call.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import { linkOf } from '../invite.ts'
import type { Invite } from '../invite.ts'
import { needAllowed } from '../may.ts'
import { roomOf } from '../peers.ts'
import { chatTl } from '../render/chat.ts'
import { gather } from '../render/gather.ts'
import { photoTl } from '../render/media.ts'
import { userTl } from '../render/user.ts'

function roomIn(call: Call): Group | Channel {
  const room = roomOf(call.view, call.args.obj('peer'))
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  return room
}

function find({ realm, args }: Call): { room: Group | Channel; found: Invite } {
  const hash = args.str('hash')
  if (hash === '') throw new RpcFault(400, 'INVITE_HASH_EMPTY')
  for (const room of [...realm.groups.values(), ...realm.channels.values()]) {
    const found = room.invites.get(hash)
    if (found !== undefined) return { room, found }
  }
  throw new RpcFault(400, 'INVITE_HASH_INVALID')
}

function exportInvite(call: Call): TlValue {
  const { args, me, turn } = call
  const expires = args.optInt('expire_date')
  const limit = args.optInt('usage_limit')
  const title = args.optStr('title')
  return inviteTl(
    invite(turn, roomIn(call), me, {
      ...(expires === undefined ? {} : { expires }),
      ...(limit === undefined ? {} : { limit }),
      ...(title === undefined ? {} : { title }),
    }),
  )
}

function exportedInvites(call: Call): TlValue {
  const room = roomIn(call)
  needAllowed(room, call.me, 'invite_users')
  const revoked = call.args.flag('revoked')
  const invites = [...room.invites.values()].filter((one) => one.revoked === revoked).map(inviteTl)
  const { users } = gather(call.view, invites)
  return { _: 'messages.exportedChatInvites', count: invites.length, invites, users }
}

function editInvite(call: Call): TlValue {
  const room = roomIn(call)
  needAllowed(room, call.me, 'invite_users')
  const found = [...room.invites.values()].find((one) => linkOf(one) === call.args.str('link'))
  if (found === undefined) throw new RpcFault(400, 'INVITE_HASH_EXPIRED')
  found.revoked ||= call.args.flag('revoked')
  const tl = inviteTl(found)
  return { _: 'messages.exportedChatInvite', invite: tl, users: gather(call.view, tl).users }
}

function checkInvite(call: Call): TlValue {
  const { view, me } = call
  const { room, found } = find(call)
  if (found.revoked) throw new RpcFault(400, 'INVITE_HASH_EXPIRED')
  if (room.members.has(me)) return { _: 'chatInviteAlready', chat: chatTl(view, room) }
  const channel = room.kind === 'channel' ? room : undefined
  return {
    _: 'chatInvite',
    channel: channel !== undefined,
    broadcast: channel?.broadcast === true,
    megagroup: channel?.broadcast === false,
    public: channel?.username !== undefined,
    title: room.title,
    about: room.about === '' ? undefined : room.about,
    photo: room.photo === undefined ? { _: 'photoEmpty', id: 0n } : photoTl(view, room.photo),
    participants_count: room.members.size,
    participants: [...room.members.keys()].slice(0, 5).map((account) => userTl(view, account)),
    color: 0,
  }
}

function importInvite(call: Call): TlValue {
  const { room, found } = find(call)
  joinBy(call.turn, room, call.me, found)
  return { _: 'messages.chatInviteJoinResultOk', updates: call.turn.reply(call.view) }
}

export const inviteMethods: Methods = {
  'messages.exportChatInvite': exportInvite,
  'messages.getExportedChatInvites': exportedInvites,
  'messages.editExportedChatInvite': editInvite,
  'messages.checkChatInvite': checkInvite,
  'messages.importChatInvite': importInvite,
}
