import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { InspIrcd, inspircdModules } from './servers/inspircd.ts'
import { IrcClient } from './servers/irc-client.ts'
import { until } from './support/until.ts'
import { World } from './world.ts'

const CHANNEL = '#faults'
const AWAY_MS = 60_000

const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`)

/** Alice on Matrix and bob on IRC in one channel, and both talk while something happens to the servers. */
class Conversation {
  readonly world: World
  readonly #bob: IrcClient
  readonly #alice: Awaited<ReturnType<World['person']>>
  readonly #room: string
  #said = 0
  #told = 0
  #talking = true
  #talk: Promise<void> = Promise.resolve()

  private constructor(
    world: World,
    bob: IrcClient,
    alice: Awaited<ReturnType<World['person']>>,
    room: string,
  ) {
    this.world = world
    this.#bob = bob
    this.#alice = alice
    this.#room = room
  }

  static async begin(): Promise<Conversation> {
    const ircd = await InspIrcd.start({ flood: 'load', modules: [...inspircdModules, 'chanhistory'] })
    const network = { pace: { burst: 1000, per_second: 1000 } }
    const world = await World.start({ ircd, database: 'debian', network })
    const caps = ['server-time', 'message-tags']
    const bob = await IrcClient.connect({ port: ircd.port, nick: 'bob', caps })
    await bob.join(CHANNEL)
    bob.mode(CHANNEL, '+H 500:1h')
    await bob.fence()
    const alice = await world.person('alice')
    await alice.logIn()
    const { room } = await alice.enter(CHANNEL)
    const talk = new Conversation(world, bob, alice, room)
    await talk.settled()
    return talk
  }

  /** Both go on talking until `settled`. */
  start(pauseMs: number): void {
    this.#talking = true
    const alice = async () => {
      while (this.#talking) {
        await this.#alice.client.sendText(this.#room, `out ${this.#said}`)
        this.#said += 1
        await delay(pauseMs)
      }
    }
    const bob = async () => {
      while (this.#talking) {
        this.#bob.say(CHANNEL, `in ${this.#told}`)
        this.#told += 1
        await delay(pauseMs)
      }
    }
    this.#talk = Promise.all([alice(), bob()]).then(() => undefined)
  }

  /** Both stop talking; resolves when all of it has arrived. @returns how much each said */
  async settled(): Promise<{ out: number; in: number }> {
    this.#talking = false
    await this.#talk
    await until('all that alice said', () => this.heard().length >= this.#said, 120_000)
    await until('all that bob said', async () => (await this.seen()).length >= this.#told, 120_000)
    await this.world.quiet()
    return { out: this.#said, in: this.#told }
  }

  /** What bob heard alice say. */
  heard(): string[] {
    return this.#bob
      .messages(CHANNEL)
      .filter(({ source }) => source.startsWith('alice!'))
      .map(({ params }) => params.at(-1) ?? '')
  }

  /** What bob said, as the homeserver has it in the room; many lines of a flood are one message. */
  async seen(): Promise<string[]> {
    return (await this.#alice.client.history(this.#room))
      .filter(({ sender, type }) => sender.includes('bob') && type === 'm.room.message')
      .flatMap(({ content }) => String(content['body']).split('\n'))
  }

  async expectWhole(what: string): Promise<void> {
    const said = await this.settled()
    expect(this.heard(), `${what}: from Matrix`).toEqual(numbered('out', said.out))
    expect(await this.seen(), `${what}: to Matrix`).toEqual(numbered('in', said.in))
    expect(await this.world.bridge.ledger('failed')).toEqual([])
    console.log(`${what}: ${said.out} out, ${said.in} in: lost 0, doubled 0, in order`)
  }

  async end(): Promise<void> {
    this.#bob.destroy()
    await this.world.stop()
  }
}

test('Synapse is killed while both talk: nothing lost, nothing doubled, in order', async () => {
  const talk = await Conversation.begin()
  const { synapse } = talk.world
  talk.start(20)
  for (let kill = 0; kill < 3; kill += 1) {
    await delay(1_000 + Math.random() * 2_000)
    await synapse.kill()
    await delay(500)
    await synapse.restart()
  }
  await delay(1_000)
  await talk.expectWhole('Synapse killed 3 times')
  await talk.end()
})

test('PostgreSQL is away for a minute while both talk: nothing lost, nothing doubled, in order', async () => {
  const talk = await Conversation.begin()
  const { postgres } = talk.world
  if (postgres === undefined) throw new Error('the bridge has a database of its own here')
  talk.start(200)
  await delay(1_000)
  await postgres.stop()
  await delay(AWAY_MS)
  await postgres.restart()
  await delay(1_000)
  await talk.expectWhole('PostgreSQL away for a minute')
  await talk.end()
})
