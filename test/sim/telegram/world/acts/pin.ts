import type { Account } from '../account.ts'
import { needAllowed } from '../may.ts'
import type { Post } from '../post.ts'
import { peerOf } from '../render/peer.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'
import { holdersOf } from './holders.ts'
import { serve } from './publish.ts'

export type PinOptions = { unpin?: boolean; silent?: boolean; onlyMe?: boolean }

function emitPinned(
  turn: Turn,
  room: Room,
  posts: readonly Post[],
  pinned: boolean,
  holders: readonly Account[],
): void {
  if (room.kind === 'channel') {
    turn.inChannel(room, posts.length, (_, pts, pts_count) => ({
      _: 'updatePinnedChannelMessages',
      pinned,
      channel_id: room.id,
      messages: posts.map((post) => post.channelId),
      pts,
      pts_count,
    }))
    return
  }
  for (const account of holders) {
    const messages = posts.map((post) => post.idFor(account)).filter((id) => account.copies.has(id))
    turn.boxed(account, messages.length, ({ me }, pts, pts_count) => ({
      _: 'updatePinnedMessages',
      pinned,
      peer: peerOf(room, me),
      messages,
      pts,
      pts_count,
    }))
  }
}

/** Pins or unpins a message, for all who have it or (in a private chat) for oneself. */
export function pin(turn: Turn, post: Post, by: Account, options: PinOptions = {}): void {
  const { room } = post
  const { unpin = false, silent = false, onlyMe = false } = options
  if (room.kind !== 'direct') needAllowed(room, by, 'pin_messages')
  const holders = onlyMe && room.kind === 'direct' ? [by] : holdersOf(post)
  for (const account of holders) {
    if (unpin) post.pinnedFor.delete(account)
    else post.pinnedFor.add(account)
  }
  emitPinned(turn, room, [post], !unpin, holders)
  const broadcast = room.kind === 'channel' && room.broadcast
  if (!unpin && !onlyMe && !broadcast) {
    const action = () => ({ _: 'messageActionPinMessage' })
    serve(turn, room, by, { action, replyTo: { post }, topic: post.topic, silent })
  }
  turn.tell({ kind: 'room', room })
}

/** @returns how many messages were unpinned */
export function unpinAll(turn: Turn, room: Room, posts: readonly Post[], by: Account): number {
  if (room.kind !== 'direct') needAllowed(room, by, 'pin_messages')
  const pinned = posts.filter((post) => post.pinnedFor.size > 0)
  if (pinned.length === 0) return 0
  emitPinned(turn, room, pinned, false, room.kind === 'direct' ? room.parties : [...room.members.keys()])
  for (const post of pinned) post.pinnedFor.clear()
  turn.tell({ kind: 'room', room })
  return pinned.length
}
