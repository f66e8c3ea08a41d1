import type { Post } from '../post.ts'
import type { Turn } from '../turn.ts'
import { removeCopies, removeFromChannel } from './remove.ts'
import { announceEnd } from './vote.ts'

/** What happens by itself once its time has come. */
export function due(turn: Turn): void {
  const { realm } = turn
  const now = realm.now()
  const isOver = ({ ttl, date }: Post) => ttl > 0 && date + ttl <= now
  for (const channel of realm.channels.values()) {
    removeFromChannel(turn, channel, channel.creator, [...channel.posts.values()].filter(isOver), true)
  }
  const copies = new Set([...realm.users.values()].flatMap((account) => [...account.copies.values()]))
  for (const post of [...copies].filter(isOver)) removeCopies(turn, post.author, [post], true)
  for (const poll of realm.polls.values()) {
    if (poll.isClosed(now) && !poll.isAnnounced) announceEnd(turn, poll)
  }
}
