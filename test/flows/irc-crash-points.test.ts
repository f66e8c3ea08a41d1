import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { atRequestOf, everywhere, killedDuring } from '../support/crash-points.ts'
import type { When } from '../support/crash-points.ts'
import { enter, KilledWorld } from '../support/killed-world.ts'
import { SERVER } from '../support/settings.ts'
import { roomsWith, shown } from '../support/shown.ts'
import type { Person } from '../support/stack.ts'

const PATIENCE_MS = 30_000
const CHANNEL = '#crash'

let world: KilledWorld
let alice: Person
let room: string
let people = 0

beforeAll(async () => {
  world = await KilledWorld.start({ caps: 'all' })
  alice = await world.person('alice')
  room = await enter(alice, await world.irc.client('bob'), CHANNEL, [])
})
afterAll(() => world.close())

describe.each<When>(['before', 'after'])('killed %s a request to the homeserver', (when) => {
  test(
    'while somebody new comes and speaks: everything once, in order',
    () =>
      everywhere([1, 4], async (point) => {
        const { homeserver, irc } = world
        const nick = `carol${(people += 1)}`
        const ghost = `@_irc_sim_${nick}:${SERVER}`
        const carol = await irc.client(nick)
        const killed = await killedDuring(world, atRequestOf(world)(point, when), async () => {
          carol.join(CHANNEL)
          for (const text of ['one', 'two', 'three']) carol.say(CHANNEL, text)
          await world.arrived(`sim/${nick}`, 3)
        })
        await homeserver.waitFor(
          () => shown(homeserver, room, ghost).length >= 3,
          `all that follows from point ${point}`,
          PATIENCE_MS,
        )
        await world.settled(PATIENCE_MS)
        expect(shown(homeserver, room, ghost), `point ${point}`).toEqual(['one', 'two', 'three'])
        expect(roomsWith(homeserver, ghost), `point ${point}`).toEqual([room])
        return killed
      }),
    600_000,
  )

  test(
    'while she writes: everything once, in order',
    () =>
      everywhere([0, 1], async (point) => {
        const { homeserver, irc } = world
        const bob = await irc.client(`bob${(people += 1)}`)
        bob.join(CHANNEL)
        bob.say(CHANNEL, `hello ${people}`)
        const find = () =>
          homeserver.timeline(room).find(({ content }) => content['body'] === `hello ${people}`)?.event_id
        await homeserver.waitFor(() => find() !== undefined, 'the greeting', PATIENCE_MS)
        const target = find() ?? ''
        await world.settled(PATIENCE_MS)
        const killed = await killedDuring(world, atRequestOf(world)(point, when), async () => {
          const one = await alice.user.sendText(room, `one ${people}`)
          const two = await alice.user.sendText(room, `two ${people}\nwith a second line`)
          const reaction = await alice.user.react(room, target, '👍')
          const gone = await alice.user.sendText(room, `gone ${people}`)
          const redaction = await alice.user.redact(room, gone)
          await world.routed([one, two, reaction, gone, redaction])
        })
        const said = () =>
          bob
            .said(CHANNEL)
            .filter(({ from, text }) => from === 'alice' && text.includes(` ${people}`))
            .map(({ text }) => text)
        await homeserver.waitFor(
          () => said().length >= 2,
          `all that follows from point ${point}`,
          PATIENCE_MS,
        )
        await world.settled(PATIENCE_MS)
        expect(
          said().filter((text) => !text.startsWith('gone')),
          `point ${point}`,
        ).toEqual([`one ${people}`, `two ${people}\nwith a second line`])
        expect(said().filter((text) => text.startsWith('gone')).length, `point ${point}`).toBeLessThan(2)
        expect(await world.ledger(`state in ('rejected', 'unknown', 'expired')`)).toEqual([])
        return killed
      }),
    600_000,
  )
})
