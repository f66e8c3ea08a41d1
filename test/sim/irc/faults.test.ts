import { expect, test } from 'vitest'
import { EVERY, start } from './test-server.ts'
import { TestSocket } from './test-socket.ts'
import { waitUntil } from './wait.ts'

async function pair(options = {}) {
  const server = await start(options)
  const bob = await server.client('bob')
  bob.join('#tea')
  const alice = await new TestSocket(server).register('alice', EVERY)
  await alice.ask('JOIN #tea')
  return { server, alice, bob, heard: () => bob.said('#tea').map(({ text }) => text) }
}

const three = ['@label=1 PRIVMSG #tea :one', '@label=2 PRIVMSG #tea :two', '@label=3 PRIVMSG #tea :three']

test('a drop before and a drop after the k-th message differ by that message only', async () => {
  for (const [when, expected] of [
    ['before', ['one']],
    ['after', ['one', 'two']],
  ] as const) {
    const { server, alice, bob, heard } = await pair()
    if (when === 'before') server.faults.dropBefore(2, 'alice')
    else server.faults.dropAfter(2, 'alice')
    bob.say('#tea', 'not counted')
    alice.write(...three)
    await alice.gone()
    expect(heard()).toEqual(expected)
    expect(
      server.journal.filter(({ nick, line }) => nick === 'alice' && line.includes('PRIVMSG')),
    ).toHaveLength(expected.length)
    // The first message was answered, the second was not in either case.
    expect(
      alice.lines.filter((line) => line.tags['label'] !== undefined).map((line) => line.tags['label']),
    ).toEqual(['1'])
    expect(bob.lines.at(-1)?.command).toBe('QUIT')
  }
})

test('a multiline message is one message to the faults', async () => {
  const { server, alice, heard } = await pair()
  server.faults.dropBefore(2, 'alice')
  const batch = [
    'BATCH +1 draft/multiline #tea',
    '@batch=1 PRIVMSG #tea :a',
    '@batch=1 PRIVMSG #tea :b',
    'BATCH -1',
  ]
  alice.write(...batch, 'PRIVMSG #tea :second')
  await alice.gone()
  expect(heard()).toEqual(['a\nb'])
})

test('reset ends a connection with RST; kill without a word', async () => {
  const { server, alice } = await pair()
  const other = await new TestSocket(server).register('other')
  server.faults.reset('alice')
  server.kill('other')
  await Promise.all([alice.gone(), other.gone()])
  expect(alice.error).toBe('ECONNRESET')
  expect(other.error).toBeUndefined()
  expect(other.all('ERROR')).toEqual([])
})

test('a stalled client is neither read nor answered until it is resumed', async () => {
  const { server, alice, bob, heard } = await pair()
  server.faults.stall('alice')
  alice.write('PRIVMSG #tea :stuck')
  bob.say('#tea', 'unseen')
  const other = await new TestSocket(server).register('other')
  await other.fence()
  expect(heard()).toEqual([])
  expect(alice.all('PRIVMSG')).toEqual([])
  server.faults.resume('alice')
  await alice.fence()
  expect(heard()).toEqual(['stuck'])
  expect(alice.all('PRIVMSG').map((line) => line.params[1])).toEqual(['unseen', 'stuck'])
})

test('echoes can be altered, cut or missing, while others see the text', async () => {
  const { server, alice, heard } = await pair()
  server.faults.echo('alter', { nick: 'alice', count: 1 })
  server.faults.echo('truncate', { nick: 'alice', from: 2, count: 1 })
  server.faults.echo('never', { nick: 'alice', from: 3 })
  const lines = await alice.ask(...three)
  expect(lines.map((line) => [line.tags['label'], line.command, line.params[1]])).toEqual([
    ['1', 'PRIVMSG', 'one (altered)'],
    ['2', 'PRIVMSG', 't'],
    ['3', 'ACK', undefined],
  ])
  expect(heard()).toEqual(['one', 'two', 'three'])
})

test('answers can lose their label or come after the fence', async () => {
  const { server, alice } = await pair()
  server.faults.withoutLabel({ count: 1 })
  server.faults.afterFence({ from: 2, count: 1 })
  const since = alice.lines.length
  alice.write(...three.slice(0, 2), 'PING x')
  await alice.fence()
  expect(alice.lines.slice(since).map((line) => [line.command, line.tags['label']])).toEqual([
    ['PRIVMSG', undefined],
    ['PONG', undefined],
    ['PRIVMSG', '2'],
    ['PONG', undefined],
  ])
})

test('messages can be refused, or refused late', async () => {
  const { server, alice, heard } = await pair()
  server.faults.refuse('263', 'Please wait a while and try again.', { count: 1 })
  expect((await alice.ask(...three.slice(0, 1)))[0]).toMatchObject({ command: '263', tags: { label: '1' } })
  expect(heard()).toEqual([])
  server.faults.late401(1, { nick: 'alice' })
  const lines = await alice.ask('@label=g PRIVMSG faraway :hello')
  expect(lines[0]).toMatchObject({ command: 'PRIVMSG', tags: { label: 'g' } })
  expect((await alice.got('401')).params[1]).toBe('faraway')
})

test.each(['byte', 'utf8-cut', 'line-cut', 'line', 'coalesced'] as const)(
  'packets cut by %s carry the same',
  async (shape) => {
    const { server, alice, bob } = await pair()
    server.faults.writes(shape, 'alice')
    const before = alice.chunks.length
    bob.say('#tea', 'größe 🫖')
    bob.say('#tea', 'und noch eine')
    await alice.fence()
    expect(alice.all('PRIVMSG').map((line) => line.params[1])).toEqual(['größe 🫖', 'und noch eine'])
    if (shape === 'byte') expect(alice.chunks.slice(before).some((chunk) => chunk.length === 1)).toBe(true)
  },
)

test('raw bytes, bad lines and endless lines reach the client as they are', async () => {
  const { server, alice } = await pair()
  const before = alice.chunks.length
  server.faults.invalidUtf8('alice')
  server.faults.missingParameters('alice')
  server.faults.strangeLines('alice')
  server.faults.endlessLine('alice', 20_000)
  const bytes = () => Buffer.concat(alice.chunks.slice(before))
  await waitUntil(() => bytes().length > 20_000, 'all bytes')
  expect(bytes().includes(Buffer.from([0xe9, 0x20, 0xff, 0xfe]))).toBe(true)
  expect(alice.lines.some((line) => line.command === 'PRIVMSG' && line.params.length === 0)).toBe(true)
  expect(bytes().at(-1)).toBe('x'.charCodeAt(0))
})

test('connections can be refused, ignored, or dropped once welcome', async () => {
  const server = await start()
  server.faults.refuseConnections('kline')
  const banned = new TestSocket(server)
  await banned.gone()
  expect(banned.lines.map((line) => line.command)).toEqual(['465', 'ERROR'])
  server.faults.refuseConnections({ text: 'Trying to reconnect too fast.' })
  const fast = new TestSocket(server)
  await fast.gone()
  expect(fast.lines[0]?.params).toEqual(['Trying to reconnect too fast.'])
  server.faults.acceptSilently()
  const silent = new TestSocket(server)
  silent.write('PING x')
  await waitUntil(() => silent.socket.readyState === 'open', 'the connection')
  server.faults.dropAtWelcome()
  const dropped = new TestSocket(server)
  dropped.write('NICK a', 'USER a 0 * :a')
  await dropped.gone()
  expect(dropped.all('001')).toHaveLength(1)
  expect(silent.lines).toEqual([])
  silent.socket.destroy()
})

test('nicks and capabilities can be refused', async () => {
  const server = await start()
  server.faults.nickInUse('Alice')
  server.faults.nickInUse('held', '437')
  server.faults.nak('batch')
  const socket = new TestSocket(server)
  const lines = await socket.ask('NICK alice', 'NICK held', 'CAP REQ :batch')
  expect(lines.map((line) => line.command)).toEqual(['433', '437', 'CAP'])
  expect(lines[2]?.params[1]).toBe('NAK')
  server.faults.clear()
  expect((await socket.ask('NICK alice', 'CAP REQ :batch'))[0]?.params[1]).toBe('ACK')
})

test('over the flood limit the server waits, and loses nothing', async () => {
  const { alice, heard } = await pair({ flood: { burst: 3, perSecond: 200, over: 'wait' } })
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`)
  alice.write(...texts.map((text) => `PRIVMSG #tea :${text}`))
  await alice.fence()
  expect(heard()).toEqual(texts)
})

test('or it kills with Excess Flood, having processed the first lines', async () => {
  const { alice, heard } = await pair({ flood: { burst: 10, perSecond: 0.001, over: 'kill' } })
  alice.write(...Array.from({ length: 30 }, (_, i) => `PRIVMSG #tea :${i}`))
  await alice.gone()
  expect(alice.all('ERROR')[0]?.params[0]).toContain('Excess Flood')
  expect(heard().length).toBeGreaterThan(0)
  expect(heard().length).toBeLessThanOrEqual(10)
})
