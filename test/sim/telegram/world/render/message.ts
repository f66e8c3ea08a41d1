import type { TlObject } from '../../contract.ts'
import { isRound, isVoice } from '../media.ts'
import type { Forward, Post } from '../post.ts'
import type { View } from '../view.ts'
import { mediaTl } from './media.ts'
import { peerChannel, peerOf, peerUser } from './peer.ts'
import { reactionsTl } from './reactions.ts'

function fromId({ realm, me }: View, post: Post): TlObject | undefined {
  const { room, author } = post
  if (room.kind === 'channel') {
    if (post.anonymous || room.broadcast) return room.broadcast ? undefined : peerChannel(room)
    return peerUser(author)
  }
  if (room.kind === 'direct' && !room.saved) {
    const form = realm.switches.directFromId
    const left = form === 'never' || (form === 'alternating' && post.globalId % 2 === 1)
    if (left && (author === me || author === room.other(me))) return undefined
  }
  return peerUser(author)
}

function forwardTl({ me }: View, forward: Forward): TlObject {
  const { from } = forward
  const origin =
    typeof from === 'string'
      ? { from_name: from }
      : { from_id: from.kind === 'user' ? peerUser(from) : peerOf(from, me) }
  return {
    _: 'messageFwdHeader',
    ...origin,
    date: forward.date,
    channel_post: forward.channelPost,
    post_author: forward.author,
  }
}

/** What a message answers to, and in which topic it stands; the General topic is named by nothing. */
export function replyTl({ me }: View, post: Post): TlObject | undefined {
  const { replyTo, topic } = post
  if (replyTo === undefined) {
    if (topic === undefined || topic === 1) return undefined
    return { _: 'messageReplyHeader', forum_topic: true, reply_to_msg_id: topic }
  }
  const { quote, pollOption } = replyTo
  const elsewhere = replyTo.post.room !== post.room
  return {
    _: 'messageReplyHeader',
    forum_topic: topic !== undefined && topic !== 1,
    quote: quote !== undefined,
    reply_to_msg_id: replyTo.post.idFor(me) === 0 ? undefined : replyTo.post.idFor(me),
    reply_to_peer_id: elsewhere ? peerOf(replyTo.post.room, me) : undefined,
    reply_to_top_id: topic === 1 ? undefined : topic,
    quote_text: quote?.text,
    quote_entities: quote === undefined || quote.entities.length === 0 ? undefined : quote.entities,
    quote_offset: quote?.offset,
    poll_option: pollOption,
  }
}

const mentions = ({ me }: View, post: Post): boolean =>
  post.author !== me &&
  (post.replyTo?.post.author === me ||
    post.entities.some(
      (entity) =>
        (entity._ === 'messageEntityMentionName' && entity['user_id'] === me.id) ||
        (entity._ === 'messageEntityMention' &&
          me.username !== undefined &&
          typeof entity['offset'] === 'number' &&
          typeof entity['length'] === 'number' &&
          post.text.slice(entity['offset'], entity['offset'] + entity['length']).toLowerCase() ===
            `@${me.username.toLowerCase()}`),
    ))

const unheard = ({ me }: View, post: Post): boolean =>
  post.media?.kind === 'document' &&
  (isVoice(post.media.document) || isRound(post.media.document)) &&
  !(post.author === me ? post.heardBy.size > 0 : post.heardBy.has(me))

/** A message as the viewer has it: own number, `out`, own reactions and votes. */
export function messageTl(view: View, post: Post, editHide = false): TlObject {
  const { me } = view
  const { room } = post
  const common = {
    out: post.author === me && !(room.kind === 'direct' && room.saved),
    mentioned: mentions(view, post),
    media_unread: unheard(view, post),
    silent: post.silent,
    post: room.kind === 'channel' && room.broadcast,
    id: post.idFor(me),
    from_id: fromId(view, post),
    peer_id: peerOf(room, me),
    reply_to: replyTl(view, post),
    date: post.date,
    reactions: post.reactions.size === 0 ? undefined : reactionsTl(view, post),
    ttl_period: post.ttl === 0 ? undefined : post.ttl,
  }
  if (post.action !== undefined) {
    return { _: 'messageService', ...common, reactions_are_possible: true, action: post.action(view) }
  }
  const signed = room.kind === 'channel' && room.broadcast && room.signatures
  const posted = room.kind === 'channel' && room.broadcast
  return {
    _: 'message',
    ...common,
    edit_hide: editHide,
    pinned: post.isPinnedFor(me),
    noforwards: post.noForwards,
    fwd_from: post.forward === undefined ? undefined : forwardTl(view, post.forward),
    via_bot_id: post.viaBot?.id,
    message: post.text,
    media: post.media === undefined ? undefined : mediaTl(view, post.media),
    entities: post.entities.length === 0 ? undefined : post.entities,
    ...(posted ? { views: post.readBy.size + 1, forwards: 0 } : {}),
    edit_date: editHide && post.editDate === undefined ? post.date : post.editDate,
    post_author: signed ? `${post.author.firstName} ${post.author.lastName}`.trim() : undefined,
    grouped_id: post.groupedId,
  }
}
