import { afterEach, describe, expect, test } from 'vitest'
import { IrcWorld } from '../support/worlds.ts'

let world: IrcWorld

const begin = async (options: Parameters<typeof IrcWorld.start>[0] = {}) => {
  world = await IrcWorld.start(options)
  await world.quiet()
}

afterEach(() => world.close())

const ghost = (nick: string) => `@_irc_sim_${nick}:sim.local`
const members = (membership = 'join') => world.homeserver.members(world.room, membership)
const there = (nick: string) =>
  world.homeserver.waitFor(() => members().includes(ghost(nick)), `${nick} to be there`)
const gone = (nick: string) =>
  world.homeserver.waitFor(() => !members().includes(ghost(nick)), `${nick} to be gone`)
const memberEvent = (nick: string) => world.homeserver.state(world.room, 'm.room.member', ghost(nick))
const lines = (command: string) =>
  world.irc.journal.filter(({ nick, line }) => nick === 'alice' && line.includes(`${command} `))

/** Alice becomes an operator, and with it a moderator of the room. */
async function op(): Promise<void> {
  world.bob.mode(world.channel, '+o alice')
  const own = () =>
    (
      world.homeserver.state(world.room, 'm.room.power_levels')?.['users'] as
        Record<string, number> | undefined
    )?.[world.alice.user.userId]
  await world.homeserver.waitFor(() => (own() ?? 0) >= 50, 'her power')
}

describe('from IRC', () => {
  test('join, part, quit and kick are seen at once where all members are shown', async () => {
    await begin({ network: { members: 'full' } })
    await there('bob')
    const [carol, dora] = [await world.irc.client('carol'), await world.irc.client('dora')]
    carol.join(world.channel)
    dora.join(world.channel)
    await there('carol')
    await there('dora')
    carol.part(world.channel, 'bye all')
    await gone('carol')
    expect(memberEvent('carol')).toMatchObject({ membership: 'leave', reason: 'bye all' })
    carol.join(world.channel)
    await there('carol')
    world.bob.kick(world.channel, 'carol', 'enough')
    await gone('carol')
    expect(memberEvent('carol')).toMatchObject({ membership: 'leave', reason: 'enough' })
    dora.quit('home')
    await gone('dora')
  })

  test('where members are lazy, whoever speaks is there, and leaves when they leave', async () => {
    await begin()
    const carol = await world.irc.client('carol')
    carol.join(world.channel)
    world.bob.say(world.channel, 'hi')
    await there('bob')
    expect(members()).not.toContain(ghost('carol'))
    carol.say(world.channel, 'hello')
    await there('carol')
    carol.part(world.channel)
    await gone('carol')
  })

  test.each(['lazy', 'full'] as const)('after an absence the list of names counts: %s', async (how) => {
    await begin({ network: { members: how } })
    const [carol, dora] = [await world.irc.client('carol'), await world.irc.client('dora')]
    for (const client of [carol, dora]) {
      client.join(world.channel)
      client.say(world.channel, 'hello')
      await there(client.nick)
    }
    world.irc.faults.refuseConnections({ text: 'Closing Link: (Server is starting)' }, 4)
    world.irc.kill('alice')
    carol.quit()
    const emil = await world.irc.client('emil')
    emil.join(world.channel)
    await gone('carol')
    if (how === 'full') await there('emil')
    await world.quiet()
    expect(members()).toContain(ghost('dora'))
    expect(members().includes(ghost('emil'))).toBe(how === 'full')
  })

  test('the echo of an earlier leave, which comes late, is no news', async () => {
    await begin({ network: { members: 'full' } })
    const carol = await world.irc.client('carol')
    carol.join(world.channel)
    await there('carol')
    const echo = {
      type: 'm.room.member',
      event_id: '$echo-of-an-earlier-leave',
      room_id: world.room,
      sender: ghost('carol'),
      state_key: ghost('carol'),
      origin_server_ts: Date.now(),
      content: { membership: 'leave' },
    }
    expect(await world.put('late', { events: [echo] })).toBe(200)
    await world.quiet()
    world.bob.kick(world.channel, 'carol')
    await gone('carol')
  })

  test('a channel beyond the limit is lazy', async () => {
    await begin({ network: { members: 'full', membersFullLimit: 3 } })
    for (let i = 0; i < 6; i += 1) (await world.irc.client(`nick${i}`)).join(world.channel)
    world.bob.say(world.channel, 'a crowd')
    await world.see(world.room, 'a crowd')
    await world.quiet()
    expect(members()).not.toContain(ghost('nick5'))
  })

  test('a new nick is the same person under another name, in the room and in private', async () => {
    await begin()
    world.bob.say(world.channel, 'hi')
    await there('bob')
    world.bob.say('alice', 'psst')
    const direct = await world.alice.acceptInvite([world.room])
    await world.see(direct, 'psst')
    world.bob.nickTo('robert')
    await there('robert')
    await gone('bob')
    expect(memberEvent('bob')).toMatchObject({ reason: 'is now known as robert' })
    await world.alice.user.sendText(direct, 'still you?')
    await world.bob.waitFor(
      () => world.bob.said('alice').some(({ text }) => text === 'still you?'),
      'the answer',
    )
    world.bob.say('alice', 'yes')
    await world.see(direct, 'yes')
    expect(world.homeserver.state(direct, 'm.room.name')).toEqual({ name: 'robert' })
  })

  test('an invitation of IRC is told to whom it is for', async () => {
    await begin()
    world.bob.join('#secret')
    world.bob.invite('alice', '#secret')
    await world.alice.heard('bob invites you to #secret. Say "join #secret" to enter it.')
  })
})

describe('from Matrix', () => {
  test('who leaves the room leaves the channel, and enters again on request', async () => {
    await begin()
    await world.alice.user.leave(world.room)
    await world.homeserver.waitFor(() => !world.isIn('alice'), 'alice to part')
    expect(lines('PART')).toHaveLength(1)
    await world.alice.ask('join #town', 'You are in #town')
    await world.alice.acceptInvite()
    await world.alice.user.sendText(world.room, 'here again')
    await world.hear('here again')
  })

  test('who was thrown out of the channel is in its room still, and is not promised an invitation', async () => {
    await begin()
    world.bob.kick(world.channel, 'alice', 'out')
    await world.see(world.room, 'bob removed alice')
    await world.alice.ask('join #town', 'You are in #town. You are in its room already.')
    expect(world.isIn('alice')).toBe(true)
  })

  test('who is not in the channel any more does not enter it to leave the room', async () => {
    await begin()
    world.bob.kick(world.channel, 'alice', 'out')
    await world.see(world.room, 'bob removed alice')
    const entered = lines('JOIN').length
    await world.alice.user.leave(world.room)
    await world.quiet()
    expect(lines('JOIN')).toHaveLength(entered)
    expect(world.find(world.room, 'Not delivered')).toEqual([])
  })

  test('kick, ban, its end and invitation by a moderator are those of an operator', async () => {
    await begin()
    world.bob.say(world.channel, 'hi')
    await there('bob')
    const carol = await world.irc.client('carol')
    carol.join(world.channel)
    carol.say(world.channel, 'hello')
    await there('carol')
    await op()
    await world.alice.user.kick(world.room, ghost('carol'), 'please stop')
    await world.homeserver.waitFor(() => !world.isIn('carol'), 'the kick')
    await carol.waitFor(
      () => carol.lines.some(({ command, params }) => command === 'KICK' && params[2] === 'please stop'),
      'the reason',
    )
    await world.alice.user.invite(world.room, ghost('carol'))
    await carol.waitFor(() => carol.lines.some(({ command }) => command === 'INVITE'), 'the invitation')
    carol.join(world.channel)
    await world.alice.user.ban(world.room, ghost('carol'), 'enough')
    await world.homeserver.waitFor(() => !world.isIn('carol'), 'the ban')
    carol.join(world.channel)
    expect(carol.lines.at(-1)?.command).toBe('474')
    await world.alice.user.unban(world.room, ghost('carol'))
    await world.homeserver.waitFor(() => {
      carol.join(world.channel)
      return world.isIn('carol')
    }, 'the end of the ban')
    await world.quiet()
    // The room has seen its own ban, and is not told of it again.
    expect(world.find(world.room, 'carol!*@*')).toEqual([])
  })

  test('an operator gives ranks by giving power', async () => {
    await begin()
    world.bob.say(world.channel, 'hi')
    await there('bob')
    const carol = await world.irc.client('carol')
    carol.join(world.channel)
    carol.say(world.channel, 'hello')
    await there('carol')
    await op()
    const levels = world.homeserver.state(world.room, 'm.room.power_levels') ?? {}
    const users = { ...(levels['users'] as object), [ghost('carol')]: 1 }
    await world.alice.user.state(world.room, 'm.room.power_levels', '', { ...levels, users })
    await carol.waitFor(
      () =>
        carol.lines.some(
          ({ command, params }) => command === 'MODE' && params.join(' ') === '#town +v carol',
        ),
      'the voice',
    )
  })

  test('a ban by a mask of IRC is told to the room', async () => {
    await begin()
    world.bob.mode(world.channel, '+b *!*@bad.example')
    await world.see(world.room, 'bob banned *!*@bad.example')
  })

  test.each(['kick', 'ban'] as const)(
    'a %s that IRC refuses is told and taken back: nothing of them is lost',
    async (how) => {
      await begin()
      const carol = await world.irc.client('carol')
      carol.join(world.channel)
      carol.say(world.channel, 'hi')
      await there('carol')
      // A moderator of the room who is no operator of the channel.
      const levels = world.homeserver.state(world.room, 'm.room.power_levels') ?? {}
      const users = { ...(levels['users'] as object), [world.alice.user.userId]: 60 }
      const bot = await world.homeserver.user('viaductbot')
      await bot.state(world.room, 'm.room.power_levels', '', { ...levels, users })
      await world.alice.user[how](world.room, ghost('carol'))
      await world.see(world.room, 'Not delivered: IRC refused it')
      await there('carol')
      carol.say(world.channel, 'still here')
      await world.see(world.room, 'still here')
      expect(world.isIn('carol')).toBe(true)
    },
  )

  test('a private conversation is begun by inviting a ghost', async () => {
    await begin()
    world.bob.say(world.channel, 'hi')
    await there('bob')
    const direct = await world.alice.user.directRoomWith(ghost('bob'))
    await world.homeserver.waitFor(
      () => world.homeserver.members(direct).includes(ghost('bob')),
      'bob to join',
    )
    await world.alice.user.sendText(direct, 'in private')
    await world.bob.waitFor(
      () => world.bob.said('alice').some(({ text }) => text === 'in private'),
      'the text',
    )
    world.bob.say('alice', 'indeed')
    await world.see(direct, 'indeed')
  })
})
