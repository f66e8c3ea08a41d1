import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Post } from '../post.ts'
import { counted, reactionKey, reactionTl } from '../reactions.ts'
import type { Reaction } from '../reactions.ts'
import type { View } from '../view.ts'
import { peerUser } from './peer.ts'

/** Whether one may know who reacted. */
export const reactorsVisible = (post: Post): boolean => post.room.kind !== 'channel' || !post.room.broadcast

export const peerReactionTl = (
  view: View,
  post: Post,
  by: Account,
  reaction: Reaction,
  date: number,
): TlObject => ({
  _: 'messagePeerReaction',
  big: post.reactions.get(by)?.big === true,
  my: by === view.me,
  peer_id: peerUser(by),
  date,
  reaction: reactionTl(reaction),
})

export function reactionsTl(view: View, post: Post): TlObject {
  const own = post.reactions.get(view.me)?.reactions ?? []
  const visible = reactorsVisible(post)
  const recent = [...post.reactions]
    .toReversed()
    .flatMap(([by, { reactions, date }]) =>
      reactions.map((reaction) => peerReactionTl(view, post, by, reaction, date)),
    )
    .slice(0, Math.max(view.realm.switches.recentReactions, 0))
  return {
    _: 'messageReactions',
    can_see_list: visible,
    results: counted(post.reactions).map(({ reaction, count }) => {
      const order = own.findIndex((mine) => reactionKey(mine) === reactionKey(reaction))
      return {
        _: 'reactionCount',
        chosen_order: order < 0 ? undefined : order,
        reaction: reactionTl(reaction),
        count,
      }
    }),
    recent_reactions: visible && recent.length > 0 ? recent : undefined,
  }
}
