import { fileURLToPath } from 'node:url'
import type { ClientOptions, SimClient } from './clients/client.ts'
import { companionOf } from './clients/companion.ts'
import { phoneOf } from './clients/phone.ts'
import { connectTo, trust, trustMedia } from './clients/trust.ts'
import { WhatsAppFront } from './front.ts'
import type { Linking } from './login/linking.ts'
import type { Journal } from './wire/journal.ts'
import type { AccountOptions, SimAccount } from './world/account.ts'
import type { WorldOptions } from './world/index.ts'
import { SimWorld } from './world/index.ts'

export type SimWhatsAppOptions = WorldOptions & {
  /** default a free one */
  port?: number
}

/** A loopback WhatsApp: the front that clients connect to, and the world behind it. */
export class SimWhatsApp {
  /** the wire's and the login's faults, switches and journal */
  readonly front: WhatsAppFront
  /** accounts, groups, media, and the faults of what is delivered */
  readonly world: SimWorld
  readonly #clients: SimClient[] = []

  private constructor(front: WhatsAppFront, world: SimWorld) {
    this.front = front
    this.world = world
  }

  /**
   * Listens on 127.0.0.1. Baileys clients of this process trust it from now on, connect to it when they are told no
   * other server, and trust its media host. Rejects when the port is taken.
   */
  static async start({ port, ...options }: SimWhatsAppOptions = {}): Promise<SimWhatsApp> {
    const world = await SimWorld.start(options)
    const front = await WhatsAppFront.start(world, world.accounts, port === undefined ? {} : { port })
    trust(front.root)
    connectTo(front.url)
    trustMedia(world.media.cert)
    return new SimWhatsApp(front, world)
  }

  get url(): string {
    return this.front.url
  }

  /** Scanning QR codes and typing pairing codes. */
  get linking(): Linking {
    return this.front.linking
  }

  get journal(): Journal {
    return this.front.journal
  }

  /** What makes a Node program that uses Baileys talk to this server: arguments and environment of its process. */
  get preload(): { execArgv: string[]; env: Record<string, string> } {
    const path = fileURLToPath(new URL('clients/preload.ts', import.meta.url))
    return {
      execArgv: ['--import', path],
      env: {
        SIM_WHATSAPP_ROOT: Buffer.from(this.front.root).toString('hex'),
        SIM_WHATSAPP_URL: this.url,
        SIM_WHATSAPP_MEDIA: this.world.media.cert,
      },
    }
  }

  /** Makes an account. Throws when the number is taken. */
  account(options: AccountOptions | string): SimAccount {
    return this.world.account(options)
  }

  /** The phone of an account, played by a client that is open; `stop` ends it. */
  async phone(account: SimAccount, options?: ClientOptions): Promise<SimClient> {
    const client = phoneOf(this.front, account, options)
    this.#clients.push(client)
    return client.open()
  }

  /** A companion that the account's phone has linked by QR code, open; `stop` ends it. */
  async companion(account: SimAccount, options?: ClientOptions): Promise<SimClient> {
    const client = await companionOf(this.front, account.phone, options)
    this.#clients.push(client)
    return client
  }

  /** Ends the clients that it made, and stops listening. */
  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.stop()))
    await this.front.stop()
    await this.world.stop()
  }
}
