import { describe, expect, test } from 'vitest'
import { InspIrcd, inspircdModules } from './servers/inspircd.ts'
import { IrcClient } from './servers/irc-client.ts'
import { NgIrcd } from './servers/ngircd.ts'
import type { Person } from './support/person.ts'
import { World } from './world.ts'

const CHANNELS = ['#kill0', '#kill1', '#kill2', '#kill3', '#kill4']
const EACH = 80
const KILLS = 5

/** The servers are told to take everything at once, so that the kills meet many lines and the test ends soon. */
const network = { pace: { burst: 1000, per_second: 1000 } }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Alice on Matrix and bob on IRC, both in all channels. @returns alice's rooms */
async function gather(alice: Person, bob: IrcClient, modes = ''): Promise<string[]> {
  const rooms: string[] = []
  for (const channel of CHANNELS) {
    await bob.join(channel)
    if (modes !== '') bob.mode(channel, modes)
    await bob.fence()
    rooms.push((await alice.enter(channel)).room)
  }
  return rooms
}

/** Sends numbered messages into every room while something is done to the servers. */
async function sendWhile(alice: Person, rooms: readonly string[], work: () => Promise<void>): Promise<void> {
  const traffic = (async () => {
    for (let i = 0; i < EACH; i += 1) {
      for (const room of rooms) await alice.client.sendText(room, `out ${i}`)
    }
  })()
  await work()
  await traffic
}

const numbers = Array.from({ length: EACH }, (_, i) => `out ${i}`)

const heard = (bob: IrcClient, channel: string): string[] =>
  bob
    .messages(channel)
    .filter((message) => message.source.startsWith('alice!'))
    .map((message) => message.params.at(-1) ?? '')

const killAtRandom = async (world: World) => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    await pause(500 + Math.random() * 2_500)
    await world.bridge.kill()
    await world.bridge.start()
  }
}

describe('the bridge is killed on real servers', () => {
  test('InspIRCd with channel history: nothing lost, nothing doubled, in order', async () => {
    const ircd = await InspIrcd.start({ flood: 'load', modules: [...inspircdModules, 'chanhistory'] })
    const world = await World.start({ ircd, database: 'debian', network })
    const bob = await IrcClient.connect({
      port: ircd.port,
      nick: 'bob',
      caps: ['server-time', 'message-tags'],
    })
    const alice = await world.person('alice')
    await alice.logIn()
    const rooms = await gather(alice, bob, '+H 50:1h')
    await sendWhile(alice, rooms, () => killAtRandom(world))
    await world.quiet()
    await bob.fence()
    for (const channel of CHANNELS) expect(heard(bob, channel), channel).toEqual(numbers)
    expect(await world.bridge.ledger('failed')).toEqual([])
    console.log(`InspIRCd: ${KILLS} kills, ${EACH * CHANNELS.length} messages: lost 0, doubled 0, in order`)
    bob.destroy()
    await world.stop()
  })

  test('ngIRCd, which can prove nothing after a crash: every doubt is reported, nothing is doubled', async () => {
    const ircd = await NgIrcd.start({ unlimited: true })
    const world = await World.start({ ircd, database: 'embedded', network })
    const bob = await IrcClient.connect({ port: ircd.port, nick: 'bob' })
    const alice = await world.person('alice')
    await alice.logIn()
    const rooms = await gather(alice, bob)
    await sendWhile(alice, rooms, () => killAtRandom(world))
    await world.quiet()
    await bob.fence()
    const failed = await world.bridge.ledger('failed')
    expect(failed.filter((row) => row.state !== 'unknown')).toEqual([])
    const doubtful = new Set<string>()
    for (const row of failed) {
      const event = await alice.client.getEvent(
        rooms[CHANNELS.findIndex((name) => row.chatId.endsWith(name))] ?? '',
        row.sourceId,
      )
      doubtful.add(`${row.chatId.split('/').at(-1)} ${String(event.content['body'])}`)
      const notice = alice.client.sync.events.all.find(
        (each) =>
          each.content['msgtype'] === 'm.notice' && JSON.stringify(each.content).includes(row.sourceId),
      )
      expect(notice, `the notice about ${row.sourceId}`).toBeDefined()
    }
    for (const channel of CHANNELS) {
      const lines = heard(bob, channel)
      expect(new Set(lines).size, `${channel}: nothing twice`).toBe(lines.length)
      expect([...lines].sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)))).toEqual(lines)
      const lost = numbers.filter((text) => !lines.includes(text) && !doubtful.has(`${channel} ${text}`))
      expect(lost, `${channel}: nothing lost in silence`).toEqual([])
    }
    console.log(
      `ngIRCd: ${KILLS} kills, ${EACH * CHANNELS.length} messages: ${failed.length} in doubt and told, doubled 0`,
    )
    bob.destroy()
    await world.stop()
  })
})
