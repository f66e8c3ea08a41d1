import type { Accounts, World } from './contract.ts'
import type { Linking } from './login/linking.ts'
import { LoginDesk } from './login/login.ts'
import type { LoginSwitches } from './login/switches.ts'
import { defaultSwitches } from './login/switches.ts'
import { serverIdentity } from './wire/certificate.ts'
import type { WireFaults } from './wire/faults.ts'
import type { Journal } from './wire/journal.ts'
import type { Who } from './wire/scope.ts'
import { WireServer } from './wire/server.ts'

/** The front of the simulated WhatsApp: the websocket server and who may log in there, before a world. */
export class WhatsAppFront {
  readonly switches: LoginSwitches
  readonly #wire: WireServer
  readonly #desk: LoginDesk

  private constructor(wire: WireServer, desk: LoginDesk, switches: LoginSwitches) {
    this.#wire = wire
    this.#desk = desk
    this.switches = switches
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
  static async start(
    world: World,
    accounts: Accounts,
    options: { port?: number } = {},
  ): Promise<WhatsAppFront> {
    const switches = defaultSwitches()
    const wire = await WireServer.listen(
      {
        identity: serverIdentity(),
        deflateFrom: () => switches.deflateFrom,
        admit: (connection, hello) => desk.admit(connection, hello),
      },
      options.port,
    )
    const desk = new LoginDesk({ world, accounts, switches, takeRefusal: wire.faults.takeRefusedLogin })
    return new WhatsAppFront(wire, desk, switches)
  }

  /** What a client connects to. */
  get url(): string {
    return this.#wire.url
  }

  get port(): number {
    return this.#wire.port
  }

  /** The public key that clients have to trust. */
  get root(): Uint8Array {
    return serverIdentity().root
  }

  /** Scanning QR codes and typing pairing codes. */
  get linking(): Linking {
    return this.#desk.linking
  }

  get journal(): Journal {
    return this.#wire.journal
  }

  get faults(): WireFaults {
    return this.#wire.faults
  }

  /** The devices that are logged in now. */
  get online(): Who[] {
    return this.#desk.online.map(({ who }) => who)
  }

  /** How many connections there are, also of companions that are not linked. */
  get open(): number {
    return this.#wire.open.length
  }

  /** The edge routing that the device said when it connected. */
  routingOf(who: Who): Uint8Array | undefined {
    return this.#wire.open.find(({ who: one }) => one?.phone === who.phone && one.device === who.device)
      ?.routing
  }

  /** Registers a phone with its number: its public Noise key. A later one replaces it. */
  registerPhone(phone: string, noise: Uint8Array): void {
    this.#desk.registerPhone(phone, noise)
  }

  async stop(): Promise<void> {
    await this.#wire.stop()
  }
}
