import type { Clock } from '../model/clock.ts'
import type { MatrixUserId } from '../model/ids.ts'
import { BoundedMap, Serial } from './bounded.ts'
import { settle } from './classify.ts'
import type { Failure, Verdict } from './classify.ts'
import type { Client } from './client.ts'
import type { Actor, DeviceBook } from './ports.ts'

/** A sender's device. `since` is undefined when the homeserver has no devices for appservices. */
export type Device = { since: Date | undefined }

/** Whoever sends with a device is not doubled by the homeserver for 24 h, over restarts; without, for half an hour. */
export class Devices {
  readonly #client: Client
  readonly #book: DeviceBook
  readonly #clock: Clock
  readonly #known = new BoundedMap<MatrixUserId, Device>(100_000)
  readonly #making = new Serial<MatrixUserId>()

  constructor(client: Client, book: DeviceBook, clock: Clock) {
    this.#client = client
    this.#book = book
    this.#clock = clock
  }

  /** The device, when this process has met it. */
  known(user: MatrixUserId): Device | undefined {
    return this.#known.get(user)
  }

  /** Makes the device unless the book has it. The verdict is what stood in the way. */
  ensure(actor: Actor): Promise<Device | Failure> {
    return this.#making.run(actor.user, async () => {
      const known = this.#known.get(actor.user)
      if (known !== undefined) return known
      const since = await this.#book.createdAt(actor.user)
      if (since !== undefined) return this.#remember(actor.user, { since })
      const at = this.#clock.now()
      const verdict = await settle(this.#client.putDevice(actor))
      if (verdict.kind === 'unrecognized') return this.#remember(actor.user, { since: undefined })
      if (verdict.kind !== 'ok') return verdict
      await this.#book.record(actor.user, at)
      return this.#remember(actor.user, { since: at })
    })
  }

  /** The homeserver does not know the device any more, and with it has forgotten its transaction ids. */
  async lost(user: MatrixUserId): Promise<void> {
    this.#known.delete(user)
    await this.#book.forget(user)
  }

  #remember(user: MatrixUserId, device: Device): Device {
    this.#known.set(user, device)
    return device
  }
}

export const isDevice = (value: Device | Verdict): value is Device => 'since' in value
