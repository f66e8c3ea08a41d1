import type { Account } from '../account.ts'
import { checkSend } from '../may.ts'
import type { Post, PostFields } from '../post.ts'
import type { Room } from '../room.ts'
import { GENERAL } from '../topic.ts'
import type { Turn } from '../turn.ts'
import { publish } from './publish.ts'

/** In a forum every message stands in a topic: the one it names, else that of what it answers to, else General. */
function topicFor(room: Room, { topic, replyTo }: PostFields): number | undefined {
  if (room.kind !== 'channel' || !room.forum) return undefined
  return topic ?? replyTo?.post.topic ?? GENERAL
}

/** Says something in a room, by the rules of that room. @throws RpcFault when it isn't allowed */
export function say(turn: Turn, room: Room, author: Account, fields: PostFields): Post {
  const { realm } = turn
  const topic = topicFor(room, fields)
  checkSend(realm, room, author, fields.media, topic)
  const anonymous =
    room.kind === 'channel' && (room.broadcast || room.members.get(author)?.powers?.has('anonymous') === true)
  const post = publish(turn, room, author, { ...fields, topic }, anonymous)
  if (room.kind === 'channel') room.lastSpoke.set(author, realm.now())
  if (post.media?.kind === 'poll') {
    realm.polls.set(post.media.poll.id, post.media.poll)
    post.media.poll.posts.add(post)
  }
  return post
}
