import { afterEach, describe, expect, test } from 'vitest'
import { IrcWorld } from '../support/worlds.ts'
import type { IrcWorldOptions } from '../support/worlds.ts'

let world: IrcWorld

async function begin(options: IrcWorldOptions = {}): Promise<IrcWorld> {
  world = await IrcWorld.start(options)
  return world
}

afterEach(() => world.close())

async function sayAll(from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 1) await world.alice.user.sendText(world.room, `out ${i}`)
}

describe('getting in', () => {
  test('a nick in use: another is taken, and the wanted one when it is free', async () => {
    await begin()
    world.irc.kill('alice')
    const thief = await world.irc.client('alice').catch(async () => {
      await world.homeserver.waitFor(() => world.isIn('alice'), 'alice to be back')
      world.irc.kill('alice')
      return world.irc.client('alice')
    })
    await world.homeserver.waitFor(() => world.isIn('alice_'), 'the other nick')
    await sayAll(0, 1)
    await world.hear('out 0', 'alice_')
    thief.quit()
    await world.clock.jumpUntil(() => world.isIn('alice'), 1_000, 'the nick to be taken back')
    await world.alice.user.sendText(world.room, 'out 1')
    await world.hear('out 1', 'alice')
    expect(world.homeserver.members(world.room).filter((user) => user.startsWith('@_irc_sim_alice'))).toEqual(
      [],
    )
  })

  test('a ban of the server is shown, messages wait, and are sent when it is lifted', async () => {
    await begin()
    world.irc.faults.refuseConnections('kline', 1)
    world.irc.kill('alice')
    await world.alice.heard('refuses your connection')
    await sayAll(0, 1)
    // Once it tries again time goes on as usual: a jump would be a server that does not answer.
    const tries = () => world.irc.connections().some(({ nick }) => nick.startsWith('alice'))
    await world.clock.jumpUntil(tries, 600_000, 'the next try')
    await world.hear('out 0')
    expect(world.heard()).toEqual(['out 0'])
  })

  test.each(['902', '904', '905', '906'] as const)(
    'SASL fails with %s: its owner is told',
    async (numeric) => {
      await begin({ sim: { accounts: { alice: { password: 'x' }, carol: { password: 'right' } } } })
      const carol = await world.stack.person('carol')
      world.irc.faults.sasl(numeric, 10)
      await carol.ask('login irc', 'Which nick')
      await carol.ask('carol', 'How do you log in')
      await carol.ask('password', 'What is your account called')
      await carol.ask('-', 'What is the password')
      await carol.ask('right', '✅')
      await carol.heard('does not accept your login any more')
      expect(await carol.ask('status', 'bad_credentials')).toContain('🔴')
    },
  )

  test('a server without any capability, where every request is refused, still carries messages', async () => {
    await begin({
      sim: { caps: 'none', services: false, isupport: { CHATHISTORY: '', MONITOR: '', WHOX: '' } },
    })
    await sayAll(0, 3)
    world.bob.say(world.channel, 'hi')
    await world.hear('out 2')
    await world.homeserver.waitFor(() => world.seen.length === 1, 'the line')
    await world.quiet()
  })
})
