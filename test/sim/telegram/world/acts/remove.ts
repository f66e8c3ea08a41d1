import { RpcFault } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import { can } from '../may.ts'
import type { Post } from '../post.ts'
import type { Turn } from '../turn.ts'
import { holdersOf } from './holders.ts'

/** Removes messages of a channel for everyone. @throws RpcFault MESSAGE_DELETE_FORBIDDEN */
export function removeFromChannel(
  turn: Turn,
  channel: Channel,
  by: Account,
  posts: readonly Post[],
  mayAll = can(channel, by, 'delete_messages'),
): void {
  if (posts.some((post) => post.author !== by && !mayAll)) throw new RpcFault(403, 'MESSAGE_DELETE_FORBIDDEN')
  if (posts.length === 0) return
  for (const post of posts) {
    post.removed = true
    channel.drop(post)
    channel.topics.delete(post.channelId)
  }
  const messages = posts.map((post) => post.channelId)
  turn.inChannel(channel, messages.length, (_, pts, pts_count) => ({
    _: 'updateDeleteChannelMessages',
    channel_id: channel.id,
    messages,
    pts,
    pts_count,
  }))
  turn.tell({ kind: 'removed', room: channel, posts })
}

/**
 * Removes messages of private chats and basic groups, for oneself or for everyone. In private chats everybody may remove
 * everything for both, in groups only own messages unless they are administrators.
 */
export function removeCopies(turn: Turn, by: Account, posts: readonly Post[], forAll: boolean): void {
  const removed = new Map<Account, number[]>()
  for (const post of posts) {
    const { room } = post
    const mayAll =
      room.kind === 'direct' ||
      post.author === by ||
      (room.kind === 'group' && can(room, by, 'delete_messages'))
    const holders = forAll && mayAll ? holdersOf(post) : [by]
    for (const account of holders) {
      const ids = removed.get(account) ?? []
      removed.set(account, ids)
      ids.push(post.idFor(account))
      account.drop(post)
    }
    post.removed = holdersOf(post).length === 0
  }
  for (const [account, messages] of removed) {
    turn.boxed(account, messages.length, (_, pts, pts_count) => ({
      _: 'updateDeleteMessages',
      messages,
      pts,
      pts_count,
    }))
  }
  const room = posts[0]?.room
  if (room !== undefined) turn.tell({ kind: 'removed', room, posts })
}
