import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import { LIMITS } from '../limits.ts'
import { allowed } from '../may.ts'
import type { Post } from '../post.ts'
import { AVAILABLE, counted, reactionKey, sameReactions } from '../reactions.ts'
import type { AllowedReactions, Reaction } from '../reactions.ts'
import type { Realm } from '../realm.ts'
import { peerOf } from '../render/peer.ts'
import { reactionsTl } from '../render/reactions.ts'
import type { Turn } from '../turn.ts'
import type { View } from '../view.ts'
import { emitEdit } from './edit.ts'
import { holdersOf } from './holders.ts'

const includes = (list: readonly Reaction[], reaction: Reaction): boolean =>
  list.some((other) => reactionKey(other) === reactionKey(reaction))

function checkOne(realm: Realm, by: Account, rule: AllowedReactions, reaction: Reaction): void {
  if (rule === 'none' || (rule !== 'all' && !includes(rule, reaction)))
    throw new RpcFault(400, 'REACTION_INVALID')
  if (reaction.kind === 'emoji' && rule === 'all' && !AVAILABLE.includes(reaction.emoji)) {
    throw new RpcFault(400, 'REACTION_INVALID')
  }
  if (reaction.kind === 'custom') {
    if (!realm.files.documents.has(reaction.document)) throw new RpcFault(400, 'REACTION_INVALID')
    if (!by.premium) throw new RpcFault(403, 'PREMIUM_ACCOUNT_REQUIRED')
  }
}

function checked(realm: Realm, post: Post, by: Account, wanted: readonly Reaction[]): readonly Reaction[] {
  const { room } = post
  if (
    room.kind !== 'direct' &&
    !(room.kind === 'channel' && room.broadcast ? room.members.has(by) : allowed(room, by, 'send_reactions'))
  ) {
    throw new RpcFault(403, 'CHAT_WRITE_FORBIDDEN')
  }
  const rule = room.kind === 'direct' ? 'all' : room.allowed
  for (const reaction of wanted) checkOne(realm, by, rule, reaction)
  const most = by.premium ? LIMITS.reactionsPremium : LIMITS.reactions
  const surplus = wanted.length > most
  if (surplus && realm.switches.tooManyReactions === 'reject') throw new RpcFault(400, 'REACTIONS_TOO_MANY')
  const kept = surplus ? wanted.slice(-most) : wanted
  const known = counted(post.reactions).map(({ reaction }) => reaction)
  const fresh = kept.filter((reaction) => !includes(known, reaction))
  if (fresh.length > 0 && known.length + fresh.length > LIMITS.reactionsUnique) {
    throw new RpcFault(400, 'REACTIONS_TOO_MANY')
  }
  return kept
}

/** `updateMessageReactions` for whoever looks. */
export const reactionUpdate = (view: View, post: Post): TlObject => ({
  _: 'updateMessageReactions',
  peer: peerOf(post.room, view.me),
  msg_id: post.idFor(view.me),
  top_msg_id: post.topic === 1 ? undefined : post.topic,
  reactions: reactionsTl(view, post),
})

/**
 * Replaces all reactions of an account to a message.
 *
 * @throws RpcFault, also MESSAGE_NOT_MODIFIED
 */
export function react(turn: Turn, post: Post, by: Account, wanted: readonly Reaction[], big = false): void {
  const { realm } = turn
  const kept = checked(realm, post, by, wanted)
  if (sameReactions(kept, post.reactions.get(by)?.reactions ?? []))
    throw new RpcFault(400, 'MESSAGE_NOT_MODIFIED')
  post.reactions.delete(by)
  if (kept.length > 0) post.reactions.set(by, { reactions: kept, date: realm.now(), big })
  const authorOnly = post.room.kind === 'channel' && realm.switches.channelReactions === 'author'
  for (const account of holdersOf(post)) {
    if (authorOnly && account !== post.author && account !== by) continue
    turn.emit(account, (view) => reactionUpdate(view, post))
  }
  if (realm.switches.reactionAsEdit && post.room.kind !== 'channel' && post.action === undefined) {
    emitEdit(turn, post, true)
  }
  turn.tell({ kind: 'reacted', post, by })
}
