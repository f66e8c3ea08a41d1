import { expect, test } from 'vitest'
import { request } from './fake-host.ts'
import { channelChat, connected, directChat, inChannels, world } from './setup.ts'

const TIERS = {
  T1: 'all',
  T1b: ['labeled-response', 'batch', 'message-tags'],
  T2: ['echo-message', 'message-tags', 'batch', 'server-time'],
  T3: 'none',
} as const

test.each(Object.entries(TIERS))('text crosses a channel both ways by %s', async (_tier, caps) => {
  const w = await world({ caps: typeof caps === 'string' ? caps : [...caps] })
  const { server, host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea'))
  const bob = await server.client('bob')
  bob.join('#tea')
  await connector.start(host)
  await connected(w, alice, '#tea')

  bob.say('#tea', 'hello from IRC')
  bob.say('#tea', 'hello from IRC')
  bob.action('#tea', 'waves')
  await host.until(() => host.bodies().length === 3, 'three lines')
  expect(host.bodies('sim/#tea')).toEqual(['hello from IRC', 'hello from IRC', 'waves'])
  expect(new Set(host.of('message').map(({ id }) => id)).size).toBe(3)
  expect(host.of('message')[0]?.sender).toMatchObject({ id: 'sim/bob', name: 'bob' })

  const saves: unknown[] = []
  const outcome = await connector.send(
    request({ chat: channelChat('#tea'), login: alice, action: 'hello from Matrix', saves }),
  )
  expect(outcome).toMatchObject({ kind: 'delivered', remoteIds: [expect.any(String)] })
  expect(saves).toHaveLength(1)
  await bob.waitFor((each) => each.said('#tea').length === 1, 'the text')
  expect(bob.said('#tea')[0]).toMatchObject({ from: 'alice', text: 'hello from Matrix' })
  // Nothing of our own comes back.
  bob.say('#tea', 'last')
  await host.until(() => host.bodies().includes('last'), 'the last line')
  expect(host.bodies()).toEqual(['hello from IRC', 'hello from IRC', 'waves', 'last'])
})

test.each(Object.entries(TIERS))(
  'direct messages cross both ways by %s, and nobody is told of',
  async (_tier, caps) => {
    const w = await world({ caps: typeof caps === 'string' ? caps : [...caps] })
    const { server, host, connector } = w
    const alice = await host.login(1, 'alice', 'sim')
    const bob = await server.client('bob')
    await connector.start(host)
    await connected(w, alice)

    bob.say('alice', 'psst')
    await host.until(() => host.bodies().length === 1, 'a private line')
    expect(host.of('message')[0]?.chat).toMatchObject({ id: 'sim/bob', type: 'dm', receiver: alice.id })
    expect(
      await connector.send(request({ chat: directChat(alice, 'bob'), login: alice, action: 'yes?' })),
    ).toMatchObject({
      kind: 'delivered',
    })
    await bob.waitFor((each) => each.said('alice').length === 1, 'the answer')
    expect(
      await connector.send(request({ chat: directChat(alice, 'nobody'), login: alice, action: 'hi' })),
    ).toMatchObject({
      kind: 'rejected',
      why: expect.stringContaining('No such nick'),
    })
    expect(host.bodies()).toEqual(['psst'])
  },
)
