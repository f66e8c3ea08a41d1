import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import { checkEdit, edit } from '../acts/edit.ts'
import type { Change } from '../acts/edit.ts'
import { pin, unpinAll } from '../acts/pin.ts'
import { removeCopies, removeFromChannel } from '../acts/remove.ts'
import { checkLength, textOf } from '../acts/text.ts'
import { closePoll } from '../acts/vote.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { needPost } from '../call.ts'
import { mediaFrom } from '../input-media.ts'
import { needPower } from '../may.ts'
import type { Media } from '../media.ts'
import { channelOf, roomOf } from '../peers.ts'
import type { Post } from '../post.ts'
import { historyOf } from '../room.ts'

const ends = (media: Args | undefined): boolean =>
  media?.name === 'inputMediaPoll' && media.obj('poll').flag('closed')

/** Media may be changed for media of a kind that fits. @throws RpcFault MEDIA_PREV_INVALID, MEDIA_NEW_INVALID */
function newMedia(call: Call, post: Post, input: Args): Media | undefined {
  const media = mediaFrom(call.view, input)
  const files = ['photo', 'document']
  if (media?.kind === 'poll') throw new RpcFault(400, 'MEDIA_NEW_INVALID')
  if (post.groupedId !== undefined && !files.includes(media?.kind ?? '')) {
    throw new RpcFault(400, 'MEDIA_GROUPED_INVALID')
  }
  if (post.media?.kind === 'poll') throw new RpcFault(400, 'MEDIA_PREV_INVALID')
  return goesOn(post, media, input)
}

/** A live location keeps its time unless another is given; one that has ended does not move. */
function goesOn(post: Post, media: Media | undefined, input: Args): Media | undefined {
  const before = post.media?.kind === 'plain' ? post.media.tl : undefined
  if (input.name !== 'inputMediaGeoLive' || media?.kind !== 'plain') return media
  if (before?._ !== 'messageMediaGeoLive') throw new RpcFault(400, 'MEDIA_PREV_INVALID')
  if (before['period'] === 0) throw new RpcFault(400, 'MESSAGE_EDIT_TIME_EXPIRED')
  if (input.flag('stopped')) return { kind: 'plain', tl: { ...media.tl, period: 0 } }
  return input.optInt('period') === undefined
    ? { kind: 'plain', tl: { ...media.tl, period: before['period'] } }
    : media
}

function editMessage(call: Call): TlValue {
  const { args, view, me, turn, realm } = call
  const room = roomOf(view, args.obj('peer'))
  const post = needPost(room, me, args.int('id'))
  const input = args.optObj('media')
  if (ends(input)) {
    checkEdit(realm, post, me)
    closePoll(turn, post, me)
    return turn.reply(view)
  }
  const change: Change = {}
  if (input !== undefined) change.media = newMedia(call, post, input)
  const text = args.optStr('message')
  if (text !== undefined) {
    checkLength(view, text, post.media !== undefined && post.media.kind !== 'plain')
    Object.assign(
      change,
      textOf(
        view,
        text,
        args.objs('entities').map(({ tl }) => tl),
      ),
    )
  }
  edit(turn, post, me, change)
  return turn.reply(view)
}

const affected = (pts: number, count: number): TlValue => ({
  _: 'messages.affectedMessages',
  pts,
  pts_count: count,
})

function deleteMessages(call: Call): TlValue {
  const { args, me, turn } = call
  const posts = args.ints('id').flatMap((id) => me.copies.get(id) ?? [])
  removeCopies(turn, me, posts, args.flag('revoke'))
  return affected(me.box.pts, posts.length)
}

function deleteInChannel(call: Call): TlValue {
  const { args, me, turn, view } = call
  const channel = channelOf(view, args.obj('channel'))
  const posts = args.ints('id').flatMap((id) => channel.posts.get(id) ?? [])
  removeFromChannel(turn, channel, me, posts)
  return affected(channel.box.pts, posts.length)
}

function deleteHistory(call: Call): TlValue {
  const { args, me, turn, view } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'channel') throw new RpcFault(400, 'PEER_ID_INVALID')
  const max = args.int('max_id')
  const posts = historyOf(room, me).filter((post) => max === 0 || post.idFor(me) <= max)
  removeCopies(turn, me, posts, args.flag('revoke'))
  return { _: 'messages.affectedHistory', pts: me.box.pts, pts_count: posts.length, offset: 0 }
}

function deleteParticipantHistory(call: Call): TlValue {
  const { args, me, turn, view } = call
  const channel = channelOf(view, args.obj('channel'))
  needPower(channel, me, 'delete_messages')
  const author = roomOf(view, args.obj('participant'))
  const posts = [...channel.posts.values()].filter(
    (post) => author.kind === 'direct' && post.author === author.other(me),
  )
  removeFromChannel(turn, channel, me, posts)
  return { _: 'messages.affectedHistory', pts: channel.box.pts, pts_count: posts.length, offset: 0 }
}

function updatePinnedMessage(call: Call): TlValue {
  const { args, view, me, turn } = call
  const post = needPost(roomOf(view, args.obj('peer')), me, args.int('id'))
  pin(turn, post, me, {
    unpin: args.flag('unpin'),
    silent: args.flag('silent'),
    onlyMe: args.flag('pm_oneside'),
  })
  return turn.reply(view)
}

function unpinAllMessages(call: Call): TlValue {
  const { args, view, me, turn } = call
  const room = roomOf(view, args.obj('peer'))
  const top = args.optInt('top_msg_id')
  const posts = historyOf(room, me).filter((post) => top === undefined || post.topic === top)
  const count = unpinAll(turn, room, posts, me)
  const { pts } = room.kind === 'channel' ? room.box : me.box
  return { _: 'messages.affectedHistory', pts, pts_count: count, offset: 0 }
}

export const changeMethods: Methods = {
  'messages.editMessage': editMessage,
  'messages.deleteMessages': deleteMessages,
  'channels.deleteMessages': deleteInChannel,
  'messages.deleteHistory': deleteHistory,
  'channels.deleteParticipantHistory': deleteParticipantHistory,
  'messages.updatePinnedMessage': updatePinnedMessage,
  'messages.unpinAllMessages': unpinAllMessages,
}
