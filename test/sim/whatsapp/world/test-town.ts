import { afterEach } from 'vitest'
import type { ClientOptions, WhatsAppFront } from '../index.ts'
import { SimWhatsApp } from '../index.ts'
import type { AccountOptions, SimAccount } from './account.ts'
import type { SimWorld, WorldOptions } from './index.ts'
import { Person } from './test-person.ts'

const towns: SimWhatsApp[] = []
afterEach(async () => {
  for (const town of towns.splice(0)) await town.stop()
})

/** A simulated WhatsApp and people with real clients; all of it ends with the test. */
export class Town {
  private readonly sim: SimWhatsApp

  private constructor(sim: SimWhatsApp) {
    this.sim = sim
  }

  static async start(options: WorldOptions = {}): Promise<Town> {
    const sim = await SimWhatsApp.start(options)
    towns.push(sim)
    return new Town(sim)
  }

  get world(): SimWorld {
    return this.sim.world
  }

  get front(): WhatsAppFront {
    return this.sim.front
  }

  /** An account whose phone is connected. */
  async person(
    phone: string,
    name: string,
    more: Omit<AccountOptions, 'phone' | 'name'> = {},
  ): Promise<Person> {
    const account = this.world.account({ phone, name, ...more })
    return new Person(account, await this.sim.phone(account, QUIET))
  }

  /** A linked companion of an account, connected. */
  async companion(account: SimAccount): Promise<Person> {
    return new Person(account, await this.sim.companion(account, QUIET))
  }

  /** A phone of an account again, after another identity. */
  async phoneAgain(account: SimAccount): Promise<Person> {
    return new Person(account, await this.sim.phone(account, QUIET))
  }
}

/** Without what asks the world outside. */
const QUIET: ClientOptions = { generateHighQualityLinkPreview: false, retryRequestDelayMs: 0 }
