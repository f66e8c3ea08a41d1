import { describe, expect, test } from 'vitest'
import { IrcClient } from '../servers/irc-client.ts'
import { IrcView } from '../support/irc-view.ts'
import { CHANNEL } from './scene.ts'
import type { Scene } from './scene.ts'

/** What could not be delivered is told to its sender, and can be sent again. */
export function retryFeatures(scene: () => Scene): void {
  describe('a message that was not delivered', () => {
    test('to somebody who is not there: told why, sent again by an answer to it once they are', async () => {
      const { alice, world } = scene()
      const { client } = alice
      const absent = await IrcClient.connect({ port: world.ircd.port, nick: 'frank' })
      await alice.ask('start-chat frank', 'is on the way')
      const view = await alice.acceptInvite()
      absent.say('alice', 'I have to go')
      await view.skipTo(/^<frank> I have to go/)
      await absent.quit()
      const event = await client.sendText(view.room, 'are you there?')
      await view.sees(
        expect.stringMatching(
          /^-viaductbot- ↪ "are you there\?" ❌ Not delivered: IRC refused it.*No such nick.*<br>To send it again, say <code>!viaduct retry \d+<\/code>$/,
        ),
      )
      const frank = await IrcClient.connect({ port: world.ircd.port, nick: 'frank' })
      const seen = new IrcView(frank, 'alice')
      await client.reply(view.room, event, '!viaduct retry')
      await seen.sees('<alice> are you there?')
      await view.sees(
        '-viaductbot- It is being sent again.',
        expect.stringMatching(/^viaductbot edits "❌ Not delivered.*" to ✅ Delivered now\.$/),
      )
      await client.sendText(view.room, 'good')
      await seen.sees('<alice> good')
      frank.destroy()
    })

    test('by somebody who is banned: told why, sent again by its number once they are not', async () => {
      const { alice, bob, views } = scene()
      bob.mode(CHANNEL, '+b', 'alice!*@*')
      await views.dave.sees('bob sets +b alice!*@*')
      for (const view of [views.alice, views.carol]) await view.sees('-viaductbot- bob banned alice!*@*')
      await alice.client.sendText(views.alice.room, 'anybody?')
      await views.carol.sees('<alice> anybody?')
      const [line = ''] = await views.alice.sees(
        expect.stringMatching(
          /^-viaductbot- ↪ "anybody\?" ❌ Not delivered: IRC refused it.*<code>!viaduct retry \d+<\/code>$/,
        ),
      )
      await views.carol.sees(line)
      bob.mode(CHANNEL, '-b', 'alice!*@*')
      await views.dave.sees('bob sets -b alice!*@*')
      for (const view of [views.alice, views.carol])
        await view.sees('-viaductbot- bob lifted the ban of alice!*@*')
      const command = /!viaduct retry \d+/.exec(line)?.[0] ?? ''
      await alice.client.sendText(views.alice.room, command)
      await views.carol.sees(`<alice> ${command}`)
      for (const view of [views.bob, views.dave]) await view.sees('<alice> anybody?')
      for (const view of [views.alice, views.carol])
        await view.sees(
          '-viaductbot- It is being sent again.',
          expect.stringMatching(/^viaductbot edits "❌ Not delivered.*" to ✅ Delivered now\.$/),
        )
    })
  })
}
