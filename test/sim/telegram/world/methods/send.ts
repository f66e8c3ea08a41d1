import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { say } from '../acts/say.ts'
import { checkLength, textOf } from '../acts/text.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { replyIn } from '../input-reply.ts'
import { mediaFrom, preview } from '../input-media.ts'
import { LIMITS } from '../limits.ts'
import type { Media } from '../media.ts'
import { roomIn, roomOf } from '../peers.ts'
import type { Post, PostFields } from '../post.ts'
import { gather } from '../render/gather.ts'
import { mediaTl } from '../render/media.ts'
import { messageTl } from '../render/message.ts'
import type { Room } from '../room.ts'

/** The message that this random_id made before. @throws RpcFault RANDOM_ID_DUPLICATE when it counts as still being made */
export function repeated(call: Call, room: Room, randomId: bigint): Post | undefined {
  if (randomId === 0n) throw new RpcFault(400, 'RANDOM_ID_EMPTY')
  const sent = call.realm.sends.find(call.me, room, randomId)
  if (sent === undefined) return undefined
  sent.repeats++
  const { duplicate } = call.realm.switches
  if (duplicate === 'inProgress' || (duplicate === 'inProgressOnce' && sent.repeats === 1)) {
    throw new RpcFault(500, 'RANDOM_ID_DUPLICATE')
  }
  return sent.posts[0]
}

/** Says something under a random_id, whose link to the message's number the sender is told. */
export function sayOnce(call: Call, room: Room, randomId: bigint, fields: () => PostFields): Post {
  const post = say(call.turn, room, call.me, fields())
  linkRandomId(call, room, randomId, post)
  return post
}

export function linkRandomId(call: Call, room: Room, randomId: bigint, post: Post): void {
  const { realm, me, turn } = call
  realm.sends.remember(me, room, randomId, post)
  const update: TlObject = { _: 'updateMessageID', id: post.idFor(me), random_id: randomId }
  turn.answer(() => update)
  const box = room.kind === 'channel' ? room.box : me.box
  box.add(0, (view) => (realm.switches.messageIdInDifference && view.me === me ? update : undefined))
}

/** The answer to a repeat: the same message again, with a pts that moves nothing. */
export function replay(call: Call, made: readonly { post: Post; randomId: bigint }[]): TlObject {
  const { view, me, realm } = call
  const ids = made.map(({ post, randomId }) => ({
    _: 'updateMessageID',
    id: post.idFor(me),
    random_id: randomId,
  }))
  const messages = made
    .filter(({ post }) => !post.removed)
    .map(({ post }) => ({
      _: post.room.kind === 'channel' ? 'updateNewChannelMessage' : 'updateNewMessage',
      message: messageTl(view, post),
      pts: post.room.kind === 'channel' ? post.room.box.pts : me.box.pts,
      pts_count: 0,
    }))
  const updates = [...ids, ...messages]
  return { _: 'updates', updates, ...gather(view, updates), date: realm.now(), seq: 0 }
}

function common(call: Call, room: Room, args: Args): PostFields {
  if (args.has('schedule_date')) throw new RpcFault(400, 'SCHEDULE_DATE_INVALID')
  const { replyTo, topic } = replyIn(call.view, room, args.optObj('reply_to'))
  return { replyTo, topic, silent: args.flag('silent'), noForwards: args.flag('noforwards') }
}

const entitiesIn = (args: Args): TlObject[] => args.objs('entities').map(({ tl }) => tl)

/** `updateShortSentMessage`, for texts in private chats. */
function shortSent(call: Call, post: Post): TlObject | undefined {
  const plain = post.room.kind === 'direct' && post.media === undefined
  if (!call.realm.switches.shortReplies || !plain) return undefined
  return {
    _: 'updateShortSentMessage',
    out: true,
    id: post.idFor(call.me),
    pts: call.me.box.pts,
    pts_count: 1,
    date: post.date,
    entities: post.entities.length === 0 ? undefined : post.entities,
    ttl_period: post.ttl === 0 ? undefined : post.ttl,
  }
}

function sendMessage(call: Call): TlValue {
  const { args, view } = call
  const room = roomIn(view, args)
  const randomId = args.long('random_id')
  const before = repeated(call, room, randomId)
  if (before !== undefined) return replay(call, [{ post: before, randomId }])
  const given = args.str('message')
  checkLength(view, given, false)
  const { text, entities } = textOf(view, given, entitiesIn(args))
  if (text === '') throw new RpcFault(400, 'MESSAGE_EMPTY')
  const url = /https?:\/\/\S+/.exec(text)?.[0]
  const media = url === undefined || args.flag('no_webpage') ? undefined : preview(view, url)
  const post = sayOnce(call, room, randomId, () => ({ ...common(call, room, args), text, entities, media }))
  return shortSent(call, post) ?? call.turn.reply(view)
}

function captioned(call: Call, args: Args, media: Media | undefined): PostFields {
  if (media === undefined) throw new RpcFault(400, 'MEDIA_EMPTY')
  const given = args.str('message')
  checkLength(call.view, given, media.kind !== 'plain')
  return { ...textOf(call.view, given, entitiesIn(args)), media }
}

function sendMedia(call: Call): TlValue {
  const { args, view } = call
  const room = roomIn(view, args)
  const randomId = args.long('random_id')
  const before = repeated(call, room, randomId)
  if (before !== undefined) return replay(call, [{ post: before, randomId }])
  const media = mediaFrom(view, args.obj('media'))
  const fields = { ...common(call, room, args), ...captioned(call, args, media) }
  if (fields.media?.kind === 'poll') {
    if (room.kind === 'channel' && room.broadcast && fields.media.poll.fields.publicVoters) {
      throw new RpcFault(400, 'BROADCAST_PUBLIC_VOTERS_FORBIDDEN')
    }
  }
  sayOnce(call, room, randomId, () => fields)
  return call.turn.reply(view)
}

function sendMultiMedia(call: Call): TlValue {
  const { args, view, realm } = call
  const room = roomIn(view, args)
  const items = args.objs('multi_media')
  if (items.length === 0) throw new RpcFault(400, 'MEDIA_EMPTY')
  if (items.length > LIMITS.album) throw new RpcFault(400, 'MULTI_MEDIA_TOO_LONG')
  const before = items.map((item) => {
    const randomId = item.long('random_id')
    return { post: repeated(call, room, randomId), randomId }
  })
  const made = before.flatMap(({ post, randomId }) => (post === undefined ? [] : [{ post, randomId }]))
  if (made.length === items.length) return replay(call, made)
  const shared = common(call, room, args)
  const groupedId = items.length > 1 ? realm.ids.long() : undefined
  const fields = items.map((item) => {
    const media = mediaFrom(view, item.obj('media'))
    if (media?.kind !== 'photo' && media?.kind !== 'document') throw new RpcFault(400, 'MEDIA_INVALID')
    return { ...shared, ...captioned(call, item, media), groupedId }
  })
  for (const [i, one] of fields.entries()) {
    const { post, randomId } = before[i] ?? { post: undefined, randomId: 0n }
    if (post === undefined) sayOnce(call, room, randomId, () => one)
  }
  return call.turn.reply(view)
}

function uploadMedia(call: Call): TlValue {
  roomOf(call.view, call.args.obj('peer'))
  const media = mediaFrom(call.view, call.args.obj('media'))
  if (media === undefined) throw new RpcFault(400, 'MEDIA_EMPTY')
  return mediaTl(call.view, media)
}

export const sendMethods: Methods = {
  'messages.sendMessage': sendMessage,
  'messages.sendMedia': sendMedia,
  'messages.sendMultiMedia': sendMultiMedia,
  'messages.uploadMedia': uploadMedia,
}
