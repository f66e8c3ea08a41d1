import { RpcFault } from '../../contract.ts'
import type { TlObject, TlValue } from '../../contract.ts'
import { createTopic, editTopic, pinTopic, removeTopic, topicOf } from '../acts/topics.ts'
import type { TopicChange } from '../acts/topics.ts'
import type { Call, Methods } from '../call.ts'
import type { Channel } from '../channel.ts'
import { roomIn } from '../peers.ts'
import type { Post } from '../post.ts'
import { notifyTl } from '../render/dialog.ts'
import { gather } from '../render/gather.ts'
import { messageTl } from '../render/message.ts'
import { peerChannel, peerUser } from '../render/peer.ts'
import { GENERAL } from '../topic.ts'
import type { Topic } from '../topic.ts'
import { linkRandomId, repeated, replay } from './send.ts'

function forumOf(call: Call): Channel {
  const room = roomIn(call.view, call.args)
  if (room.kind !== 'channel' || !room.forum) throw new RpcFault(400, 'CHANNEL_FORUM_MISSING')
  return room
}

const postsOf = (channel: Channel, { id }: Topic): Post[] =>
  [...channel.posts.values()].filter((post) => post.topic === id || post.channelId === id)

export function topicTl({ me }: Call, channel: Channel, topic: Topic): TlObject {
  const posts = postsOf(channel, topic)
  const readTo = me.dialog(channel).topicsRead.get(topic.id) ?? 0
  return {
    _: 'forumTopic',
    my: topic.by === me,
    closed: topic.closed,
    pinned: topic.pinned,
    hidden: topic.hidden,
    id: topic.id,
    date: topic.date,
    peer: peerChannel(channel),
    title: topic.title,
    icon_color: topic.color,
    icon_emoji_id: topic.emoji,
    top_message: posts.at(-1)?.channelId ?? topic.id,
    read_inbox_max_id: readTo,
    read_outbox_max_id: 0,
    unread_count: posts.filter((post) => post.channelId > readTo && post.author !== me).length,
    unread_mentions_count: 0,
    unread_reactions_count: 0,
    unread_poll_votes_count: 0,
    from_id: peerUser(topic.by),
    notify_settings: notifyTl(me.dialog(channel)),
  }
}

function createForumTopic(call: Call): TlValue {
  const { args, me, turn, view } = call
  const channel = forumOf(call)
  const randomId = args.long('random_id')
  const before = repeated(call, channel, randomId)
  if (before !== undefined) return replay(call, [{ post: before, randomId }])
  const emoji = args.optLong('icon_emoji_id')
  const post = createTopic(turn, channel, me, args.str('title'), args.optInt('icon_color'), emoji)
  linkRandomId(call, channel, randomId, post)
  return turn.reply(view)
}

function editForumTopic(call: Call): TlValue {
  const { args, me, turn, view } = call
  const change: TopicChange = {}
  const title = args.optStr('title')
  const emoji = args.optLong('icon_emoji_id')
  if (title !== undefined) change.title = title
  if (emoji !== undefined) change.emoji = emoji
  if (args.has('closed')) change.closed = args.flag('closed')
  if (args.has('hidden')) change.hidden = args.flag('hidden')
  editTopic(turn, forumOf(call), me, args.int('topic_id'), change)
  return turn.reply(view)
}

function topicsTl(call: Call, channel: Channel, topics: readonly TlObject[], count: number): TlValue {
  const ids = new Set(topics.map((topic) => topic['top_message']))
  const posts = [...channel.posts.values()].filter((post) => ids.has(post.channelId))
  const messages = posts.map((post) => messageTl(call.view, post))
  const found = gather(call.view, [topics, messages])
  return { _: 'messages.forumTopics', count, topics, messages, ...found, pts: channel.box.pts }
}

function getForumTopics(call: Call): TlValue {
  const { args } = call
  const channel = forumOf(call)
  topicOf(channel, GENERAL)
  const q = (args.optStr('q') ?? '').toLowerCase()
  const last = (topic: Topic) => postsOf(channel, topic).at(-1)?.channelId ?? 0
  const all = [...channel.topics.values()]
    .filter(({ title }) => title.toLowerCase().includes(q))
    .toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || last(b) - last(a))
  const at = all.findIndex(({ id }) => id === args.int('offset_topic'))
  const page = all.slice(at + 1, at + 1 + Math.max(args.int('limit'), 1))
  const topics = page.map((topic) => topicTl(call, channel, topic))
  return topicsTl(call, channel, topics, all.length)
}

function getForumTopicsById(call: Call): TlValue {
  const channel = forumOf(call)
  const topics = call.args.ints('topics').map((id) => {
    const known = id === GENERAL || channel.topics.has(id)
    return known ? topicTl(call, channel, topicOf(channel, id)) : { _: 'forumTopicDeleted', id }
  })
  return topicsTl(call, channel, topics, topics.length)
}

function deleteTopicHistory(call: Call): TlValue {
  const channel = forumOf(call)
  const count = removeTopic(call.turn, channel, call.me, call.args.int('top_msg_id'))
  return { _: 'messages.affectedHistory', pts: channel.box.pts, pts_count: count, offset: 0 }
}

function updatePinnedTopic(call: Call): TlValue {
  const { args, me, turn, view } = call
  pinTopic(turn, forumOf(call), me, args.int('topic_id'), args.flag('pinned'))
  return turn.reply(view)
}

const byName = {
  createForumTopic,
  editForumTopic,
  getForumTopics,
  getForumTopicsByID: getForumTopicsById,
  deleteTopicHistory,
  updatePinnedForumTopic: updatePinnedTopic,
}

/** Older layers have these methods among those of channels. */
export const topicMethods: Methods = Object.fromEntries(
  Object.entries(byName).flatMap(([name, method]) => [
    [`messages.${name}`, method],
    [`channels.${name}`, method],
  ]),
)
