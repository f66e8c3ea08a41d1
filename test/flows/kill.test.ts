import { expect, test } from 'vitest'
import { enter, KilledWorld } from '../support/killed-world.ts'
import { words } from '../support/stack.ts'

/** `npm run test:long` sets these to 200 and 10,000. */
const KILLS = Number(process.env['VIADUCT_KILLS'] ?? 12)
const MESSAGES = Number(process.env['VIADUCT_KILL_MESSAGES'] ?? 600)
const CHANNELS = 10
const PATIENCE_MS = Number(process.env['VIADUCT_KILL_PATIENCE'] ?? 120_000 + KILLS * 4_000)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test(
  `killed ${KILLS} times among ${MESSAGES} messages each way: nothing lost, nothing doubled, all in order`,
  async () => {
    const world = await KilledWorld.start({ caps: 'all' })
    const { homeserver, irc, bridge, database } = world
    const alice = await world.person('alice')
    const bob = await irc.client('bob')
    const rooms: string[] = []
    for (let c = 0; c < CHANNELS; c += 1) rooms.push(await enter(alice, bob, `#kill${c}`, rooms))

    const per = Math.ceil(MESSAGES / CHANNELS)
    let sending = true
    const traffic = (async () => {
      for (let i = 0; i < per; i += 1) {
        for (const [c, room] of rooms.entries()) {
          await alice.user.sendText(room, `out ${i}`)
          bob.say(`#kill${c}`, `in ${i}`)
        }
        // Spread over the kills, so that each of them meets messages under way.
        await pause((KILLS * 700) / per)
      }
      sending = false
    })()
    while (bridge.kills < KILLS) {
      await pause(50 + Math.random() * 900)
      await bridge.kill()
      await bridge.start()
    }
    await traffic
    expect(sending).toBe(false)

    const sent = (c: number) =>
      bob
        .said(`#kill${c}`)
        .filter((m) => m.from === 'alice')
        .map((m) => m.text)
    const seen = (room: string) =>
      words(homeserver, room)
        .filter((w) => w.startsWith('_irc_sim_bob: '))
        .map((w) => w.slice('_irc_sim_bob: '.length))
    const done = () => rooms.every((room, c) => sent(c).length >= per && seen(room).length >= per)
    await homeserver.waitFor(done, 'everything to arrive', PATIENCE_MS).catch(async (error: unknown) => {
      const counts = rooms.map(
        (room, c) => `#kill${c}: ${sent(c).length} out, ${seen(room).length} in, of ${per}`,
      )
      const states = await database.db.query(
        'select direction, kind, state, error_text, count(*)::int from delivery group by 1, 2, 3, 4',
      )
      throw new Error(`${counts.join('\n')}\n${JSON.stringify(states, null, 1)}`, { cause: error })
    })
    // A doubled message may come late: once all is quiet, the ledger has nothing left to send.
    const open = async () =>
      (await database.db.query(`select 1 from delivery where state in ('queued', 'sending', 'parked')`))
        .length
    while ((await open()) > 0) await pause(200)

    const expected = (word: string) => Array.from({ length: per }, (_, i) => `${word} ${i}`)
    for (const [c, room] of rooms.entries()) {
      expect(sent(c), `#kill${c} from Matrix`).toEqual(expected('out'))
      expect(seen(room), `#kill${c} to Matrix`).toEqual(expected('in'))
    }
    const failed = await database.db.query(
      `select 1 from delivery where state in ('rejected', 'unknown', 'expired')`,
    )
    expect(failed).toHaveLength(0)
    console.log(`kills ${bridge.kills}, messages each way ${per * CHANNELS}: lost 0, doubled 0, in order`)
    await world.close()
  },
  PATIENCE_MS + 180_000 + KILLS * 6_000,
)
