import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { react, reactionUpdate } from '../acts/react.ts'
import type { Args } from '../args.ts'
import type { Call, Methods } from '../call.ts'
import { needPost } from '../call.ts'
import { needPower } from '../may.ts'
import { roomOf } from '../peers.ts'
import { AVAILABLE, reactionKey, reactionTl } from '../reactions.ts'
import type { Reaction } from '../reactions.ts'
import { gather } from '../render/gather.ts'
import { documentTl } from '../render/media.ts'
import { peerReactionTl, reactorsVisible } from '../render/reactions.ts'

/** @returns undefined for `reactionEmpty`, which takes reactions back */
function reactionIn(input: Args): Reaction | undefined {
  switch (input.name) {
    case 'reactionEmpty':
      return undefined
    case 'reactionEmoji':
      return { kind: 'emoji', emoji: input.str('emoticon') }
    case 'reactionCustomEmoji':
      return { kind: 'custom', document: input.long('document_id') }
    default:
      throw new RpcFault(400, 'REACTION_INVALID')
  }
}

function sendReaction(call: Call): TlValue {
  const { args, view, me, turn } = call
  const post = needPost(roomOf(view, args.obj('peer')), me, args.int('msg_id'))
  const wanted = args.objs('reaction').flatMap((input) => reactionIn(input) ?? [])
  react(turn, post, me, wanted, args.flag('big'))
  return turn.reply(view)
}

const answerOf = (call: Call, updates: TlObject[]): TlObject => ({
  _: 'updates',
  updates,
  ...gather(call.view, updates),
  date: call.realm.now(),
  seq: 0,
})

function getMessagesReactions(call: Call): TlValue {
  const { args, view, me } = call
  const room = roomOf(view, args.obj('peer'))
  const posts = args.ints('id').map((id) => needPost(room, me, id))
  return answerOf(
    call,
    posts.map((post) => reactionUpdate(view, post)),
  )
}

function reactionsList(call: Call): TlValue {
  const { args, view, me } = call
  const post = needPost(roomOf(view, args.obj('peer')), me, args.int('id'))
  if (!reactorsVisible(post)) throw new RpcFault(403, 'BROADCAST_FORBIDDEN')
  const only = args.optObj('reaction')
  const wanted = only === undefined ? undefined : reactionIn(only)
  const all = [...post.reactions]
    .toReversed()
    .flatMap(([by, { reactions, date }]) =>
      reactions
        .filter((one) => wanted === undefined || reactionKey(one) === reactionKey(wanted))
        .map((one) => peerReactionTl(view, post, by, one, date)),
    )
  const offset = Number(args.optStr('offset') ?? 0)
  const end = offset + Math.max(args.int('limit'), 1)
  const reactions = all.slice(offset, end)
  return {
    _: 'messages.messageReactionsList',
    count: all.length,
    reactions,
    ...gather(view, reactions),
    next_offset: end < all.length ? String(end) : undefined,
  }
}

/** Every reaction comes with animations: here one small file stands for all. */
function available(call: Call): TlValue {
  const { files } = call.realm
  const known = [...files.documents.values()].find(
    (document) => document.mimeType === 'application/x-tgsticker',
  )
  const document =
    known ??
    files.document({
      mimeType: 'application/x-tgsticker',
      attributes: [],
      bytes: Buffer.from('picture'),
      thumb: undefined,
    })
  const tl = documentTl(call.view, document)
  return {
    _: 'messages.availableReactions',
    hash: AVAILABLE.length,
    reactions: AVAILABLE.map((reaction) => ({
      _: 'availableReaction',
      reaction,
      title: reaction,
      static_icon: tl,
      appear_animation: tl,
      select_animation: tl,
      activate_animation: tl,
      effect_animation: tl,
    })),
  }
}

const reactionsTl = (emojis: readonly string[]): TlObject => ({
  _: 'messages.reactions',
  hash: 0n,
  reactions: emojis.map((emoji) => reactionTl({ kind: 'emoji', emoji })),
})

/** Which reactions a chat allows. */
function setAvailable(call: Call): TlValue {
  const { args, view, me, turn } = call
  const room = roomOf(view, args.obj('peer'))
  if (room.kind === 'direct') throw new RpcFault(400, 'PEER_ID_INVALID')
  needPower(room, me, 'change_info')
  const rule = args.obj('available_reactions')
  const some = rule.objs('reactions').flatMap((input) => reactionIn(input) ?? [])
  room.allowed = { chatReactionsNone: 'none' as const, chatReactionsAll: 'all' as const }[rule.name] ?? some
  const update =
    room.kind === 'channel'
      ? { _: 'updateChannel', channel_id: room.id }
      : { _: 'updateChat', chat_id: room.id }
  turn.emit(me, () => update)
  return turn.reply(view)
}

export const reactionMethods: Methods = {
  'messages.sendReaction': sendReaction,
  'messages.getMessagesReactions': getMessagesReactions,
  'messages.getMessageReactionsList': reactionsList,
  'messages.getAvailableReactions': available,
  'messages.getTopReactions': ({ args }) => reactionsTl(AVAILABLE.slice(0, args.int('limit'))),
  'messages.getRecentReactions': () => reactionsTl([]),
  'messages.getDefaultTagReactions': () => reactionsTl([]),
  'messages.setDefaultReaction': () => true,
  'messages.setChatAvailableReactions': setAvailable,
}
