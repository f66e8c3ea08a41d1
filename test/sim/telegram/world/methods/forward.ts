import { RpcFault } from '../../contract.ts'
import type { TlValue } from '../../contract.ts'
import type { Call, Methods } from '../call.ts'
import { needPost } from '../call.ts'
import { replyIn } from '../input-reply.ts'
import { roomOf } from '../peers.ts'
import type { Forward, Post, PostFields } from '../post.ts'
import { repeated, replay, sayOnce } from './send.ts'

/** Whom a forwarded message names; forwards of forwards name the first one. */
function originOf(post: Post): Forward {
  if (post.forward !== undefined) return post.forward
  const { room } = post
  const asChannel = room.kind === 'channel' && post.anonymous
  return {
    from: asChannel ? room : post.author,
    date: post.date,
    channelPost: asChannel && room.broadcast ? post.channelId : undefined,
    author: undefined,
  }
}

function forwardMessages(call: Call): TlValue {
  const { args, view, me, realm } = call
  const from = roomOf(view, args.obj('from_peer'))
  const to = roomOf(view, args.obj('to_peer'))
  const ids = args.ints('id')
  const randomIds = args.longs('random_id')
  if (ids.length === 0) throw new RpcFault(400, 'MESSAGE_IDS_EMPTY')
  if (ids.length !== randomIds.length) throw new RpcFault(400, 'RANDOM_ID_INVALID')
  if (from.kind !== 'direct' && from.noForwards) throw new RpcFault(400, 'CHAT_FORWARDS_RESTRICTED')
  const made = randomIds.flatMap((randomId) => {
    const post = repeated(call, to, randomId)
    return post === undefined ? [] : [{ post, randomId }]
  })
  if (made.length === ids.length) return replay(call, made)
  const top = args.optInt('top_msg_id')
  const { replyTo, topic } = replyIn(view, to, args.optObj('reply_to'))
  const groups = new Map<bigint, bigint>()
  const posts = ids.map((id) => needPost(from, me, id))
  if (posts.some((post) => post.action !== undefined)) throw new RpcFault(400, 'MESSAGE_ID_INVALID')
  for (const [i, post] of posts.entries()) {
    const randomId = randomIds[i] ?? 0n
    if (made.some((done) => done.randomId === randomId)) continue
    const { groupedId } = post
    if (groupedId !== undefined && !groups.has(groupedId)) groups.set(groupedId, realm.ids.long())
    const fields: PostFields = {
      text: args.flag('drop_media_captions') && post.media !== undefined ? '' : post.text,
      entities: post.entities,
      media: post.media,
      forward: args.flag('drop_author') ? undefined : originOf(post),
      groupedId: groupedId === undefined ? undefined : groups.get(groupedId),
      silent: args.flag('silent'),
      replyTo,
      topic: top ?? topic,
    }
    sayOnce(call, to, randomId, () => fields)
  }
  return call.turn.reply(view)
}

export const forwardMethods: Methods = { 'messages.forwardMessages': forwardMessages }
