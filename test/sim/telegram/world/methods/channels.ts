import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import { addToChannel, emitChannel, leaveChannel, promote, restrict } from '../acts/members.ts'
import { createChannel, rename, setPhoto } from '../acts/rooms.ts'
import type { Account } from '../account.ts'
import type { Call, Methods } from '../call.ts'
import type { Channel } from '../channel.ts'
import { needPower } from '../may.ts'
import { channelOf, roomOf, userOf } from '../peers.ts'
import { channelTl } from '../render/chat.ts'
import { channelFullTl } from '../render/full.ts'
import { gather } from '../render/gather.ts'
import { bansIn, powersIn } from '../rights.ts'
import { chatPhotoIn, invited } from './groups.ts'

const channelIn = ({ view, args }: Call): Channel => channelOf(view, args.obj('channel'))

function create(call: Call): TlValue {
  const { args, me, turn, view } = call
  const forum = args.flag('forum')
  const channel = createChannel(turn, me, {
    title: args.str('title'),
    broadcast: args.flag('broadcast'),
    forum,
  })
  channel.about = args.str('about')
  channel.ttl = args.optInt('ttl_period') ?? 0
  return turn.reply(view)
}

function inviteToChannel(call: Call): TlValue {
  const { args, me, turn, view } = call
  const channel = channelIn(call)
  const wanted = args.objs('users').map((input) => userOf(view, input))
  const absent = wanted.filter((account) => !channel.members.has(account))
  return invited(
    call,
    absent.filter((account) => !addToChannel(turn, channel, account, me)),
  )
}

function joinChannel(call: Call): TlValue {
  const { me, turn, view } = call
  const channel = channelIn(call)
  addToChannel(turn, channel, me, me)
  return { _: 'messages.chatInviteJoinResultOk', updates: turn.reply(view) }
}

function leave(call: Call): TlValue {
  leaveChannel(call.turn, channelIn(call), call.me)
  return call.turn.reply(call.view)
}

/** The account that an `InputPeer` names as a member. */
export function memberIn(call: Call, field: string): Account {
  const room = roomOf(call.view, call.args.obj(field))
  if (room.kind !== 'direct') throw new RpcFault(400, 'PARTICIPANT_ID_INVALID')
  return room.other(call.me)
}

function editBanned(call: Call): TlValue {
  const { args, me, turn, view } = call
  const rights = args.obj('banned_rights')
  restrict(turn, channelIn(call), memberIn(call, 'participant'), me, bansIn(rights), rights.int('until_date'))
  return turn.reply(view)
}

function editAdmin(call: Call): TlValue {
  const { args, me, turn, view } = call
  const account = userOf(view, args.obj('user_id'))
  promote(turn, channelIn(call), account, me, powersIn(args.obj('admin_rights')), args.optStr('rank'))
  return turn.reply(view)
}

function editTitle(call: Call): TlValue {
  rename(call.turn, channelIn(call), call.me, call.args.str('title'))
  return call.turn.reply(call.view)
}

function editPhoto(call: Call): TlValue {
  setPhoto(call.turn, channelIn(call), call.me, chatPhotoIn(call, call.args.obj('photo')))
  return call.turn.reply(call.view)
}

/** A setting that members see in the channel's object. */
const setting =
  (change: (channel: Channel, call: Call) => void): ((call: Call) => TlValue) =>
  (call) => {
    const channel = channelIn(call)
    needPower(channel, call.me, 'change_info')
    change(channel, call)
    for (const member of channel.members.keys()) emitChannel(call.turn, channel, member)
    call.turn.tell({ kind: 'room', room: channel })
    return call.turn.reply(call.view)
  }

function updateUsername(call: Call): TlValue {
  const { args, me, realm, turn } = call
  const channel = channelIn(call)
  const username = args.str('username')
  if (channel.creator !== me) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  const taken = realm.channelByName(username) ?? realm.userByName(username)
  if (username !== '' && taken !== undefined && taken !== channel)
    throw new RpcFault(400, 'USERNAME_OCCUPIED')
  channel.username = username === '' ? undefined : username
  for (const member of channel.members.keys()) emitChannel(turn, channel, member)
  return true
}

/** Everyone is put out, and nobody sees it any more. */
function deleteChannel(call: Call): TlValue {
  const { me, turn, view } = call
  const channel = channelIn(call)
  if (channel.creator !== me) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  const members = [...channel.members.keys()]
  channel.members.clear()
  channel.username = undefined
  for (const member of members) emitChannel(turn, channel, member)
  return turn.reply(view)
}

function getFullChannel(call: Call): TlValue {
  const { view } = call
  const channel = channelIn(call)
  const full = channelFullTl(view, channel)
  const { users, chats } = gather(view, [full, { _: 'peerChannel', channel_id: channel.id }])
  return { _: 'messages.chatFull', full_chat: full, chats, users }
}

function getChannels(call: Call): TlValue {
  const { args, view } = call
  return {
    _: 'messages.chats',
    chats: args.objs('id').map((input) => channelTl(view, channelOf(view, input))),
  }
}

function sendAs(call: Call): TlValue {
  const { me, view } = call
  const peer = { _: 'peerUser', user_id: me.id }
  return { _: 'channels.sendAsPeers', peers: [{ _: 'sendAsPeer', peer }], ...gather(view, peer) }
}

function messageLink(call: Call): TlValue {
  const channel = channelIn(call)
  const id = call.args.int('id')
  const name = channel.username ?? `c/${channel.id}`
  return { _: 'exportedMessageLink', link: `https://t.me/${name}/${id}`, html: '' }
}

export const channelMethods: Methods = {
  'channels.createChannel': create,
  'channels.inviteToChannel': inviteToChannel,
  'channels.joinChannel': joinChannel,
  'channels.leaveChannel': leave,
  'channels.deleteChannel': deleteChannel,
  'channels.editBanned': editBanned,
  'channels.editAdmin': editAdmin,
  'channels.editTitle': editTitle,
  'channels.editPhoto': editPhoto,
  'channels.updateUsername': updateUsername,
  'channels.toggleForum': setting((channel, { args }) => (channel.forum = args.flag('enabled'))),
  'channels.toggleSlowMode': setting((channel, { args }) => (channel.slowmode = args.int('seconds'))),
  'channels.toggleSignatures': setting(
    (channel, { args }) => (channel.signatures = args.flag('signatures_enabled')),
  ),
  'channels.getFullChannel': getFullChannel,
  'channels.getChannels': getChannels,
  'channels.getSendAs': sendAs,
  'channels.exportMessageLink': messageLink,
}
