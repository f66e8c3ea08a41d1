import { assemble } from '../../src/assemble.ts'
import type { Parts, Running } from '../../src/assemble.ts'
import { systemClock } from '../../src/model/clock.ts'
import type { Connector } from '../../src/model/network.ts'
import { SimHomeserver } from '../sim/homeserver/index.ts'
import type { SimUser } from '../sim/homeserver/index.ts'
import { freshDatabase } from './database.ts'
import type { FreshDatabase } from './database.ts'
import { SERVER, testLog, testMatrixConfig, testRegistration, testSettings } from './settings.ts'

/** A whole Viaduct in this process, between a loopback homeserver and the networks that a test brings. */
export class Stack {
  readonly homeserver: SimHomeserver
  readonly database: FreshDatabase
  readonly #parts: () => Parts
  #running: Running

  private constructor(
    homeserver: SimHomeserver,
    database: FreshDatabase,
    parts: () => Parts,
    running: Running,
  ) {
    this.homeserver = homeserver
    this.database = database
    this.#parts = parts
    this.#running = running
  }

  /** @param change what differs from the usual parts, which it may be worked out from */
  static async start(
    connectors: () => Connector[],
    change: Partial<Parts> | ((usual: Parts) => Partial<Parts>) = {},
    given?: FreshDatabase,
  ): Promise<Stack> {
    const database = given ?? (await freshDatabase())
    const homeserver = await SimHomeserver.start({ serverName: SERVER })
    const usual = (): Parts => ({
      db: database.db,
      matrix: testMatrixConfig(homeserver.url),
      connectors: connectors(),
      settings: testSettings(),
      listen: { host: '127.0.0.1', port: 0 },
      keys: { vault: Buffer.alloc(32, 1), links: Buffer.alloc(32, 2) },
      mediaProxy: { publicUrl: undefined, expiryMs: 86_400_000 },
      nudge: false,
      lockWaitMs: 10_000,
      clock: systemClock,
      log: testLog,
      onLost: () => {},
    })
    const parts = (): Parts => {
      const all = usual()
      return { ...all, ...(typeof change === 'function' ? change(all) : change) }
    }
    const running = await assemble(parts())
    homeserver.addAppservice(testRegistration(`http://127.0.0.1:${running.port}`))
    return new Stack(homeserver, database, parts, running)
  }

  get running(): Running {
    return this.#running
  }

  /**
   * Stops the bridge as SIGTERM would, and starts it again on the same database and port.
   *
   * @param meanwhile what happens while it is away
   */
  async restart(meanwhile: () => Promise<void> | void = () => {}): Promise<void> {
    const { port } = this.#running
    await this.#running.stop(5_000)
    await meanwhile()
    this.#running = await assemble({ ...this.#parts(), listen: { host: '127.0.0.1', port } })
  }

  /** A person with a room with the bot, ready to give commands. */
  async person(name: string): Promise<Person> {
    const user = await this.homeserver.user(name)
    const room = await user.directRoomWith(`@viaductbot:${SERVER}`)
    await this.homeserver.waitFor(
      () => this.homeserver.members(room).includes(`@viaductbot:${SERVER}`),
      'the bot to join',
    )
    const person = new Person(this.homeserver, user, room)
    await person.heard('Hello')
    return person
  }

  async close(): Promise<void> {
    await this.#running.stop(2_000)
    await this.homeserver.close()
    await this.database.drop()
  }
}

/** A Matrix user who talks to the bot. */
export class Person {
  readonly user: SimUser
  readonly botRoom: string
  readonly #homeserver: SimHomeserver

  constructor(homeserver: SimHomeserver, user: SimUser, botRoom: string) {
    this.#homeserver = homeserver
    this.user = user
    this.botRoom = botRoom
  }

  /** Says something to the bot and gives its next words that contain `answer`. */
  async ask(command: string, answer: string): Promise<string> {
    const after = this.#homeserver.timeline(this.botRoom).length
    await this.user.sendText(this.botRoom, command)
    return this.heard(answer, after)
  }

  async heard(words: string, after = 0): Promise<string> {
    const find = () =>
      this.#homeserver
        .timeline(this.botRoom)
        .slice(after)
        .filter((event) => event.sender !== this.user.userId && event.type === 'm.room.message')
        .map((event) => bodyOf(event))
        .find((body) => body.includes(words))
    await this.#homeserver
      .waitFor(() => find() !== undefined, `the bot to say "${words}"`, 15_000)
      .catch((error: unknown) => {
        const said = this.#homeserver.timeline(this.botRoom).slice(-4).map(bodyOf)
        throw new Error(`the bot did not say "${words}" but: ${said.join(' | ')}`, { cause: error })
      })
    return find() ?? ''
  }

  /** Joins the next room that somebody invites to. @returns its id */
  async acceptInvite(except: string[] = []): Promise<string> {
    const invited = () =>
      this.#homeserver
        .roomIds()
        .find(
          (id) => !except.includes(id) && this.#homeserver.members(id, 'invite').includes(this.user.userId),
        )
    await this.#homeserver.waitFor(() => invited() !== undefined, 'an invitation', 15_000)
    const room = invited() ?? ''
    await this.user.join(room)
    return room
  }
}

/** The words in a room, as `sender-localpart: body`, without state events. */
export function words(homeserver: SimHomeserver, room: string): string[] {
  return homeserver
    .timeline(room)
    .filter((event) => event.state_key === undefined && event.type === 'm.room.message')
    .map((event) => `${event.sender.slice(1).split(':')[0]}: ${bodyOf(event)}`)
}

const bodyOf = (event: { content: Record<string, unknown> }): string => {
  const { body } = event.content
  return typeof body === 'string' ? body : ''
}
