import { RpcFault } from '../contract.ts'
import type { Args } from './args.ts'
import { LIMITS, lengthOf } from './limits.ts'
import { roomOf } from './peers.ts'
import type { Post, ReplyTo } from './post.ts'
import { postIn } from './room.ts'
import type { Room } from './room.ts'
import { GENERAL } from './topic.ts'
import type { View } from './view.ts'

export type ReplyFields = { replyTo: ReplyTo | undefined; topic: number | undefined }

function quoteIn(input: Args, post: Post): ReplyTo {
  const text = input.optStr('quote_text')
  const pollOption = input.optBytes('poll_option')
  const option = pollOption === undefined ? {} : { pollOption }
  if (text === undefined || text === '') return { post, ...option }
  if (lengthOf(text) > LIMITS.quote || !post.text.includes(text))
    throw new RpcFault(400, 'QUOTE_TEXT_INVALID')
  const entities = input.objs('quote_entities').map(({ tl }) => tl)
  return {
    post,
    quote: { text, entities, offset: input.optInt('quote_offset') ?? post.text.indexOf(text) },
    ...option,
  }
}

function needTopic(room: Room, id: number): number {
  const known = room.kind === 'channel' && (id === GENERAL || room.topics.has(id))
  if (!known) throw new RpcFault(400, 'TOPIC_DELETED')
  return id
}

/**
 * What a new message answers to, and in which topic. A message that is gone is not answered to, as on the real service.
 *
 * @throws RpcFault TOPIC_DELETED
 */
export function replyIn(view: View, room: Room, input: Args | undefined): ReplyFields {
  if (input === undefined || input.name !== 'inputReplyToMessage')
    return { replyTo: undefined, topic: undefined }
  const id = input.int('reply_to_msg_id')
  const elsewhere = input.optObj('reply_to_peer_id')
  const post = postIn(elsewhere === undefined ? room : roomOf(view, elsewhere), view.me, id)
  const replyTo = post === undefined ? undefined : quoteIn(input, post)
  if (room.kind !== 'channel' || !room.forum) return { replyTo, topic: undefined }
  const top = input.optInt('top_msg_id')
  if (top !== undefined) return { replyTo: id === top ? undefined : replyTo, topic: needTopic(room, top) }
  if (elsewhere === undefined && room.topics.has(id)) return { replyTo: undefined, topic: id }
  if (post === undefined) throw new RpcFault(400, 'TOPIC_DELETED')
  return { replyTo, topic: post.room === room ? post.topic : undefined }
}
