import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import { LIMITS, lengthOf } from '../limits.ts'
import { allowed, can } from '../may.ts'
import type { Post } from '../post.ts'
import { peerChannel } from '../render/peer.ts'
import { GENERAL } from '../topic.ts'
import type { Topic } from '../topic.ts'
import type { Turn } from '../turn.ts'
import { publish } from './publish.ts'
import { removeFromChannel } from './remove.ts'

const COLOR = 0x6fb9f0

export type TopicChange = { title?: string; emoji?: bigint; closed?: boolean; hidden?: boolean }

const actionTl = ({ title, emoji, closed, hidden }: TopicChange): TlObject => ({
  _: 'messageActionTopicEdit',
  title,
  icon_emoji_id: emoji,
  closed,
  hidden,
})

function checkTitle(title: string): void {
  if (title.trim() === '' || lengthOf(title) > LIMITS.title) throw new RpcFault(400, 'TOPIC_TITLE_EMPTY')
}

function needForum(channel: Channel): void {
  if (!channel.forum) throw new RpcFault(400, 'CHANNEL_FORUM_MISSING')
}

/** The message that makes a topic gives it its number. */
export function createTopic(
  turn: Turn,
  channel: Channel,
  by: Account,
  title: string,
  color = COLOR,
  emoji?: bigint,
): Post {
  needForum(channel)
  checkTitle(title)
  if (!can(channel, by, 'manage_topics') && !allowed(channel, by, 'manage_topics')) {
    throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  }
  const action = () => ({ _: 'messageActionTopicCreate', title, icon_color: color, icon_emoji_id: emoji })
  const post = publish(turn, channel, by, { action })
  channel.topics.set(post.channelId, {
    id: post.channelId,
    by,
    date: post.date,
    title,
    color,
    emoji,
    closed: false,
    hidden: false,
    pinned: false,
  })
  turn.tell({ kind: 'room', room: channel })
  return post
}

/** @throws RpcFault TOPIC_ID_INVALID */
export function topicOf(channel: Channel, id: number): Topic {
  needForum(channel)
  const topic = channel.topics.get(id)
  if (topic !== undefined) return topic
  if (id !== GENERAL) throw new RpcFault(400, 'TOPIC_ID_INVALID')
  const general: Topic = {
    id: GENERAL,
    by: channel.creator,
    date: channel.date,
    title: 'General',
    color: COLOR,
    emoji: undefined,
    closed: false,
    hidden: false,
    pinned: false,
  }
  channel.topics.set(GENERAL, general)
  return general
}

export function editTopic(turn: Turn, channel: Channel, by: Account, id: number, change: TopicChange): void {
  const topic = topicOf(channel, id)
  if (topic.by !== by && !can(channel, by, 'manage_topics')) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  if (change.title !== undefined) checkTitle(change.title)
  const same =
    (change.title ?? topic.title) === topic.title &&
    (change.emoji ?? topic.emoji) === topic.emoji &&
    (change.closed ?? topic.closed) === topic.closed &&
    (change.hidden ?? topic.hidden) === topic.hidden
  if (same) throw new RpcFault(400, 'TOPIC_NOT_MODIFIED')
  Object.assign(topic, change)
  publish(turn, channel, by, { action: () => actionTl(change), topic: id })
  turn.tell({ kind: 'room', room: channel })
}

/** There is no update of its own for this: the messages of the topic are removed, its first one too. */
export function removeTopic(turn: Turn, channel: Channel, by: Account, id: number): number {
  const topic = topicOf(channel, id)
  if (topic.by !== by && !can(channel, by, 'delete_messages')) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  const posts = [...channel.posts.values()].filter((post) => post.topic === id || post.channelId === id)
  removeFromChannel(turn, channel, by, posts, true)
  return posts.length
}

export function pinTopic(turn: Turn, channel: Channel, by: Account, id: number, pinned: boolean): void {
  const topic = topicOf(channel, id)
  if (!can(channel, by, 'manage_topics')) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  const count = [...channel.topics.values()].filter((other) => other.pinned && other !== topic).length
  if (pinned && count >= LIMITS.pinnedTopics) throw new RpcFault(400, 'PINNED_TOO_MUCH')
  topic.pinned = pinned
  for (const member of channel.members.keys()) {
    turn.emit(member, () => ({
      _: 'updatePinnedForumTopic',
      pinned,
      peer: peerChannel(channel),
      topic_id: id,
    }))
  }
  turn.tell({ kind: 'room', room: channel })
}
