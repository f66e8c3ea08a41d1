import { describe, expect, test } from 'vitest'
import { IrcView } from '../support/irc-view.ts'
import { MatrixView } from '../support/matrix-view.ts'
import type { Person } from '../support/person.ts'
import { RELAYED } from './scene.ts'
import type { Scene } from './scene.ts'

/** Somebody without a login, for whom the shared connection speaks. */
export function relayFeatures(scene: () => Scene): void {
  describe('a person without a login', () => {
    let erin: Person
    let seenByErin: MatrixView
    let seenByAlice: MatrixView
    let seenByBob: IrcView

    const says = async (text: string, ...onIrc: readonly unknown[]) => {
      const event = await erin.client.sendText(seenByErin.room, text)
      await seenByAlice.sees(`<erin> ${text}`)
      await seenByBob.sees(...onIrc)
      return event
    }

    test('is told why nobody hears them, and speaks once an admin allows it', async () => {
      const { world, alice, bob } = scene()
      await bob.join(RELAYED)
      seenByBob = new IrcView(bob, RELAYED)
      seenByAlice = await alice.enter(RELAYED)
      await seenByBob.sees('alice joins')
      erin = await world.person('erin')
      await alice.client.invite(seenByAlice.room, erin.client.userId)
      seenByErin = await erin.acceptInvite()
      await seenByAlice.sees('erin joins')

      await says('can you hear me?')
      const refusal = expect.stringMatching(
        /^-viaductbot- ↪ "can you hear me\?" ❌ Not delivered: You are not logged in to #relayed.*!viaduct retry \d+<\/code>$/s,
      )
      const [line] = await seenByErin.sees(refusal)
      await seenByAlice.sees(line)
      await alice.client.sendText(seenByAlice.room, '!viaduct set-relay on')
      await seenByErin.sees(
        '<alice> !viaduct set-relay on',
        expect.stringContaining('People without a login can speak here now.'),
      )
      await seenByAlice.sees(expect.stringContaining('People without a login can speak here now.'))

      // What was not delivered can be sent now, by its sender.
      const id = /retry (\d+)/.exec(line ?? '')?.[1] ?? ''
      await erin.client.sendText(seenByErin.room, `!viaduct retry ${id}`)
      await seenByBob.sees('<synapse-vd> <erin> can you hear me?')
      await seenByAlice.sees(`<erin> !viaduct retry ${id}`)
      for (const view of [seenByErin, seenByAlice])
        await view.sees(
          '-viaductbot- It is being sent again.',
          expect.stringMatching(/^viaductbot edits ".*" to ✅ Delivered now\.$/),
        )
    })

    test('text and actions go out under their name, and everybody is heard', async () => {
      const { bob } = scene()
      await says('hello all', '<synapse-vd> <erin> hello all')
      await erin.client.send(seenByErin.room, { msgtype: 'm.emote', body: 'waves' })
      await seenByAlice.sees('* erin waves')
      await seenByBob.sees('<synapse-vd> * erin waves')
      await says('one\ntwo', '<synapse-vd> <erin> one', '<synapse-vd> <erin> two')
      bob.say(RELAYED, 'hello erin')
      await seenByErin.sees('<bob> hello erin')
      await seenByAlice.sees('<bob> hello erin')
    })

    test('an answer, a correction, a reaction and a deletion', async () => {
      const { bob, tier } = scene()
      bob.say(RELAYED, 'who is there?')
      for (const view of [seenByErin, seenByAlice]) await view.sees('<bob> who is there?')
      const question = await seenByErin.event('bob', 'who is there?')
      await erin.client.reply(seenByErin.room, question, 'me')
      await seenByAlice.sees('<erin> ↪ "who is there?" me')
      await seenByBob.sees(
        tier.tags ? '<synapse-vd> ↪ "who is there?" <erin> me' : '<synapse-vd> <erin> bob: me',
      )
      await erin.client.react(seenByErin.room, question, '👋')
      await seenByAlice.sees('erin reacts 👋 to "who is there?"')
      await seenByBob.sees('<synapse-vd> * erin reacted 👋 to "who is there?"')
      const note = expect.stringContaining('it was told in words')
      for (const view of [seenByErin, seenByAlice]) await view.sees(note)

      const event = await says('I liek it', '<synapse-vd> <erin> I liek it')
      await erin.client.edit(seenByErin.room, event, 'I like it')
      await seenByAlice.sees('erin edits "I liek it" to I like it')
      await seenByBob.sees('<synapse-vd> <erin> s/liek/like/')
      for (const view of [seenByErin, seenByAlice])
        await view.sees(expect.stringContaining('IRC cannot edit'))
      await erin.client.redact(seenByErin.room, event)
      await seenByAlice.sees('erin removes "I liek it"')
      await seenByBob.sees('<synapse-vd> * erin deleted "I like it"')
      for (const view of [seenByErin, seenByAlice])
        await view.sees(expect.stringContaining('IRC keeps what was said'))
    })

    test('a picture and a poll', async () => {
      const { bob } = scene()
      const bytes = Buffer.from('a picture, more or less')
      const url = await erin.client.upload(Uint8Array.from(bytes), 'image/png', 'tea.png')
      const info = { mimetype: 'image/png', size: bytes.length }
      await erin.client.send(seenByErin.room, {
        msgtype: 'm.image',
        body: 'my cup',
        filename: 'tea.png',
        url,
        info,
      })
      await seenByAlice.sees('<erin> my cup')
      const [line = ''] = await seenByBob.sees(
        expect.stringMatching(
          /^<synapse-vd> <erin> my cup — image tea\.png \(23 bytes\): http\S+\/tea\.png$/,
        ),
      )
      const answer = await fetch(/http\S+/.exec(line)?.[0] ?? '')
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)

      const poll = await erin.client.startPoll(seenByErin.room, 'Milk?', ['yes', 'no'])
      await seenByAlice.sees('erin asks Milk?\n1. yes\n2. no')
      await seenByBob.sees(
        ...['Poll: Milk?', '1. yes', '2. no', 'Vote with !vote and the number'].map(
          (each) => `<synapse-vd> <erin> ${each}`,
        ),
      )
      for (const view of [seenByErin, seenByAlice])
        await view.sees(expect.stringContaining('IRC has no polls'))
      bob.say(RELAYED, '!vote 2')
      for (const view of [seenByErin, seenByAlice]) await view.sees('bob votes 1')
      await seenByBob.sees('-synapse-vd- 📊 Milk?', '-synapse-vd- yes — 0', '-synapse-vd- 👍 no — 1 (100%)')
      await erin.client.votePoll(seenByErin.room, poll, ['1'])
      await seenByAlice.sees('erin votes 1')
      await seenByBob.sees('-synapse-vd- 📊 Milk?', '-synapse-vd- yes — 0', '-synapse-vd- 👍 no — 2 (100%)')
    })
  })
}
