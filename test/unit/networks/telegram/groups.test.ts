import { afterEach, beforeEach, expect, test } from 'vitest'
import { buffer } from 'node:stream/consumers'
import { matrixUserId, portalId, remoteChatId, remoteMessageId } from '../../../../src/model/ids.ts'
import type { Login } from '../../../../src/model/network.ts'
import type { RemoteChat } from '../../../../src/model/remote-event.ts'
import { TelegramConnector } from '../../../../src/networks/telegram/connector.ts'
import type { Account } from '../../../sim/telegram/world/index.ts'
import { linkOf } from '../../../sim/telegram/world/invite.ts'
import { LedgerHost } from '../../../support/ledger-host.ts'
import { loggedIn, startTelegram } from '../../../support/telegram.ts'
import type { TestTelegram } from '../../../support/telegram.ts'
import { request, target } from '../irc/fake-host.ts'

let telegram: TestTelegram
let host: LedgerHost
let connector: TelegramConnector
let alice: Account
let bob: Account
let carol: Account
let logins: Login[]

beforeEach(async () => {
  telegram = await startTelegram()
  const { tg } = telegram
  alice = tg.user({ firstName: 'Alice', phone: '100', username: 'alice' })
  bob = tg.user({ firstName: 'Bob', phone: '200', username: 'bobby' })
  carol = tg.user({ firstName: 'Carol', phone: '300', username: 'carol' })
  host = new LedgerHost()
  logins = []
})

afterEach(async () => {
  await connector.stop(500)
  await telegram.wire.stop()
  expect(telegram.wire.journal.problems).toEqual([])
})

async function start(...accounts: Account[]): Promise<void> {
  for (const [at, account] of accounts.entries()) {
    const kept = await host.login(
      at + 1,
      account.firstName.toLowerCase(),
      String(account.id),
      loggedIn(telegram.wire, account),
    )
    logins.push({ ...kept, network: 'telegram' })
  }
  host.saved.splice(0, host.saved.length, ...logins)
  connector = new TelegramConnector(telegram.config, { backoffMs: 10 })
  await connector.start(host)
  const isUp = () => connector.status().every(({ state }) => state === 'connected')
  await host.until(() => connector.status().length === accounts.length && isUp(), 'the connections')
}

const chat = (id: string, type: RemoteChat['type'] = 'group'): RemoteChat => ({
  network: 'telegram',
  id: remoteChatId(id),
  type,
})
const login = (at = 0) => {
  const found = logins[at]
  if (found === undefined) throw new Error('no login')
  return found
}
const messages = (id: string) => host.of('message').filter((event) => event.chat.id === id)

test('two accounts of the bridge in a basic group: everything once, and each can answer', async () => {
  const { tg } = telegram
  const group = tg.group({ title: 'Three', members: [bob, alice, carol] })
  await start(alice, carol)
  const post = tg.say(bob, group, 'hello you two')
  const id = `chat:${group.id}`
  const aliasOf = (of: string | undefined) => host.of('alias').filter((each) => each.target === of)
  await host.until(
    () => host.bodies(id).length === 1 && aliasOf(messages(id)[0]?.id).length === 2,
    'the message, and the numbers that both have for it',
  )
  const [message] = messages(id)
  expect(host.of('info').filter((event) => event.chat.id === id)).toHaveLength(1)
  // Each account answers under the number that it has itself.
  const ids = aliasOf(message?.id).flatMap((alias) => alias.ids)
  for (const [at, words] of ['mine', 'hers'].entries()) {
    const action = {
      kind: 'message' as const,
      content: { kind: 'text' as const, style: 'text' as const, body: words },
      replyTo: target(ids),
    }
    expect(await connector.send(request({ chat: chat(id), login: login(at), action }))).toMatchObject({
      kind: 'delivered',
    })
    const seen = tg.view(bob, group).find(({ text }) => text === words)
    expect(seen?.replyTo).toBe(post.idFor(bob))
  }
  tg.say(bob, group, 'thanks')
  await host.until(() => host.bodies(id).includes('thanks'), 'the thanks')
  expect(host.bodies(id)).toEqual(['hello you two', 'thanks'])
})

test('two accounts of the bridge in a supergroup: what one sends comes back through none', async () => {
  const { tg } = telegram
  const group = tg.supergroup({ title: 'Big', members: [bob, alice, carol] })
  await start(alice, carol)
  const id = `channel:${group.id}`
  await connector.send(request({ chat: chat(id), login: login(0), action: 'by the bridge' }))
  tg.say(carol, group, 'by her phone')
  tg.say(bob, group, 'by bob')
  await host.until(() => host.bodies(id).length >= 2, 'the others')
  tg.say(bob, group, 'the end')
  await host.until(() => host.bodies(id).includes('the end'), 'the end')
  expect(host.bodies(id)).toEqual(['by her phone', 'by bob', 'the end'])
  expect(messages(id)[0]?.sender).toMatchObject({ id: `user:${carol.id}`, self: login(1).id })
})

test('topics of a forum are conversations of their own', async () => {
  const { tg } = telegram
  const forum = tg.forum({ title: 'Forum', members: [bob, alice] })
  const topic = tg.createTopic(bob, forum, 'Cats')
  await start(alice)
  tg.say(bob, forum, { text: 'meow', topic })
  tg.say(bob, forum, 'general talk')
  const cats = `channel:${forum.id}/${topic.channelId}`
  await host.until(
    () => host.bodies(cats).includes('meow') && host.bodies(`channel:${forum.id}/1`).length > 0,
    'both',
  )
  expect(messages(cats)[0]?.chat).toMatchObject({
    name: 'Cats',
    parent: { id: `channel:${forum.id}`, name: 'Forum' },
  })
  expect(await connector.send(request({ chat: chat(cats), login: login(), action: 'purr' }))).toMatchObject({
    kind: 'delivered',
  })
  expect(tg.view(bob, forum).find(({ text }) => text === 'purr')?.topic).toBe(topic.channelId)
})

test('a group that becomes a supergroup goes on in the same room', async () => {
  const { tg } = telegram
  const group = tg.group({ title: 'Small', members: [bob, alice] })
  await start(alice)
  tg.say(bob, group, 'before')
  await host.until(() => host.bodies(`chat:${group.id}`).includes('before'), 'a message')
  const channel = tg.migrate(bob, group)
  await host.until(() => host.of('moved').length > 0, 'the move')
  expect(host.of('moved')[0]).toMatchObject({
    chat: { id: `chat:${group.id}` },
    to: { id: `channel:${channel.id}` },
  })
  tg.say(bob, channel, 'after')
  await host.until(() => host.bodies(`channel:${channel.id}`).includes('after'), 'what comes after')
})

test('a new group comes with its description, members and their power', async () => {
  const { tg } = telegram
  const group = tg.supergroup({ title: 'Tea', members: [bob, alice], about: 'All about tea' })
  await start(alice)
  tg.say(bob, group, 'hello')
  await host.until(() => host.of('members').length > 0 && host.of('topic').length > 0, 'the group')
  expect(host.of('topic')[0]).toMatchObject({ topic: 'All about tea' })
  const users = host.of('members')[0]?.users.map(({ id }) => id)
  expect(users?.toSorted()).toEqual([`user:${alice.id}`, `user:${bob.id}`].toSorted())
  expect(host.of('power')[0]).toMatchObject({
    users: expect.arrayContaining([
      expect.objectContaining({ level: 95, user: expect.objectContaining({ id: `user:${bob.id}` }) }),
    ]),
  })
})

test('typing and read marks, both ways', async () => {
  const { tg } = telegram
  await start(alice)
  const post = tg.say(bob, alice, 'are you there?')
  await host.until(() => host.bodies().length > 0, 'the message')
  const direct = { portal: portalId(1), chat: messages(`user:${bob.id}`)[0]?.chat ?? chat('user:1', 'dm') }
  connector.hint({
    kind: 'read',
    chat: direct,
    by: login(),
    upTo: messages(`user:${bob.id}`)[0]?.id ?? remoteMessageId('1'),
  })
  await host.until(() => tg.view(bob, alice).find(({ id }) => id === post.idFor(bob))?.read, 'the read mark')
  connector.hint({ kind: 'typing', chat: direct, by: login(), typing: true })
  await host.until(
    () => telegram.wire.journal.calls({ method: 'messages.setTyping' }).length === 1,
    'the typing',
  )
  await connector.send(request({ chat: direct.chat, login: login(), action: 'yes' }))
  tg.typing(bob, alice)
  tg.read(bob, alice)
  await host.until(
    () => host.hints.some(({ kind }) => kind === 'typing') && host.hints.some(({ kind }) => kind === 'read'),
    'both hints',
  )
})

test('a file whose reference has expired is fetched by a new one', async () => {
  const { tg } = telegram
  await start(alice)
  const bytes = Buffer.alloc(1_300_000, 'telegram')
  tg.say(bob, alice, { text: 'read', media: tg.media.file(bytes, { name: 'a.txt', mimeType: 'text/plain' }) })
  await host.until(() => host.of('message').length > 0, 'the message')
  const [event] = host.of('message')
  if (event?.content.kind !== 'media' || event.content.source.at !== 'remote') throw new Error('no file')
  const { ref } = event.content.source
  const first = await connector.fetchMedia(event.chat, ref)
  tg.expireFileReferences()
  expect((await buffer(first.stream)).equals(bytes)).toBe(true)
  expect(first.sizeBytes).toBe(bytes.length)
})

test('a bot that may speak for others does', async () => {
  const { tg } = telegram
  const bot = tg.user({ firstName: 'Relay', botToken: '77:abcdefgh', username: 'relaybot' })
  const group = tg.supergroup({ title: 'Tea', members: [bob, bot] })
  telegram.config.relayBots = [Number(bot.id)]
  await start(bot)
  const id = `channel:${group.id}`
  tg.say(bob, group, 'hello')
  await host.until(() => host.bodies(id).includes('hello'), 'the message')
  expect(connector.canRelay(chat(id))).toBe(true)
  expect(await connector.send(request({ chat: chat(id), name: 'Dora', action: 'hi there' }))).toMatchObject({
    kind: 'delivered',
  })
  expect(tg.view(bob, group).at(-1)?.text).toBe('Dora: hi there')
})

test('people are found, groups are entered and left', async () => {
  const { tg } = telegram
  const open = tg.supergroup({ title: 'Open house', members: [bob], username: 'openhouse' })
  const closed = tg.supergroup({ title: 'Closed', members: [bob] })
  const link = linkOf(tg.invite(bob, closed))
  await start(alice)
  const by = { user: matrixUserId('@alice:hs.example'), name: 'alice', login: login() }
  expect(await connector.find(login(), '@bobby')).toMatchObject({
    id: `user:${bob.id}`,
    name: 'Bob',
    chat: { id: `user:${bob.id}`, type: 'dm' },
  })
  await expect(connector.find(login(), '@nobodyatall')).rejects.toThrow('Nobody on Telegram')
  expect(await connector.join(by, '@openhouse')).toMatchObject({
    id: `channel:${open.id}`,
    name: 'Open house',
  })
  expect(await connector.join(by, link)).toMatchObject({ id: `channel:${closed.id}` })
  expect(connector.serves(login(), chat(`channel:${closed.id}`))).toBe(true)
  expect(await connector.list(login(), 'open')).toMatchObject([{ id: '@openhouse', name: 'Open house' }])
  await connector.leave(by, chat(`channel:${closed.id}`))
  expect(closed.members.has(alice)).toBe(false)
})

test('the server asks to wait: the account waits, and it is seen', async () => {
  const { tg } = telegram
  tg.say(bob, alice, 'hello')
  await start(alice)
  await host.until(() => host.bodies().length > 0, 'the message')
  tg.flood('messages.sendMessage', 300)
  const direct = messages(`user:${bob.id}`)[0]?.chat ?? chat('user:1', 'dm')
  const outcome = await connector.send(request({ chat: direct, login: login(), action: 'hi' }))
  expect(outcome).toMatchObject({ kind: 'retry', afterMs: 300_000 })
  expect(connector.status()[0]).toMatchObject({
    state: 'connected',
    text: expect.stringContaining('wait 5 minutes'),
  })
  const calls = telegram.wire.journal.calls({ method: 'messages.sendMessage' }).length
  expect(await connector.send(request({ chat: direct, login: login(), action: 'hi again' }))).toMatchObject({
    kind: 'retry',
  })
  expect(telegram.wire.journal.calls({ method: 'messages.sendMessage' })).toHaveLength(calls)
})

test.each([1, 2])(
  'what is read of a basic group after the connection was lost is brought, of %i accounts',
  async (n) => {
    const { tg, wire } = telegram
    const basic = tg.group({ title: 'Basic', members: [bob, alice, carol] })
    tg.say(bob, basic, 'first')
    await start(...[alice, carol].slice(0, n))
    const heard = () => host.bodies(`chat:${basic.id}`)
    await host.until(() => heard().includes('first'), 'the first words')
    // The ledger is slow, so that what has come is read later.
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let waits = 0
    const { accept } = host
    host.accept = async (events) => {
      waits += 1
      await held
      await accept(events)
    }
    tg.say(bob, basic, 'one')
    await host.until(() => waits > 0, 'the ledger to be asked')
    tg.say(bob, basic, 'two')
    tg.say(bob, alice, 'beside it')
    await new Promise((resolve) => setTimeout(resolve, 100))
    await wire.stop()
    await host.until(() => connector.status().every(({ state }) => state !== 'connected'), 'the loss')
    release()
    await host.until(() => host.bodies(`user:${bob.id}`).includes('beside it'), 'what was said after it')
    expect(heard()).toEqual(['first', 'one', 'two'])
  },
)
