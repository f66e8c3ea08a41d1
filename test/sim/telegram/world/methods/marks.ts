import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import { hear, read, readTopic } from '../acts/read.ts'
import { typing } from '../acts/typing.ts'
import type { Call, Methods } from '../call.ts'
import { needPost } from '../call.ts'
import { channelOf, roomOf } from '../peers.ts'

function readHistory(call: Call): TlValue {
  const { args, view, me, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'channel') throw new RpcFault(400, 'PEER_ID_INVALID')
  const count = read(turn, room, me, args.int('max_id'))
  return { _: 'messages.affectedMessages', pts: me.box.pts, pts_count: count }
}

function readChannel(call: Call): TlValue {
  const { args, view, me, turn } = call
  read(turn, channelOf(view, args.obj('channel')), me, args.int('max_id'))
  return true
}

function readDiscussion(call: Call): TlValue {
  const { args, view, me, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind !== 'channel') throw new RpcFault(400, 'PEER_ID_INVALID')
  readTopic(turn, room, me, args.int('msg_id'), args.int('read_max_id'))
  return true
}

function readContents(call: Call): TlValue {
  const { args, me, turn } = call
  const posts = args.ints('id').flatMap((id) => me.copies.get(id) ?? [])
  const count = hear(turn, posts, me)
  return { _: 'messages.affectedMessages', pts: me.box.pts, pts_count: count }
}

function readChannelContents(call: Call): TlValue {
  const { args, view, me, turn } = call
  const channel = channelOf(view, args.obj('channel'))
  const messages = args.ints('id').filter((id) => channel.posts.get(id)?.heardBy.add(me) !== undefined)
  turn.emit(me, () => ({ _: 'updateChannelReadMessagesContents', channel_id: channel.id, messages }))
  return true
}

function setTyping(call: Call): TlValue {
  const { args, view, me, turn } = call
  const room = roomOf(view, args.obj('peer'))
  typing(turn, room, me, args.obj('action').tl, args.optInt('top_msg_id'))
  return true
}

function readParticipants(call: Call): TlValue {
  const { args, view, me, realm } = call
  const room = roomOf(view, args.obj('peer'))
  const post = needPost(room, me, args.int('msg_id'))
  const { readParticipantsLimit, readParticipantsPeriod } = realm.switches
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  if (room.members.size > readParticipantsLimit) throw new RpcFault(400, 'CHAT_TOO_BIG')
  if (realm.now() - post.date > readParticipantsPeriod) throw new RpcFault(400, 'MSG_TOO_OLD')
  return [...post.readBy].map(([account, date]) => ({ _: 'readParticipantDate', user_id: account.id, date }))
}

/** When the partner of a private chat read a message. */
function outboxReadDate(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const post = needPost(room, me, args.int('msg_id'))
  const date = room.kind === 'direct' ? post.readBy.get(room.other(me)) : undefined
  if (date === undefined) throw new RpcFault(400, 'MESSAGE_NOT_READ_YET')
  return { _: 'outboxReadDate', date }
}

function views(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const counts = args.ints('id').map((id) => {
    const post = needPost(room, me, id)
    if (args.flag('increment') && post.author !== me) post.readBy.set(me, call.realm.now())
    return { _: 'messageViews', views: post.readBy.size + 1, forwards: 0 }
  })
  return { _: 'messages.messageViews', views: counts, chats: [], users: [] }
}

/** Marks that this server doesn't count: nothing changes. */
const nothingRead = ({ view, me, args }: Call): TlValue => {
  const room = roomOf(view, args.obj('peer'))
  const { pts } = room.kind === 'channel' ? room.box : me.box
  return { _: 'messages.affectedHistory', pts, pts_count: 0, offset: 0 }
}

export const markMethods: Methods = {
  'messages.readHistory': readHistory,
  'channels.readHistory': readChannel,
  'messages.readDiscussion': readDiscussion,
  'messages.readMessageContents': readContents,
  'channels.readMessageContents': readChannelContents,
  'messages.setTyping': setTyping,
  'messages.getMessageReadParticipants': readParticipants,
  'messages.getOutboxReadDate': outboxReadDate,
  'messages.getMessagesViews': views,
  'messages.readMentions': nothingRead,
  'messages.readReactions': nothingRead,
  'messages.readPollVotes': nothingRead,
}
