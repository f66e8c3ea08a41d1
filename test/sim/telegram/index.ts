import type { ServerKey } from './wire/server-key.ts'
import type { CallFilter, JournalEntry } from './wire/journal.ts'
import type { WireOptions } from './wire/wire.ts'
import { TelegramWire } from './wire/wire.ts'
import type { Switches } from './world/index.ts'
import { SimWorld } from './world/index.ts'

export type SimTelegramOptions = WireOptions & {
  /** What the world assumes of the real service; may be changed later, too. */
  readonly switches?: Partial<Switches>
}

/**
 * A Telegram server on loopback: a real one as far as unmodified clients can tell. `world` is what people do and see in
 * it; `wire` is what connections, keys and logins go through, with everything that can go wrong there.
 */
export class SimTelegram {
  readonly wire: TelegramWire
  readonly world: SimWorld

  private constructor(wire: TelegramWire, world: SimWorld) {
    this.wire = wire
    this.world = world
  }

  static async start({ switches = {}, ...options }: SimTelegramOptions = {}): Promise<SimTelegram> {
    const worlds: SimWorld[] = []
    const wire = await TelegramWire.start(options, (made) => {
      const world = new SimWorld(made, switches)
      worlds.push(world)
      return world
    })
    const [world] = worlds
    if (world === undefined) throw new Error('the wire made no world')
    return new SimTelegram(wire, world)
  }

  get host(): string {
    return this.wire.host
  }

  get port(): number {
    return this.wire.port
  }

  /** What clients must know to trust the server. */
  get serverKey(): ServerKey {
    return this.wire.serverKey
  }

  /** A key that is logged in to the account already: 256 bytes for a client to import. */
  preauth(account: { readonly id: bigint }): Buffer {
    return this.wire.preauth(account.id)
  }

  /** Every call of a client that fits, in order. */
  calls(filter?: CallFilter): JournalEntry[] {
    return this.wire.journal.calls(filter)
  }

  /** What the server did wrong: objects without bytes, handlers that threw. Empty in a good run. */
  get problems(): readonly string[] {
    return this.wire.journal.problems
  }

  stop(): Promise<void> {
    return this.wire.stop()
  }
}
