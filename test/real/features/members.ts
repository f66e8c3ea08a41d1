import { describe, expect, test } from 'vitest'
import { IrcClient } from '../servers/irc-client.ts'
import type { View } from '../support/view.ts'
import { CHANNEL } from './scene.ts'
import type { Scene } from './scene.ts'
import type { Line } from './talk.ts'

/** Each of these sees exactly these lines next. */
async function allSee(views: readonly View[], ...lines: readonly Line[]): Promise<void> {
  for (const view of views) await view.sees(...lines)
}

/** Who comes and goes in a channel, and who may do what. */
export function memberFeatures(scene: () => Scene): void {
  describe('people of IRC', () => {
    test('join, part and quit', async () => {
      const { dave, views, world } = scene()
      dave.part(CHANNEL, 'back soon')
      await views.bob.sees('dave leaves (back soon)')
      await allSee([views.alice, views.carol], 'dave leaves (back soon)')
      await dave.join(CHANNEL)
      await views.bob.sees('dave joins')
      await allSee([views.alice, views.carol], 'dave joins')
      const erin = await IrcClient.connect({ port: world.ircd.port, nick: 'erin' })
      await erin.join(CHANNEL)
      await allSee([views.bob, views.dave, views.alice, views.carol], 'erin joins')
      await erin.quit('gone home')
      const [line] = await views.bob.sees(expect.stringMatching(/^erin quits \(.*gone home.*\)$/))
      await views.dave.sees(line)
      await allSee([views.alice, views.carol], String(line).replace('quits', 'leaves'))
    })

    test('a new nick', async () => {
      const { dave, views, otherDirect } = scene()
      const seenByCarolAlone = otherDirect.onMatrix
      await dave.changeNick('david')
      await views.bob.sees('dave is now david')
      const renamed = ['david joins', 'dave leaves (is now known as david)']
      await allSee([views.alice, views.carol], ...renamed)
      await seenByCarolAlone.sees('viaductbot names the room "david"', ...renamed)
      await scene().carol.client.sendText(otherDirect.room, 'is it you?')
      await otherDirect.personDid([], ['<carol> is it you?'])
      dave.say('carol', 'it is')
      await otherDirect.contactDid([], ['<david> it is'])
      dave.say(CHANNEL, 'still me')
      await allSee([views.bob, views.alice, views.carol], '<david> still me')
      await dave.changeNick('dave')
      await views.bob.sees('david is now dave')
      const back = ['dave joins', 'david leaves (is now known as dave)']
      await allSee([views.alice, views.carol], ...back)
      await seenByCarolAlone.sees('viaductbot names the room "dave"', ...back)
    })

    test('the topic', async () => {
      const { bob, views } = scene()
      bob.topic(CHANNEL, 'Darjeeling & more')
      await views.dave.sees('bob sets the topic "Darjeeling & more"')
      await allSee([views.alice, views.carol], 'bob sets the topic "Darjeeling & more"')
    })

    test('a kick of one of them', async () => {
      const { bob, dave, views } = scene()
      bob.kick(CHANNEL, 'dave', 'too loud')
      await views.dave.sees('bob kicks dave (too loud)')
      await allSee([views.alice, views.carol], 'bob kicks dave (too loud)')
      await dave.join(CHANNEL)
      await allSee([views.bob, views.alice, views.carol], 'dave joins')
    })

    test('ranks are power, and end with it', async () => {
      const { bob, views } = scene()
      bob.mode(CHANNEL, '+v', 'dave')
      await views.dave.sees('bob sets +v dave')
      await allSee([views.alice, views.carol], 'viaductbot gives dave power 1')
      bob.mode(CHANNEL, '+o-v', 'dave', 'dave')
      await views.dave.sees('bob sets +o-v dave dave')
      await allSee([views.alice, views.carol], 'viaductbot gives dave power 75')
      bob.mode(CHANNEL, '-o', 'dave')
      await views.dave.sees('bob sets -o dave')
      await allSee([views.alice, views.carol], 'viaductbot gives dave power 0')
    })

    test('an invitation to another channel', async () => {
      const { alice, bob } = scene()
      await bob.join('#secret')
      bob.invite('alice', '#secret')
      await alice.hears('bob invites you to #secret. Say "join #secret" to enter it.')
      const view = await alice.enter('#secret')
      bob.say('#secret', 'welcome')
      await view.skipTo(/^<bob> welcome$/)
    })

    test('in a moderated channel only who has a voice can speak, on Matrix too', async () => {
      const { alice, bob, channel, views } = scene()
      const speak = async () => alice.client.sendText(channel.room, 'may I?').then(() => 'said', String)
      bob.mode(CHANNEL, '+m')
      await views.dave.sees('bob sets +m')
      await levels(scene(), (power) => power['events_default'] === 1)
      expect(await speak()).toContain('M_FORBIDDEN')
      bob.mode(CHANNEL, '+v', 'alice')
      await views.dave.sees('bob sets +v alice')
      await allSee([views.alice, views.carol], 'viaductbot gives alice power 1')
      expect(await speak()).toBe('said')
      await allSee([views.bob, views.dave, views.carol], '<alice> may I?')
      bob.mode(CHANNEL, '-mv', 'alice')
      await views.dave.sees('bob sets -mv alice')
      await allSee([views.alice, views.carol], 'viaductbot gives alice power 0')
      await levels(scene(), (power) => power['events_default'] === 0)
    })

    test('they throw somebody of Matrix out, who is told and can come back', async () => {
      const { bob, carol, views } = scene()
      bob.kick(CHANNEL, 'carol', 'enough')
      await views.dave.sees('bob kicks carol (enough)')
      await allSee([views.alice, views.carol], '-viaductbot- bob removed carol from #tea: enough')
      await carol.hears('bob removed carol from #tea: enough. Say "join #tea" to enter it again.')
      await carol.ask(`join ${CHANNEL}`, `You are in ${CHANNEL}. You are in its room already.`)
      await allSee([views.bob, views.dave], 'carol joins')
      await carol.client.sendText(views.carol.room, 'sorry')
      await allSee([views.bob, views.dave, views.alice], '<carol> sorry')
    })
  })

  describe('people of Matrix', () => {
    test('leave by leaving the room, and come back', async () => {
      const { carol, views } = scene()
      await carol.client.leave(views.carol.room, 'lunch')
      await views.alice.sees('carol leaves (lunch)')
      await allSee([views.bob, views.dave], 'carol leaves (lunch)')
      const from = carol.client.sync.invites.all.length
      await carol.ask(`join ${CHANNEL}`, `You are in ${CHANNEL}`)
      await allSee([views.bob, views.dave], 'carol joins')
      await carol.comeBack(views.carol.room, from)
      await views.alice.sees('carol joins')
      views.carol.catchUp()
    })

    test('take another nick', async () => {
      const { carol, views, otherDirect } = scene()
      await carol.ask('nick caroline', 'You are caroline now.')
      await allSee([views.bob, views.dave, otherDirect.onIrc], 'carol is now caroline')
      await carol.client.sendText(views.carol.room, 'new name')
      await allSee([views.bob, views.dave], '<caroline> new name')
      await views.alice.sees('<carol> new name')
      await carol.ask('nick carol', 'You are carol now.')
      await allSee([views.bob, views.dave, otherDirect.onIrc], 'caroline is now carol')
    })

    test('an operator is a moderator: topic, ranks, kick, ban and invitation', async () => {
      const { alice, bob, dave, views } = scene()
      const { client } = alice
      const { room } = views.alice
      const ghost = '@_irc_irc_dave:synapse.test'
      bob.mode(CHANNEL, '+o', 'alice')
      await views.dave.sees('bob sets +o alice')
      await allSee([views.alice, views.carol], 'viaductbot gives alice power 75')

      await client.setState(room, 'm.room.topic', { topic: 'Assam' })
      await allSee([views.carol, views.bob, views.dave], 'alice sets the topic "Assam"')

      await client.setState(room, 'm.room.name', { name: 'Tea room' })
      await views.carol.sees('alice names the room "Tea room"')
      await allSee([views.bob, views.dave], '* alice renamed the room to: Tea room')

      const power = await client.getState(room, 'm.room.power_levels')
      const users = power['users'] as Record<string, number>
      await client.setState(room, 'm.room.power_levels', { ...power, users: { ...users, [ghost]: 1 } })
      await views.carol.sees('alice gives dave power 1')
      await allSee([views.bob, views.dave], 'alice sets +v dave')
      await client.setState(room, 'm.room.power_levels', { ...power, users })
      await views.carol.sees('alice gives dave power 0')
      await allSee([views.bob, views.dave], 'alice sets -v dave')

      await client.kick(room, ghost, 'please stop')
      await allSee([views.carol, views.bob, views.dave], 'alice kicks dave (please stop)')
      await client.invite(room, ghost)
      await dave.waitFor(
        (line) => line.command === 'INVITE' && line.nick === 'alice' && line.params[1] === CHANNEL,
      )
      await dave.join(CHANNEL)
      await allSee([views.bob, views.alice, views.carol], 'dave joins')

      await client.ban(room, ghost, 'enough')
      await views.carol.sees('alice bans dave (enough)')
      await views.bob.sees('alice sets +b dave!*@*', 'alice kicks dave (enough)')
      await views.dave.sees('alice sets +b dave!*@*', 'alice kicks dave (enough)')
      await client.unban(room, ghost)
      await views.carol.sees('alice unbans dave')
      await views.bob.sees('alice sets -b dave!*@*')
      await dave.join(CHANNEL)
      await allSee([views.bob, views.alice, views.carol], 'dave joins')

      bob.mode(CHANNEL, '-o', 'alice')
      await views.dave.sees('bob sets -o alice')
      await allSee([views.alice, views.carol], 'viaductbot gives alice power 0')
    })
  })
}

/** Waits until the room's levels are like this. */
async function levels({ alice, channel }: Scene, wanted: (power: Record<string, unknown>) => boolean) {
  await alice.client.sync.waitForEvent(
    (event) =>
      event.room_id === channel.room && event.type === 'm.room.power_levels' && wanted(event.content),
  )
}
