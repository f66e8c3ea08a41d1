import { expect, onTestFinished, test } from 'vitest'
import { SimIrc } from '../../../sim/irc/index.ts'
import { request } from './fake-host.ts'
import { channelChat, connected, inChannels, world } from './setup.ts'

test('a network that compares names in another way is entered anew', async () => {
  const w = await world({ caps: 'all', casemapping: 'rfc1459' })
  const { host, connector } = w
  const alice = await host.login(1, 'alice', 'sim', inChannels('#tea[1]'))
  const carol = await host.login(2, 'carol', 'sim', inChannels('#tea[1]'))
  await connector.start(host)
  await connected(w, alice)
  await connected(w, carol)
  await host.until(() => host.woken.filter(({ chat }) => chat === 'sim/#tea{1}').length === 2, 'both are in')
  const { port } = w.server
  await w.server.close()
  const server = await SimIrc.start({ caps: 'all', casemapping: 'ascii', port })
  onTestFinished(() => server.close())
  await host.until(
    () => host.woken.filter(({ chat }) => chat === 'sim/#tea[1]').length >= 2,
    'both are in again',
  )
  await host.until(() => server.channel('#tea[1]')?.members.length === 2, 'and stay there')
  const bob = await server.client('bob[x]')
  bob.join('#tea[1]')
  bob.say('#tea[1]', 'hello')
  bob.say('alice', 'psst')
  await host.until(() => host.bodies().length === 2, 'both lines, once')
  expect(host.bodies('sim/#tea[1]')).toEqual(['hello'])
  expect(host.bodies('sim/bob[x]')).toEqual(['psst'])
  const chat = channelChat('#tea[1]')
  expect(await connector.send(request({ chat, login: alice, action: 'hi' }))).toMatchObject({
    kind: 'delivered',
  })
  expect(bob.said('#tea[1]').map(({ text }) => text)).toEqual(['hi'])
})
