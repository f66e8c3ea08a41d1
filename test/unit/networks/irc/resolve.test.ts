import { expect, test } from 'vitest'
import type { SendRequest } from '../../../../src/model/network.ts'
import type { SendOutcome } from '../../../../src/model/outcome.ts'
import type { Progress } from '../../../../src/networks/irc/progress.ts'
import { request } from './fake-host.ts'
import { channelChat, connected, directChat, inChannels, world } from './setup.ts'
import type { World } from './setup.ts'

/** What the core does with a delivery until it has an end: first clears up what was begun, then sends. */
async function deliver({ connector, host }: World, row: SendRequest, saves: unknown[]): Promise<SendOutcome> {
  for (;;) {
    const progress = saves.at(-1)
    const attempt = { ...row, ...(progress !== undefined && { progress: structuredClone(progress) }) }
    let outcome: SendOutcome =
      progress === undefined ? await connector.send(attempt) : await connector.resolve(attempt)
    if (progress !== undefined && outcome.kind === 'retry' && outcome.waitsFor === undefined) {
      outcome = await connector.send({ ...attempt, progress: structuredClone(saves.at(-1)) })
    }
    if (outcome.kind !== 'retry') return outcome
    const woken = host.woken.length
    if (connector.status().some(({ state }) => state !== 'connected')) {
      await host.until(() => host.woken.length > woken, 'the login is back')
    }
  }
}

const texts = (said: { text: string }[]) => said.map(({ text }) => text)

test.each(['before', 'after'] as const)('a link that drops %s processing: history tells', async (when) => {
  const w = await world({ caps: 'all' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')
  server.faults[when === 'before' ? 'dropBefore' : 'dropAfter'](1, 'alice')
  const saves: unknown[] = []
  const row = request({ chat: channelChat('#tea'), login: alice, action: 'once', saves })
  expect(await deliver(w, row, saves)).toMatchObject({
    kind: 'delivered',
    remoteIds: [expect.stringMatching(/^m/)],
  })
  expect(texts(bob.said('#tea'))).toEqual(['once'])
})

test('a private message in doubt is found in the history of the conversation', async () => {
  const w = await world({ caps: 'all' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim')
  const bob = await server.client('bob')
  await connector.start(host)
  await connected(w, alice)
  server.faults.dropAfter(1, 'alice')
  const saves: unknown[] = []
  const row = request({ chat: directChat(alice, 'bob'), login: alice, action: 'psst', saves })
  expect(await deliver(w, row, saves)).toMatchObject({ kind: 'delivered' })
  expect(texts(bob.said('alice'))).toEqual(['psst'])
})

test.each(['before', 'after'] as const)(
  'without history a witness tells: dropped %s processing',
  async (when) => {
    const w = await world({ caps: 'none' })
    const { server, host, connector } = w
    const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
    const carol = await host.login(2, 'carol', 'sim', inChannels('#tea'))
    const bob = await server.client('bob')
    bob.join('#tea')
    await connector.start(host)
    await connected(w, alice, '#tea')
    await connected(w, carol, '#tea')
    await host.until(() => host.woken.filter(({ chat }) => chat === 'sim/#tea').length === 2, 'both are in')
    server.faults[when === 'before' ? 'dropBefore' : 'dropAfter'](1, 'alice')
    const saves: unknown[] = []
    const row = request({ chat: channelChat('#tea'), login: alice, action: 'seen?', saves })
    expect(await deliver(w, row, saves)).toMatchObject({ kind: 'delivered' })
    expect(texts(bob.said('#tea'))).toEqual(['seen?'])
  },
)

test('without history and witness it is unknown, and nothing is sent again', async () => {
  const w = await world({ caps: 'none' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')
  server.faults.dropAfter(1, 'alice')
  const saves: unknown[] = []
  const row = request({ chat: channelChat('#tea'), login: alice, action: 'hm', saves })
  expect(await deliver(w, row, saves)).toMatchObject({ kind: 'unknown' })
  expect(texts(bob.said('#tea'))).toEqual(['hm'])
})

test('where the settings say so it is sent once more, and the sender learns that', async () => {
  const w = await world({ caps: 'none' }, { onUnknown: 'resend' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')
  server.faults.dropBefore(1, 'alice')
  const saves: unknown[] = []
  const row = request({ chat: channelChat('#tea'), login: alice, action: 'hm', saves })
  expect(await deliver(w, row, saves)).toMatchObject({
    kind: 'delivered',
    note: expect.stringContaining('twice'),
  })
  expect(texts(bob.said('#tea'))).toEqual(['hm'])
})

test('after a crash of the bridge: parts that were taken are not sent again, the rest is', async () => {
  const w = await world({ caps: 'all' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')
  // Two parts went out and one did not; of the second nobody had heard when the bridge died.
  for (const text of ['one', 'two']) {
    expect(
      await connector.send(request({ chat: channelChat('#tea'), login: alice, action: text })),
    ).toMatchObject({
      kind: 'delivered',
    })
  }
  const at = new Date().toISOString()
  const part = { command: 'PRIVMSG', target: '#tea', nick: 'alice', epoch: 'earlier', at } as const
  const progress: Progress = {
    v: 1,
    parts: [
      { ...part, text: 'one', state: 'accepted' },
      { ...part, text: 'two', state: 'written' },
      { ...part, text: 'three', state: 'waiting' },
    ],
  }
  const saves: unknown[] = [progress]
  const row = request({ chat: channelChat('#tea'), login: alice, action: 'one\ntwo\nthree', saves })
  expect(await deliver(w, row, saves)).toMatchObject({ kind: 'delivered' })
  expect(texts(bob.said('#tea'))).toEqual(['one', 'two', 'three'])
})

test('a line that was not taken is sent, however much was said in the channel since', async () => {
  const w = await world({ caps: 'all' })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')
  const at = new Date().toISOString()
  for (let i = 0; i < 1_200; i += 1) bob.say('#tea', `line ${i}`)
  await server.waitFor(() => server.journal.some(({ line }) => line.includes('line 1199')), 'all of it')
  const part = { command: 'PRIVMSG', target: '#tea', nick: 'alice', epoch: 'earlier', at } as const
  const progress: Progress = { v: 1, parts: [{ ...part, text: 'late', state: 'written' }] }
  const saves: unknown[] = [progress]
  const row = request({ chat: channelChat('#tea'), login: alice, action: 'late', saves })
  expect(await deliver(w, row, saves)).toMatchObject({ kind: 'delivered' })
  expect(texts(bob.said('#tea')).filter((text) => text === 'late')).toEqual(['late'])
})
