import type { Parts } from '../../src/assemble.ts'
import type { BridgeSettings } from '../../src/bridge/settings.ts'
import type { IrcNetworkConfig } from '../../src/networks/irc/config.ts'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcClient, SimIrcOptions } from '../sim/irc/index.ts'
import type { SimHomeserver } from '../sim/homeserver/index.ts'
import type { FreshDatabase } from './database.ts'
import { FakeNetwork } from './fake-network.ts'
import { testIrc, testNetwork } from './irc-config.ts'
import { JumpClock } from './jump-clock.ts'
import { enter, logIn } from './killed-world.ts'
import { testSettings } from './settings.ts'
import { Stack, words } from './stack.ts'
import type { Person } from './stack.ts'

export type WorldOptions = {
  settings?: Partial<BridgeSettings>
  /** What else differs from the usual parts. */
  change?: (usual: Parts) => Partial<Parts>
  database?: FreshDatabase
}

/** What the worlds of the flow tests have in common: a bridge whose clock a test can put forward. */
class World {
  readonly clock: JumpClock
  readonly stack: Stack
  readonly alice: Person

  constructor(stack: Stack, alice: Person, clock: JumpClock) {
    this.stack = stack
    this.alice = alice
    this.clock = clock
  }

  get homeserver(): SimHomeserver {
    return this.stack.homeserver
  }

  /** Words in a room that contain these, the newest last. */
  find(room: string, part: string): string[] {
    return words(this.homeserver, room).filter((each) => each.includes(part))
  }

  /** Waits for words in a room. @returns the first that contain `part` */
  async see(room: string, part: string, timeoutMs?: number): Promise<string> {
    await this.homeserver.waitFor(() => this.find(room, part).length > 0, `"${part}" in the room`, timeoutMs)
    return this.find(room, part)[0] ?? ''
  }

  /** The event with this text. */
  async event(room: string, part: string) {
    const find = () => this.homeserver.timeline(room).find((e) => String(e.content['body']).includes(part))
    await this.homeserver.waitFor(() => find() !== undefined, `"${part}" in the room`)
    const found = find()
    if (!found) throw new Error('gone')
    return found
  }

  /** What a ghost said in a room. */
  bodies(room: string, localpart: string): string[] {
    const lead = `${localpart}: `
    return words(this.homeserver, room)
      .filter((each) => each.startsWith(lead))
      .map((each) => each.slice(lead.length))
  }

  /** Hands a transaction to the bridge as the homeserver would. @returns the HTTP status */
  async put(id: string, body: unknown = { events: [] }): Promise<number> {
    const url = `http://127.0.0.1:${this.stack.running.port}/_matrix/app/v1/transactions/${id}`
    const response = await fetch(url, {
      method: 'PUT',
      headers: { authorization: 'Bearer hs-token-of-the-tests' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      // The homeserver keeps later events in memory only for as long as one transaction is held.
      signal: AbortSignal.timeout(8_000),
    })
    return response.status
  }

  /** What is not done yet: transactions to route, deliveries to make. */
  open(): Promise<unknown[]> {
    return this.stack.database.db.query(
      `select 'inbox' as what, id from inbox where routed_at is null
       union all select kind, id from delivery where state in ('queued', 'sending', 'parked')`,
    )
  }

  /** Resolves when the homeserver and the ledger have nothing left to do. */
  async quiet(): Promise<void> {
    await this.homeserver.waitFor(() => this.homeserver.isDrained('viaduct'), 'the homeserver to be done')
    const until = Date.now() + 20_000
    while ((await this.open()).length > 0) {
      if (Date.now() > until) throw new Error(`still open: ${JSON.stringify(await this.open())}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const PUPPETS = 'token-of-the-second-registration'

/** Options of a world in which the bridge may act for people. */
export const doublePuppet: WorldOptions = {
  settings: { doublePuppet: true },
  change: (usual) => ({ matrix: { ...usual.matrix, doublePuppet: { asToken: PUPPETS, id: 'double' } } }),
}

const partsOf = (clock: JumpClock, o: WorldOptions) => (usual: Parts) => ({
  clock,
  settings: testSettings(o.settings),
  ...o.change?.(usual),
})

/** Alice, logged in to a network in memory that does what a test says. */
export class FakeWorld extends World {
  readonly network: FakeNetwork

  private constructor(stack: Stack, alice: Person, clock: JumpClock, network: FakeNetwork) {
    super(stack, alice, clock)
    this.network = network
  }

  static async start(o: WorldOptions = {}): Promise<FakeWorld> {
    const network = new FakeNetwork()
    const clock = new JumpClock()
    const stack = await Stack.start(() => [network], partsOf(clock, o), o.database)
    if (o.settings?.doublePuppet === true) {
      stack.homeserver.addAppservice({
        id: 'double',
        url: null,
        asToken: PUPPETS,
        hsToken: 'unused',
        senderLocalpart: '_double',
        userRegexes: ['@.*:sim.local'],
        aliasRegexes: [],
      })
    }
    const alice = await stack.person('alice')
    await alice.ask('login irc', 'Which nick?')
    await alice.ask('ally', 'Password?')
    await alice.ask('hunter2', 'You are ally.')
    return new FakeWorld(stack, alice, clock, network)
  }

  /** Alice enters a channel. @returns its room */
  async join(channel: string, person = this.alice, except: string[] = []): Promise<string> {
    await person.ask(`join ${channel}`, `You are in ${channel}`)
    return person.acceptInvite(except)
  }

  /** Texts that were sent to the network, of one channel or of all. */
  sent(channel?: string): string[] {
    return this.network.sent
      .filter(({ chat }) => channel === undefined || chat.chat.id === `fake/${channel}`)
      .map(({ action }) =>
        action.kind === 'message' && action.content.kind === 'text' ? action.content.body : action.kind,
      )
  }

  async close(): Promise<void> {
    await this.stack.close()
  }
}

export type IrcWorldOptions = WorldOptions & {
  sim?: SimIrcOptions
  network?: Partial<IrcNetworkConfig>
  channel?: string
}

/** Alice by the bridge and bob by himself in an IRC channel. */
export class IrcWorld extends World {
  readonly irc: SimIrc
  readonly bob: SimIrcClient
  readonly channel: string
  readonly room: string

  private constructor(
    stack: Stack,
    alice: Person,
    clock: JumpClock,
    irc: SimIrc,
    place: { bob: SimIrcClient; channel: string; room: string },
  ) {
    super(stack, alice, clock)
    this.irc = irc
    this.bob = place.bob
    this.channel = place.channel
    this.room = place.room
  }

  static async start(o: IrcWorldOptions = {}): Promise<IrcWorld> {
    const irc = await SimIrc.start(o.sim ?? {})
    const clock = new JumpClock()
    const config = testIrc(testNetwork('sim', irc.port, o.network))
    const connectors = () => [new IrcConnector(config, { backoffMs: 20 })]
    const stack = await Stack.start(connectors, partsOf(clock, o), o.database)
    const alice = await stack.person('alice')
    await logIn(alice, 'alice')
    const bob = await irc.client('bob')
    const channel = o.channel ?? '#town'
    const room = await enter(alice, bob, channel, [])
    return new IrcWorld(stack, alice, clock, irc, { bob, channel, room })
  }

  /** Another Matrix user in the room of the channel, by a login of their own. */
  async newcomer(name: string, channel = this.channel): Promise<Person> {
    const person = await this.stack.person(name)
    await logIn(person, name)
    await person.ask(`join ${channel}`, channel)
    await person.acceptInvite()
    return person
  }

  /** What bob heard somebody say in the channel. */
  heard(from = 'alice', channel = this.channel): string[] {
    return this.bob
      .said(channel)
      .filter((each) => each.from === from)
      .map((each) => each.text)
  }

  async hear(text: string, from = 'alice'): Promise<void> {
    await this.bob.waitFor(() => this.heard(from).includes(text), `"${text}" from ${from}`, 30_000)
  }

  /** What bob said, as the room has it. */
  get seen(): string[] {
    return this.bodies(this.room, '_irc_sim_bob')
  }

  isIn(nick: string, channel = this.channel): boolean {
    return this.irc.channel(channel)?.members.some((member) => member.nick === nick) === true
  }

  async close(): Promise<void> {
    await this.stack.close()
    await this.irc.close()
  }
}
