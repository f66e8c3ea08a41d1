import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Rendered } from '../box.ts'
import { Post } from '../post.ts'
import type { PostFields } from '../post.ts'
import { messageTl, replyTl } from '../render/message.ts'
import { audience } from '../room.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'
import type { View } from '../view.ts'

const newMessage =
  (post: Post): Rendered =>
  (view, pts, pts_count) =>
    post.removed || post.idFor(view.me) === 0
      ? undefined
      : {
          _: post.room.kind === 'channel' ? 'updateNewChannelMessage' : 'updateNewMessage',
          message: messageTl(view, post),
          pts,
          pts_count,
        }

/** `updateShortMessage` and its sister, for plain text only. */
function short(view: View, post: Post, pts: number, pts_count: number): TlObject | undefined {
  const { room, author } = post
  const plain = post.media === undefined && post.action === undefined && post.forward === undefined
  if (!view.realm.switches.shortPushes || !plain || room.kind === 'channel') return undefined
  const common = {
    out: author === view.me,
    silent: post.silent,
    id: post.idFor(view.me),
    message: post.text,
    pts,
    pts_count,
    date: post.date,
    reply_to: replyTl(view, post),
    entities: post.entities.length === 0 ? undefined : post.entities,
    ttl_period: post.ttl === 0 ? undefined : post.ttl,
  }
  return room.kind === 'direct'
    ? { _: 'updateShortMessage', ...common, user_id: room.other(view.me).id }
    : { _: 'updateShortChatMessage', ...common, from_id: author.id, chat_id: room.id }
}

/** Puts a message into its room: numbers it for everyone, moves the boxes, tells everyone. */
export function publish(
  turn: Turn,
  room: Room,
  author: Account,
  fields: PostFields,
  anonymous = false,
): Post {
  const { realm } = turn
  const post = new Post(realm.ids.post(), room, author, realm.now(), fields, anonymous)
  if (room.kind === 'channel') {
    room.take(post)
    turn.inChannel(room, 1, newMessage(post))
  } else {
    for (const account of audience(room)) {
      account.take(post)
      turn.boxed(account, 1, newMessage(post), (view, pts, count) => short(view, post, pts, count))
    }
  }
  author.dialog(room).unreadMark = false
  turn.tell({ kind: 'posted', post })
  return post
}

/** A message that tells of a change, e.g. of the title. */
export const serve = (turn: Turn, room: Room, author: Account, fields: PostFields): Post =>
  publish(turn, room, author, fields, room.kind === 'channel' && room.broadcast)
