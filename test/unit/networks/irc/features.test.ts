import { expect, test } from 'vitest'
import { matrixUserId, remoteMessageId, remoteUserId } from '../../../../src/model/ids.ts'
import { request, target } from './fake-host.ts'
import { channelChat, connected, directChat, inChannels, world } from './setup.ts'
import type { SimIrcOptions } from '../../../sim/irc/index.ts'
import type { IrcNetworkConfig } from '../../../../src/networks/irc/config.ts'

const TEA = channelChat('#tea')

async function tea(options: SimIrcOptions = {}, changes: Partial<IrcNetworkConfig> = {}) {
  const w = await world({ caps: 'all', ...options }, changes)
  const alice = await w.host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await w.server.client('bob')
  bob.join('#tea')
  await w.connector.start(w.host)
  await connected(w, alice, '#tea')
  const send = (
    action: Parameters<typeof request>[0]['action'],
    o: Partial<Parameters<typeof request>[0]> = {},
  ) => w.connector.send(request({ chat: TEA, login: alice, action, ...o }))
  return { ...w, w, alice, bob, send }
}

test('replies, reactions, their removal and redactions are tags and commands', async () => {
  const { bob, host, send, connector, alice } = await tea()
  expect(connector.capabilities(TEA, alice)).toMatchObject({
    reactions: 'native',
    redactions: 'native',
    replies: 'native',
    edits: 'text',
    typing: true,
  })
  bob.say('#tea', 'question')
  await host.until(() => host.bodies().length === 1, 'the question')
  const id = host.of('message')[0]?.id ?? remoteMessageId('')
  const answered = await send({
    kind: 'message',
    content: { kind: 'text', style: 'text', body: 'answer' },
    replyTo: target([id]),
  })
  expect(bob.said('#tea').at(-1)).toMatchObject({
    text: 'answer',
    tags: { '+reply': id, '+draft/reply': id },
  })
  expect(await send({ kind: 'reaction', target: target([id]), key: '👍' })).toMatchObject({
    kind: 'delivered',
  })
  expect(await send({ kind: 'reaction-removal', target: target([id]), key: '👍' })).toMatchObject({
    kind: 'delivered',
  })
  const tags = bob.lines.filter(({ command }) => command === 'TAGMSG').map((line) => line.tags)
  expect(tags).toMatchObject([
    { '+draft/react': '👍', '+reply': id },
    { '+draft/unreact': '👍', '+reply': id },
  ])
  const own = answered.kind === 'delivered' ? answered.remoteIds : []
  expect(await send({ kind: 'redaction', target: target(own), reason: 'typo' })).toMatchObject({
    kind: 'delivered',
  })
  expect(bob.lines.findLast(({ command }) => command === 'REDACT')?.params).toEqual(['#tea', own[0], 'typo'])
  expect(host.bodies()).toEqual(['question'])

  bob.reply('#tea', own[0] ?? '', 'thanks')
  bob.react('#tea', own[0] ?? '', '🎉')
  bob.unreact('#tea', own[0] ?? '', '🎉')
  bob.typing('#tea', 'active')
  await host.until(() => host.of('reaction-removal').length === 1 && host.hints.length > 0, 'tags')
  expect(host.of('message').at(-1)).toMatchObject({ replyTo: own[0] })
  expect(host.of('reaction')[0]).toMatchObject({ target: own[0], key: '🎉' })
  expect(host.of('reaction-removal')[0]).toMatchObject({ target: own[0], key: '🎉' })
  expect(host.hints[0]).toMatchObject({ kind: 'typing', typing: true, user: { id: 'sim/bob' } })
  const asked = bob.said('#tea').length
  bob.say('#tea', 'oops')
  await host.until(() => host.bodies().includes('oops'), 'a line to redact')
  const oops = host.of('message').at(-1)?.id ?? ''
  bob.redact('#tea', oops, 'sorry')
  await host.until(() => host.of('redaction').length === 1, 'a redaction')
  expect(host.of('redaction')[0]).toMatchObject({ target: oops, reason: 'sorry' })
  expect(bob.said('#tea')).toHaveLength(asked)
})

test('without tags a reply says whom it answers, and a reaction is an action', async () => {
  const { bob, send, connector, alice } = await tea({ caps: 'none' })
  expect(connector.capabilities(TEA, alice)).toMatchObject({
    reactions: 'text',
    redactions: 'text',
    replies: 'text',
  })
  const to = target([remoteMessageId(':x.1')], { authorName: 'bob', excerpt: 'what is it?' })
  await send({ kind: 'message', content: { kind: 'text', style: 'text', body: 'tea' }, replyTo: to })
  await send({ kind: 'reaction', target: to, key: '👍' })
  expect(bob.said('#tea').map(({ text }) => text)).toEqual([
    'bob: tea',
    '\x01ACTION reacted 👍 to bob: "what is it?"\x01',
  ])
})

test('several lines are one multiline message where there is such a thing, else lines, in order', async () => {
  const body = 'one\ntwo\n\nfour'
  const { bob, send } = await tea()
  expect(await send(body)).toMatchObject({ kind: 'delivered', remoteIds: [expect.any(String)] })
  expect(bob.said('#tea').map(({ text }) => text)).toEqual(['one\ntwo\n \nfour'])
  const plain = await tea({ caps: 'none' })
  const saves: unknown[] = []
  expect(await plain.send(body, { saves })).toMatchObject({ kind: 'delivered', remoteIds: { length: 4 } })
  expect(plain.bob.said('#tea').map(({ text }) => text)).toEqual(['one', 'two', ' ', 'four'])
  expect(saves).toHaveLength(4)
})

test.each(['MULTILINE_MAX_LINES', 'MULTILINE_INVALID'])(
  'a multiline message that is refused with %s goes as lines',
  async (code) => {
    const { bob, server, send, host } = await tea()
    server.faults.refuseMultiline(code)
    const saves: unknown[] = []
    expect(await send('one\ntwo\n\nfour', { saves })).toMatchObject({
      kind: 'delivered',
      remoteIds: { length: 4 },
    })
    expect(bob.said('#tea').map(({ text }) => text)).toEqual(['one', 'two', ' ', 'four'])
    expect(saves).toHaveLength(5)
    expect(await send('five\nsix')).toMatchObject({ kind: 'delivered', remoteIds: { length: 1 } })
    expect(host.bodies()).toEqual([])
  },
)

test('a text over many lines goes as its beginning and a link; without a link in full', async () => {
  const body = Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n')
  const { bob, host, send } = await tea({ caps: 'none' })
  host.link = 'https://hs.example/text/1'
  expect(await send(body)).toMatchObject({ kind: 'delivered', note: expect.stringContaining('link') })
  expect(bob.said('#tea').map(({ text }) => text)).toEqual(['line 0', '… https://hs.example/text/1'])
  host.link = undefined
  await send(body)
  expect(bob.said('#tea')).toHaveLength(2 + 9)
})

test('long lines arrive whole, however the server would cut them', async () => {
  for (const overlong of ['truncate', 'close', '417'] as const) {
    const { bob, send } = await tea({ overlong, caps: 'none' })
    const text = 'ä'.repeat(900)
    expect(await send(text)).toMatchObject({ kind: 'delivered' })
    expect(
      bob
        .said('#tea')
        .map((said) => said.text)
        .join(''),
    ).toBe(text)
  }
})

test('what the server cuts after all comes as a line of its own', async () => {
  const { bob, server, send } = await tea({
    caps: ['echo-message', 'labeled-response', 'batch', 'message-tags'],
  })
  server.faults.echo('truncate', { nick: 'alice', count: 1 })
  expect(await send('first half|second half')).toMatchObject({ kind: 'delivered', remoteIds: { length: 2 } })
  expect(bob.said('#tea').map(({ text }) => text)).toEqual(['first half|second half', 'second half'])
})

test('refusals are rejections, with the words of the server; later ones come as late', async () => {
  const { bob, server, host, send } = await tea()
  bob.mode('#tea', '+m')
  expect(await send('muted')).toMatchObject({ kind: 'rejected', why: expect.stringContaining('404') })
  bob.mode('#tea', '-m')
  server.faults.late401(50, { nick: 'alice', count: 1 })
  expect(await send('to nobody')).toMatchObject({ kind: 'delivered' })
  await host.until(() => host.lates.length === 1, 'a late refusal')
  expect(host.lates[0]?.outcome).toMatchObject({ kind: 'rejected' })
})

test.each([
  ['all', 'withoutLabel'],
  ['all', 'afterFence'],
  [['echo-message', 'message-tags'], 'afterFence'],
] as const)('answers that lack something do not stop a message: %s %s', async (caps, fault) => {
  const { bob, server, host, send } = await tea({ caps: typeof caps === 'string' ? caps : [...caps] })
  server.faults[fault]({ nick: 'alice', count: 1 })
  expect(await send('hello')).toMatchObject({ kind: 'delivered' })
  expect(await send('again')).toMatchObject({ kind: 'delivered' })
  expect(bob.said('#tea').map(({ text }) => text)).toEqual(['hello', 'again'])
  bob.say('#tea', 'end')
  await host.until(() => host.bodies().includes('end'), 'the end')
  expect(host.bodies()).toEqual(['end'])
})

test('another client of the same account speaks as the user', async () => {
  const { alice, host, server } = await tea()
  server.faults.raw('alice', ':alice!alice@127.0.0.1 PRIVMSG #tea :from my phone\r\n')
  await host.until(() => host.bodies().length === 1, 'the line')
  expect(host.of('message')[0]?.sender).toMatchObject({ id: 'sim/alice', self: alice.id })
})

test('a puppet enters a channel to speak in it, and is told why it cannot', async () => {
  const { bob, connector, alice, server } = await tea()
  bob.join('#other')
  const send = (name: string) =>
    connector.send(request({ chat: channelChat(name), login: alice, action: 'hi' }))
  expect(await send('#other')).toMatchObject({ kind: 'delivered' })
  expect(bob.said('#other')).toHaveLength(1)
  bob.join('#closed')
  bob.mode('#closed', '+i')
  expect(await send('#closed')).toMatchObject({ kind: 'rejected', code: '473' })
  bob.kick('#tea', 'alice', 'out')
  expect(await send('#tea')).toMatchObject({ kind: 'rejected', why: expect.stringContaining('out') })
  await connector.join({ user: alice.owner, name: 'alice', login: alice }, '#tea')
  expect(await send('#tea')).toMatchObject({ kind: 'delivered' })
  expect(server.channel('#tea')?.members.map(({ nick }) => nick)).toContain('alice')
})

test('topic, kick, ban, ranks and invitations are commands; without being operator they are refused', async () => {
  const { bob, send, server, host } = await tea()
  const remote = remoteUserId('sim/bob')
  const user = matrixUserId('@ghost:hs.example')
  const kick = { kind: 'membership', user, remote, change: 'kick', reason: 'enough' } as const
  expect(await send(kick)).toMatchObject({ kind: 'rejected', why: expect.stringContaining('482') })
  bob.mode('#tea', '+o', 'alice')
  expect(await send({ kind: 'topic', topic: 'two\nlines' })).toMatchObject({ kind: 'delivered' })
  expect(server.channel('#tea')?.topic).toBe('two lines')
  expect(await send({ kind: 'power', changes: [{ remote, level: 1 }] })).toMatchObject({ kind: 'delivered' })
  expect(server.channel('#tea')?.members.find(({ nick }) => nick === 'bob')?.prefix).toBe('+')
  expect(await send(kick)).toMatchObject({ kind: 'delivered' })
  expect(server.channel('#tea')?.members.map(({ nick }) => nick)).toEqual(['alice'])
  expect(await send({ ...kick, change: 'invite' })).toMatchObject({ kind: 'delivered' })
  await bob.waitFor((each) => each.lines.some(({ command }) => command === 'INVITE'), 'an invitation')
  expect(await send({ ...kick, change: 'ban' })).toMatchObject({ kind: 'rejected' })
  expect(server.channel('#tea')?.topic).toBe('two lines')
  expect(host.of('topic').filter(({ topic }) => topic === 'two lines')).toEqual([])
})

test('find, list, join and leave', async () => {
  const { bob, connector, alice, server } = await tea()
  expect(await connector.find(alice, 'BOB')).toMatchObject({
    id: 'sim/bob',
    name: 'bob',
    chat: directChat(alice, 'bob'),
  })
  await expect(connector.find(alice, 'nobody')).rejects.toMatchObject({ code: 'network_refused' })
  await expect(connector.find(alice, 'a b')).rejects.toMatchObject({ code: 'bad_request' })
  bob.join('#coffee')
  expect(await connector.list(alice, 'coff')).toMatchObject([{ id: '#coffee', members: 1 }])
  const by = { user: alice.owner, name: 'alice', login: alice }
  const chat = await connector.join(by, 'coffee')
  expect(chat).toMatchObject({ id: 'sim/#coffee', type: 'channel' })
  await connector.leave(by, chat)
  expect(server.channel('#coffee')?.members.map(({ nick }) => nick)).toEqual(['bob'])
})
