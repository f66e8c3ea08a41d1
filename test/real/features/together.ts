import { describe, expect, test } from 'vitest'
import { CHANNEL } from './scene.ts'
import type { Scene } from './scene.ts'

/** Two of ours and two of IRC at once: everybody sees everything once, and nothing of the others' private words. */
export function togetherFeatures(scene: () => Scene): void {
  describe('four people', () => {
    test('in one channel: each line is seen by the three others, once', async () => {
      const { alice, carol, bob, dave, views } = scene()
      await carol.client.sendText(views.carol.room, 'carol here')
      for (const view of [views.alice, views.bob, views.dave]) await view.sees('<carol> carol here')
      dave.say(CHANNEL, 'dave here')
      for (const view of [views.alice, views.bob, views.carol]) await view.sees('<dave> dave here')
      await alice.client.sendText(views.alice.room, 'alice here')
      for (const view of [views.carol, views.bob, views.dave]) await view.sees('<alice> alice here')
      bob.say(CHANNEL, 'carol: alice: look')
      for (const view of [views.alice, views.carol])
        await view.sees(
          expect.stringMatching(
            /^<bob> <a href="\S+carol\S+">carol<\/a>: <a href="\S+alice\S+">alice<\/a>: look$/,
          ),
        )
      await views.dave.sees('<bob> carol: alice: look')
    })

    test('all vote in one poll', async () => {
      const { alice, carol, bob, dave, views } = scene()
      const tally = (...lines: string[]) => ['📊 Tea?', ...lines].map((line) => `-alice- ${line}`)
      const poll = await carol.client.startPoll(views.carol.room, 'Tea?', ['Green', 'Black', 'White'], 2)
      await views.alice.sees('carol asks Tea?\n1. Green\n2. Black\n3. White')
      const asked = [
        'Poll: Tea?',
        '1. Green',
        '2. Black',
        '3. White',
        'Vote with !vote 1 or, for up to 2 answers, !vote 1,2',
      ]
      for (const view of [views.bob, views.dave]) await view.sees(...asked.map((line) => `<carol> ${line}`))
      const onIrc = async (...lines: string[]) => {
        for (const view of [views.bob, views.dave]) await view.sees(...tally(...lines))
      }
      await alice.client.votePoll(views.alice.room, poll, ['0', '2'])
      await views.carol.sees('alice votes 0,2')
      await onIrc('👍 Green — 1 (100%)', 'Black — 0', '👍 White — 1 (100%)')
      bob.say(CHANNEL, '!vote 1')
      await views.dave.sees('<bob> !vote 1')
      for (const view of [views.alice, views.carol]) await view.sees('bob votes 0')
      await onIrc('👍 Green — 2 (100%)', 'Black — 0', 'White — 1 (50%)')
      dave.say(CHANNEL, '!vote 2,3')
      await views.bob.sees('<dave> !vote 2,3')
      for (const view of [views.alice, views.carol]) await view.sees('dave votes 1,2')
      await onIrc('👍 Green — 2 (67%)', 'Black — 1 (33%)', '👍 White — 2 (67%)')
      await carol.client.endPoll(views.carol.room, poll)
      await views.alice.sees('carol ends the poll')
      const end = [
        'The poll "Tea?" has ended.',
        '📊 Tea?',
        '👍 Green — 2 (67%)',
        'Black — 1 (33%)',
        '👍 White — 2 (67%)',
      ]
      for (const view of [views.bob, views.dave]) await view.sees(...end.map((line) => `<carol> ${line}`))
    })

    test('the other pair talks alone, in a room under the name of the contact', async () => {
      const { carol, dave, otherDirect } = scene()
      const first = await carol.client.history(otherDirect.room)
      expect(first.filter((event) => event.content['body'] === 'psst')).toHaveLength(1)
      expect(await carol.client.getState(otherDirect.room, 'm.room.name')).toEqual({ name: 'dave' })
      await carol.client.sendText(otherDirect.room, 'what is it?')
      await otherDirect.personDid([], ['<carol> what is it?'])
      dave.say('carol', 'nothing')
      await otherDirect.contactDid([], ['<dave> nothing'])
    })

    test('and nothing else was shown to anybody', async () => {
      const { world, alice, carol, bob, dave, channel, direct, otherDirect, views } = scene()
      await world.quiet()
      for (const [person, talk] of [
        [alice, direct],
        [carol, otherDirect],
      ] as const) {
        await person.client.sendText(talk.room, 'bye')
        await talk.personDid([], [`<${person.name}> bye`])
        talk.contact.say(talk.target, 'good bye')
        await talk.contactDid([], [`<${talk.contact.nick}> good bye`])
      }
      await alice.client.sendText(channel.room, 'the end')
      for (const view of [views.carol, views.bob, views.dave]) await view.sees('<alice> the end')
      bob.say(CHANNEL, 'indeed')
      for (const view of [views.alice, views.carol, views.dave]) await view.sees('<bob> indeed')
      await Promise.all([bob.fence(), dave.fence()])
      const all = [
        ...Object.values(views),
        direct.onMatrix,
        direct.onIrc,
        otherDirect.onMatrix,
        otherDirect.onIrc,
      ]
      for (const view of all) expect(view.unread(), view.label).toEqual([])
      expect(await world.bridge.ledger('failed')).toEqual([])
    })
  })
}
