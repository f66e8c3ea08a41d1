import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Post } from '../post.ts'
import { peerOf } from '../render/peer.ts'
import { historyOf } from '../room.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'

/** Messages of others that the account has not read. */
export function unreadIn(room: Room, me: Account): Post[] {
  const { readInbox } = me.dialog(room)
  return historyOf(room, me).filter((post) => post.author !== me && post.idFor(me) > readInbox)
}

/** Marks messages as seen by the reader. @returns each author's last message among them */
function mark(turn: Turn, posts: readonly Post[], by: Account): Map<Account, Post> {
  const last = new Map<Account, Post>()
  for (const post of posts) {
    if (!post.readBy.has(by)) post.readBy.set(by, turn.realm.now())
    last.set(post.author, post)
  }
  return last
}

function readChannel(turn: Turn, channel: Channel, by: Account, maxId: number): number {
  const dialog = by.dialog(channel)
  dialog.unreadMark = false
  if (maxId <= dialog.readInbox) return 0
  const posts = unreadIn(channel, by).filter((post) => post.channelId <= maxId)
  dialog.readInbox = maxId
  const { pts } = channel.box
  const inbox = () => ({
    _: 'updateReadChannelInbox',
    channel_id: channel.id,
    max_id: maxId,
    still_unread_count: unreadIn(channel, by).length,
    pts,
  })
  channel.box.add(0, ({ me }) => (me === by ? inbox() : undefined))
  turn.emit(by, inbox)
  for (const [author, post] of mark(turn, posts, by)) {
    const own = author.dialog(channel)
    if (post.channelId <= own.readOutbox || channel.broadcast) continue
    own.readOutbox = post.channelId
    turn.emit(author, () => ({
      _: 'updateReadChannelOutbox',
      channel_id: channel.id,
      max_id: post.channelId,
    }))
  }
  return posts.length
}

/**
 * Reads a chat up to a message, by the reader's number (0: everything).
 *
 * @returns how many events the reader's box moved by
 */
export function read(turn: Turn, room: Room, by: Account, upTo = 0): number {
  const history = historyOf(room, by)
  const lastId = history.at(-1)?.idFor(by) ?? 0
  const maxId = upTo === 0 ? lastId : Math.min(upTo, lastId)
  if (room.kind === 'channel') {
    const count = readChannel(turn, room, by, maxId)
    turn.tell({ kind: 'read', room, by })
    return count
  }
  const dialog = by.dialog(room)
  dialog.unreadMark = false
  if (maxId <= dialog.readInbox) return 0
  const posts = unreadIn(room, by).filter((post) => post.idFor(by) <= maxId)
  dialog.readInbox = maxId
  turn.boxed(by, 1, ({ me }, pts, pts_count) => ({
    _: 'updateReadHistoryInbox',
    peer: peerOf(room, me),
    max_id: maxId,
    still_unread_count: unreadIn(room, me).length,
    pts,
    pts_count,
  }))
  for (const [author, post] of mark(turn, posts, by)) {
    const max_id = post.idFor(author)
    if (max_id <= author.dialog(room).readOutbox) continue
    author.dialog(room).readOutbox = max_id
    turn.boxed(author, 1, ({ me }, pts, pts_count) => ({
      _: 'updateReadHistoryOutbox',
      peer: peerOf(room, me),
      max_id,
      pts,
      pts_count,
    }))
  }
  turn.tell({ kind: 'read', room, by })
  return 1
}

/** Reads one topic of a forum. */
export function readTopic(turn: Turn, channel: Channel, by: Account, topic: number, maxId: number): void {
  const dialog = by.dialog(channel)
  if (maxId <= (dialog.topicsRead.get(topic) ?? 0)) return
  const before = dialog.topicsRead.get(topic) ?? 0
  dialog.topicsRead.set(topic, maxId)
  const posts = historyOf(channel, by).filter(
    (post) =>
      post.topic === topic && post.author !== by && post.channelId > before && post.channelId <= maxId,
  )
  const marks = { channel_id: channel.id, top_msg_id: topic }
  turn.emit(by, () => ({ _: 'updateReadChannelDiscussionInbox', ...marks, read_max_id: maxId }))
  for (const [author, post] of mark(turn, posts, by)) {
    turn.emit(author, () => ({
      _: 'updateReadChannelDiscussionOutbox',
      ...marks,
      read_max_id: post.channelId,
    }))
  }
  turn.tell({ kind: 'read', room: channel, by })
}

/** Voice and video notes that were played. @returns how many events the own box moved by */
export function hear(turn: Turn, posts: readonly Post[], by: Account): number {
  const heard = posts.filter((post) => !post.heardBy.has(by))
  const ids = new Map<Account, number[]>()
  for (const post of heard) {
    post.heardBy.add(by)
    for (const account of new Set([by, post.author])) {
      ids.set(account, [...(ids.get(account) ?? []), post.idFor(account)])
    }
  }
  for (const [account, messages] of ids) {
    turn.boxed(account, messages.length, (_, pts, pts_count) => ({
      _: 'updateReadMessagesContents',
      messages,
      pts,
      pts_count,
      date: turn.realm.now(),
    }))
  }
  return heard.length
}
