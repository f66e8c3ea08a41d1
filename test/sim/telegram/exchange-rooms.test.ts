import { MemoryStorage } from '@mtcute/core'
import { Api } from 'telegram'
import { expect, test } from 'vitest'
import { gramLong } from './clients/gram.ts'
import { mtcute } from './clients/mtcute.ts'
import { exchange, textsOf } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import type { Room } from './world/index.ts'

const actionsOf = (seen: ReturnType<Exchange['tg']['view']>) => seen.flatMap(({ action }) => action?._ ?? [])

/** The newest room of that kind. */
function newest<K extends 'group' | 'channel'>({ tg }: Exchange, kind: K): Extract<Room, { kind: K }> {
  const rooms: Room[] = [...tg.realm.groups.values(), ...tg.realm.channels.values()]
  const found = rooms.filter((room): room is Extract<Room, { kind: K }> => room.kind === kind).at(-1)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}

const marked = (room: Exclude<Room, { kind: 'direct' }>) =>
  room.kind === 'group' ? -Number(room.id) : -1_000_000_000_000 - Number(room.id)

/** GramJS learns access hashes from dialogs only. */
async function entityOf({ gj }: Exchange, room: Exclude<Room, { kind: 'direct' }>) {
  await gj.getDialogs({})
  const id = gramLong(room.id)
  return gj.getInputEntity(
    room.kind === 'group' ? new Api.PeerChat({ chatId: id }) : new Api.PeerChannel({ channelId: id }),
  )
}

test('a basic group of mtcute, joined and renamed by GramJS, becomes a supergroup', async () => {
  const all = await exchange()
  const { tg, alice, bob, carol, mt, gj, told } = all
  await mt.createGroup({ title: 'Plans', users: ['bobby'] })
  const group = newest(all, 'group')
  const chat = await entityOf(all, group)
  await gj.sendMessage(chat, { message: 'hi all' })
  await gj.invoke(new Api.messages.AddChatUser({ chatId: gramLong(group.id), userId: 'carol', fwdLimit: 0 }))
  await gj.invoke(new Api.messages.EditChatTitle({ chatId: gramLong(group.id), title: 'Trip' }))
  await told('updateChatParticipantAdd')
  await mt.setChatDescription(marked(group), 'Where to')
  await mt.kickChatMember({ chatId: marked(group), userId: 'carol' })
  expect(actionsOf(tg.view(bob, group))).toEqual([
    'messageActionChatCreate',
    'messageActionChatAddUser',
    'messageActionChatEditTitle',
    'messageActionChatDeleteUser',
  ])
  expect([...group.members.keys()]).toEqual([alice, bob])
  expect(tg.count(carol, group, ({ action }) => action?._ === 'messageActionChatDeleteUser')).toBe(1)
  const full = await gj.invoke(new Api.messages.GetFullChat({ chatId: gramLong(group.id) }))
  expect(full.fullChat.about).toBe('Where to')
  await mt.call({ _: 'messages.migrateChat', chatId: Number(group.id) })
  const channel = newest(all, 'channel')
  const target = await entityOf(all, channel)
  await gj.sendMessage(target, { message: 'after' })
  await told('updateNewChannelMessage', { message: expect.objectContaining({ message: 'after' }) })
  const history = await mt.getHistory(marked(channel))
  expect(textsOf(history)).toEqual(['', 'after'])
  await expect(gj.sendMessage(chat, { message: 'too late' })).rejects.toThrow('PEER_ID_INVALID')
})

test('a supergroup of GramJS: members, administrators, links, edits, reads, pins', async () => {
  const all = await exchange()
  const { tg, alice, bob, mt, gj, told, events } = all
  await gj.invoke(new Api.channels.CreateChannel({ title: 'Club', about: 'for all', megagroup: true }))
  const club = newest(all, 'channel')
  const target = await entityOf(all, club)
  await gj.invoke(new Api.channels.InviteToChannel({ channel: target, users: ['alice'] }))
  await told('updateChannel')
  const sent = await mt.sendText(marked(club), 'here I am')
  const [got] = await gj.getMessages(target, { limit: 1 })
  expect([got?.message, got?.id]).toEqual(['here I am', sent.id])
  const answer = await gj.sendMessage(target, { message: 'welcome', replyTo: sent.id })
  await gj.editMessage(target, { message: answer.id, text: 'welcome!' })
  await told('updateEditChannelMessage', { message: expect.objectContaining({ message: 'welcome!' }) })
  await mt.readHistory(marked(club), { maxId: answer.id })
  await expect.poll(() => events.map(({ className }) => className)).toContain('UpdateReadChannelOutbox')
  await mt.sendReaction({ chatId: marked(club), message: answer.id, emoji: '🎉' })
  await gj.pinMessage(target, sent.id)
  await told('updatePinnedChannelMessages')
  expect(tg.view(alice, club).find(({ id }) => id === sent.id)?.pinned).toBe(true)
  await expect(
    mt
      .setChatTitle(marked(club), 'Mine')
      .then(() => mt.editAdminRights({ chatId: marked(club), userId: 'bobby', rights: {} })),
  ).rejects.toThrow('CHAT_ADMIN_REQUIRED')
  const adminRights = new Api.ChatAdminRights({ changeInfo: true, inviteUsers: true, banUsers: true })
  await gj.invoke(new Api.channels.EditAdmin({ channel: target, userId: 'alice', adminRights, rank: 'boss' }))
  const link = await mt.createInviteLink(marked(club))
  await mt.leaveChat(marked(club))
  expect(club.members.has(alice)).toBe(false)
  await mt.joinChat(link.link)
  const members = await mt.getChatMembers(marked(club))
  expect(members.map(({ user, status }) => [user.id, status])).toContainEqual([Number(bob.id), 'creator'])
  await mt.deleteMessagesById(marked(club), [sent.id])
  await expect.poll(() => events.map(({ className }) => className)).toContain('UpdateDeleteChannelMessages')
  expect(actionsOf(tg.view(bob, club))).toEqual([
    'messageActionChannelCreate',
    'messageActionChatAddUser',
    'messageActionPinMessage',
    'messageActionChatEditTitle',
    'messageActionChatDeleteUser',
    'messageActionChatJoinedByLink',
  ])
})

test('a broadcast channel: one writes, the other reads', async () => {
  const all = await exchange()
  const { tg, bob, mt, gj } = all
  await mt.createChannel({ title: 'News' })
  const news = newest(all, 'channel')
  tg.enter(news, bob)
  await mt.sendText(marked(news), 'today')
  const target = await entityOf(all, news)
  const [post] = await gj.getMessages(target, { limit: 1 })
  expect([post?.message, post?.post, post?.fromId]).toEqual(['today', true, null])
  await expect(gj.sendMessage(target, { message: 'x' })).rejects.toThrow('CHAT_WRITE_FORBIDDEN')
})

test('topics of a forum, made and filled by both', async () => {
  const all = await exchange()
  const { tg, alice, bob, mt, gj } = all
  const forum = tg.forum({ title: 'Forum', members: [bob, alice] })
  const target = await entityOf(all, forum)
  await gj.invoke(
    new Api.channels.CreateForumTopic({ channel: target, title: 'Food', randomId: gramLong(11n) }),
  )
  await mt.findDialogs([marked(forum)])
  const made = await mt.createForumTopic({ chatId: marked(forum), title: 'Drinks' })
  const topics = await mt.getForumTopics(marked(forum))
  expect(topics.map(({ title }) => title)).toEqual(['Drinks', 'Food', 'General'])
  const food = topics.find(({ title }) => title === 'Food')?.id ?? 0
  const soup = await mt.sendText(marked(forum), 'soup', { threadId: food })
  const replyTo = new Api.InputReplyToMessage({ replyToMsgId: soup.id, topMsgId: food })
  await gj.invoke(
    new Api.messages.SendMessage({ peer: target, message: 'again?', replyTo, randomId: gramLong(12n) }),
  )
  await gj.sendMessage(target, { message: 'tea', replyTo: made.id })
  await mt.sendText(marked(forum), 'general')
  expect(
    tg
      .view(alice, forum)
      .slice(-4)
      .map(({ text, topic, replyTo: to }) => [text, topic, to]),
  ).toEqual([
    ['soup', food, undefined],
    ['again?', food, soup.id],
    ['tea', made.id, undefined],
    ['general', 1, undefined],
  ])
  const inFood = await gj.getMessages(target, { replyTo: food })
  expect([...inFood].map(({ message }) => message).slice(0, 2)).toEqual(['again?', 'soup'])
  await mt.editForumTopic({ chatId: marked(forum), topicId: made.id, title: 'Beverages' })
  expect(forum.topics.get(made.id)?.title).toBe('Beverages')
})

const DIFFERENCE = { method: 'updates.getDifference' }

test('what happened while a client was away comes in order, once, in slices', async () => {
  const { wire, tg, alice, bob } = await exchange({ differenceSlice: 2, channelDifferenceSlice: 2 })
  const group = tg.supergroup({ title: 'G', members: [alice, bob] })
  const storage = new MemoryStorage()
  const login = { authKey: wire.preauth(alice.id), userId: alice.id }
  const seen: string[] = []
  const open = async (first: boolean) => {
    const client = await mtcute(wire, { storage, ...(first ? { login } : {}) })
    client.onRawUpdate.add(({ update }) => {
      const message =
        update._ === 'updateNewMessage' || update._ === 'updateNewChannelMessage' ? update.message : undefined
      if (message?._ === 'message') seen.push(message.message)
    })
    const before = wire.journal.calls(DIFFERENCE).length
    await client.start({})
    // Until its first difference has come, mtcute takes no notice of pushes.
    await expect.poll(() => wire.journal.calls(DIFFERENCE).length).toBeGreaterThan(before)
    return client
  }
  const online = await open(true)
  tg.say(bob, alice, 'live')
  tg.say(bob, group, 'live in G')
  await expect.poll(() => seen).toEqual(['live', 'live in G'])
  await online.destroy()
  for (let i = 1; i <= 5; i++) {
    tg.say(bob, alice, `d${i}`)
    tg.say(bob, group, `g${i}`)
  }
  const again = await open(false)
  await expect.poll(() => seen.length).toBe(12)
  const of = (letter: string) => seen.filter((text) => text.startsWith(letter))
  expect([of('d'), of('g')]).toEqual([
    ['d1', 'd2', 'd3', 'd4', 'd5'],
    ['g1', 'g2', 'g3', 'g4', 'g5'],
  ])
  tg.say(bob, alice, 'back')
  await expect.poll(() => seen.at(-1)).toBe('back')
  expect(seen).toHaveLength(13)
  await again.destroy()
})
