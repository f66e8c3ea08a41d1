import type { Bridge } from 'matrix-appservice-bridge'
import { matrixEventId, NETWORKS } from '../model/ids.ts'
import type { MatrixUserId } from '../model/ids.ts'
import { BoundedMap } from './bounded.ts'
import { classifyError, outcomeOf } from './classify.ts'
import type { Failure } from './classify.ts'
import type { GhostBook, MatrixConfig, MatrixOutcome } from './ports.ts'

export type Profile = { name?: string; avatar?: string }

/** The process's memory of who is registered; shared with the library's own check. */
export type Registered = BoundedMap<string, true>

/** The users of our namespace: the bot, and one for each remote person. */
export class Ghosts {
  readonly #bridge: Bridge
  readonly #book: GhostBook
  readonly #registered: Registered
  readonly #bot: MatrixUserId
  readonly #prefixes: string[]
  readonly #suffix: string

  constructor(bridge: Bridge, book: GhostBook, registered: Registered, config: MatrixConfig) {
    this.#bridge = bridge
    this.#book = book
    this.#registered = registered
    this.#suffix = `:${config.serverName}`
    this.#bot = `@${config.botLocalpart}${this.#suffix}` as MatrixUserId
    this.#prefixes = NETWORKS.map((network) => `@${config.userPrefix}${network}_`)
  }

  /** Whether the user is the bot or a ghost. */
  isOwn(user: string): boolean {
    if (user === this.#bot) return true
    return user.endsWith(this.#suffix) && this.#prefixes.some((prefix) => user.startsWith(prefix))
  }

  /** Makes sure that one of our users exists; undefined when it does. People are never registered. */
  async register(user: MatrixUserId, options: { again?: boolean } = {}): Promise<Failure | undefined> {
    if (!this.isOwn(user)) return undefined
    if (options.again !== true) {
      if (this.#registered.get(user) === true) return undefined
      if (await this.#book.isRegistered(user)) {
        this.#registered.set(user, true)
        return undefined
      }
    }
    try {
      await this.#bridge.getIntent(user).ensureRegistered(options.again === true)
    } catch (error) {
      const verdict = classifyError(error)
      return verdict.kind === 'ok' ? { kind: 'doubt', why: 'registration was interrupted' } : verdict
    }
    this.#registered.set(user, true)
    return undefined
  }

  /** Registers a ghost and gives it its profile, once. */
  async ensure(user: MatrixUserId, profile: Profile = {}): Promise<MatrixOutcome> {
    if (await this.#book.isRegistered(user)) {
      this.#registered.set(user, true)
      return DONE
    }
    const failure = await this.register(user)
    if (failure !== undefined) return outcomeOf(failure)
    const outcome = await this.setProfile(user, profile)
    if (outcome.kind === 'delivered') await this.#book.registered(user)
    return outcome
  }

  /** Changes a public profile. It fans out to every room of the ghost: only when it differs. */
  async setProfile(user: MatrixUserId, profile: Profile): Promise<MatrixOutcome> {
    const intent = this.#bridge.getIntent(user)
    try {
      if (profile.name !== undefined) await intent.setDisplayName(profile.name)
      if (profile.avatar !== undefined) await intent.setAvatarUrl(profile.avatar)
      return DONE
    } catch (error) {
      const verdict = classifyError(error)
      return verdict.kind === 'ok' ? DONE : outcomeOf(verdict)
    }
  }
}

const DONE: MatrixOutcome = { kind: 'delivered', eventId: matrixEventId('') }
