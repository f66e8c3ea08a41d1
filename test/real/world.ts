import type { InspIrcd } from './servers/inspircd.ts'
import type { NgIrcd } from './servers/ngircd.ts'
import { freePort } from './servers/server-process.ts'
import { Postgres } from './servers/postgres.ts'
import { Synapse } from './servers/synapse.ts'
import { Bridge } from './support/bridge.ts'
import { Person } from './support/person.ts'

export interface WorldOptions {
  readonly ircd: InspIrcd | NgIrcd
  /** The machine's PostgreSQL, or the one that the bridge brings. */
  readonly database: 'debian' | 'embedded'
  readonly channels?: readonly string[]
  readonly network?: Readonly<Record<string, unknown>>
}

/** Synapse, an IRC server and PostgreSQL, none of them ours, and between them a bridge set up as the manual says. */
export class World {
  readonly ircd: InspIrcd | NgIrcd
  readonly synapse: Synapse
  readonly bridge: Bridge
  readonly postgres: Postgres | undefined
  readonly #people: Person[] = []

  private constructor(
    ircd: InspIrcd | NgIrcd,
    synapse: Synapse,
    bridge: Bridge,
    postgres: Postgres | undefined,
  ) {
    this.ircd = ircd
    this.synapse = synapse
    this.bridge = bridge
    this.postgres = postgres
  }

  /** `init`, the line in the homeserver's configuration, `doctor`, `run`. */
  static async start(o: WorldOptions): Promise<World> {
    const postgres = o.database === 'debian' ? await Postgres.start() : undefined
    const port = await freePort()
    const bridge = await Bridge.init({
      homeserverUrl: `http://127.0.0.1:${port}`,
      serverName: 'synapse.test',
      admin: '@alice:synapse.test',
      ircPort: o.ircd.port,
      ...(postgres && { databaseUrl: await postgres.createDatabase('viaduct') }),
      ...(o.channels && { channels: o.channels }),
      ...(o.network && { network: o.network }),
    })
    const synapse = await Synapse.start({ appservices: [bridge.registrationPath], port })
    await bridge.doctor()
    await bridge.start()
    return new World(o.ircd, synapse, bridge, postgres)
  }

  /** A Matrix user in conversation with the bot. */
  async person(name: string): Promise<Person> {
    const person = await Person.arrive(this.synapse, name)
    this.#people.push(person)
    return person
  }

  /** Resolves when the ledger has nothing left to do. */
  async quiet(): Promise<void> {
    while ((await this.bridge.ledger('waiting')).length > 0) continue
  }

  async stop(): Promise<void> {
    await this.bridge.stop()
    await Promise.all(this.#people.map(({ client }) => client.stop()))
    await this.synapse.stop()
    await this.ircd.stop()
    await this.postgres?.stop()
  }
}
