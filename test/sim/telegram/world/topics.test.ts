import { expect, test } from 'vitest'
import type { TlObject } from '../contract.ts'
import { listOf, objectOf, pair, updatesIn } from './test-device.ts'
import type { TestDevice } from './test-device.ts'

let lastId = 0n

test('a forum: topics made, written in, answered in, renamed, closed, removed', () => {
  const { tg, alice, bob, a, b } = pair()
  const forum = tg.forum({ title: 'F', members: [alice, bob] })
  const made = a.ask('messages.createForumTopic', { peer: a.peer(forum), title: 'News', random_id: 5n })
  const id = Number(updatesIn(made)[0]?.['id'])
  const say = (device: TestDevice, message: string, reply_to?: TlObject) =>
    device.ask('messages.sendMessage', {
      peer: device.peer(forum),
      message,
      random_id: ++lastId,
      reply_to,
    })
  const reply = (reply_to_msg_id: number, top_msg_id?: number) => ({
    _: 'inputReplyToMessage',
    reply_to_msg_id,
    top_msg_id,
  })
  say(b, 'general')
  say(b, 'in topic', reply(id))
  say(b, 'answer', reply(id + 2, id))
  expect(
    tg
      .view(alice, forum)
      .slice(-3)
      .map(({ text, topic, replyTo }) => [text, topic, replyTo]),
  ).toEqual([
    ['general', 1, undefined],
    ['in topic', id, undefined],
    ['answer', id, id + 2],
  ])
  const headers = tg
    .view(alice, forum)
    .slice(-3)
    .map(({ tl }) => tl['reply_to'])
  expect(headers[0]).toBeUndefined()
  expect(headers[1]).toMatchObject({ forum_topic: true, reply_to_msg_id: id })
  expect(headers[2]).toMatchObject({ forum_topic: true, reply_to_msg_id: id + 2, reply_to_top_id: id })
  a.ask('messages.editForumTopic', { peer: a.peer(forum), topic_id: id, title: 'Old news', closed: true })
  expect(() => say(b, 'x', reply(id))).toThrow('TOPIC_CLOSED')
  const topics = b.ask('messages.getForumTopics', {
    peer: b.peer(forum),
    offset_date: 0,
    offset_id: 0,
    offset_topic: 0,
    limit: 10,
  })
  expect(listOf(topics['topics']).map(({ title }) => title)).toEqual(['Old news', 'General'])
  const read = {
    peer: b.peer(forum),
    msg_id: id,
    offset_id: 0,
    offset_date: 0,
    add_offset: 0,
    limit: 10,
    max_id: 0,
    min_id: 0,
    hash: 0n,
  }
  expect(listOf(b.ask('messages.getReplies', read)['messages'])).toHaveLength(3)
  a.ask('messages.deleteTopicHistory', { peer: a.peer(forum), top_msg_id: id })
  expect(objectOf(b.updates.at(-1))['messages']).toContain(id)
  expect(
    listOf(b.ask('messages.getForumTopicsByID', { peer: b.peer(forum), topics: [id] })['topics']),
  ).toEqual([{ _: 'forumTopicDeleted', id }])
  expect(() => say(b, 'x', reply(id))).toThrow('TOPIC_DELETED')
})
