import type { Registration } from './types.ts'

/** A registration with its namespaces compiled. */
export class Appservice {
  readonly registration: Registration
  readonly senderId: string
  readonly #users: RegExp[]
  readonly #aliases: RegExp[]
  readonly #knownUsers = new Map<string, boolean>()

  constructor(registration: Registration, serverName: string) {
    this.registration = registration
    this.senderId = `@${registration.senderLocalpart}:${serverName}`
    this.#users = registration.userRegexes.map(anchored)
    this.#aliases = registration.aliasRegexes.map(anchored)
  }

  get id(): string {
    return this.registration.id
  }

  get url(): string | null {
    return this.registration.url
  }

  get exclusive(): boolean {
    return this.url !== null
  }

  /** True for the users of the namespace and for the sender. */
  ownsUser(userId: string): boolean {
    let owns = this.#knownUsers.get(userId)
    if (owns === undefined) {
      owns = userId === this.senderId || this.#users.some((regex) => regex.test(userId))
      this.#knownUsers.set(userId, owns)
    }
    return owns
  }

  ownsAlias(alias: string): boolean {
    return this.#aliases.some((regex) => regex.test(alias))
  }
}

/** Synapse matches with Python's `re.match`: tied to the start, open at the end. */
function anchored(source: string): RegExp {
  return new RegExp(`^(?:${source})`)
}
