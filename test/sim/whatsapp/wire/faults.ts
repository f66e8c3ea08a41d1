import type { Node } from '../contract.ts'
import type { Effect } from './effect.ts'
import type { Direction, Scope, Who } from './scope.ts'
import { fits } from './scope.ts'

type Rule = { direction: Direction; scope: Scope; effect: Effect; seen: number; act?: () => void }

/** Why a login is refused: the reason of `<failure>`, as 401 removed, 402 and 403 banned, 405 outdated, 503. */
export type FailureReason = 401 | 402 | 403 | 405 | 500 | 503

/** What a test can make go wrong on the wire. A rule lasts as its scope says, or until `clear`. */
export class WireFaults {
  #rules: Rule[] = []
  #refusedConnections = 0
  #silentConnections = 0
  #refusedLogins: FailureReason[] = []
  #silent = false
  readonly #onSilence: (silent: boolean) => void
  readonly #freeze: (scope: Scope) => void

  constructor(hooks: { onSilence: (silent: boolean) => void; freeze: (scope: Scope) => void }) {
    this.#onSilence = hooks.onSilence
    this.#freeze = hooks.freeze
  }

  /** Takes back every fault that waits, and the server's silence. Frozen connections stay frozen. */
  clear(): void {
    this.#rules = []
    this.#refusedConnections = this.#silentConnections = 0
    this.#refusedLogins = []
    if (this.#silent) this.silent(false)
  }

  // --- one stanza ---

  /** Cuts the connection instead of handling or writing the stanza. */
  dropBefore(direction: Direction, scope: Scope): void {
    this.#add(direction, { count: 1, ...scope }, { kind: 'drop', when: 'before' })
  }

  /** Handles or writes the stanza, then cuts the connection; what is said in answer is not written. */
  dropAfter(direction: Direction, scope: Scope): void {
    this.#add(direction, { count: 1, ...scope }, { kind: 'drop', when: 'after' })
  }

  /** Calls `act`, and cuts the connection before or after the stanza: as when the client's process ends there. */
  dropAnd(direction: Direction, when: 'before' | 'after', scope: Scope, act: () => void): void {
    this.#rules.push({
      direction,
      scope: { count: 1, ...scope },
      effect: { kind: 'drop', when },
      seen: 0,
      act,
    })
  }

  /** Swallows the stanza. */
  lose(direction: Direction, scope: Scope): void {
    this.#add(direction, scope, { kind: 'lose' })
  }

  /** Handles or writes the stanza twice. */
  duplicate(direction: Direction, scope: Scope): void {
    this.#add(direction, scope, { kind: 'duplicate' })
  }

  /** Holds the stanza, and what comes behind it on its connection, for so long. */
  delay(direction: Direction, ms: number, scope: Scope): void {
    this.#add(direction, scope, { kind: 'delay', ms })
  }

  /** Handles or writes the stanza after the one that comes behind it on its connection. */
  swap(direction: Direction, scope: Scope): void {
    this.#add(direction, scope, { kind: 'swap' })
  }

  // --- one connection ---

  /** From now on nothing is read from or written to the device's connection, which stays open. */
  halfOpen(who: Who): void {
    this.#freeze({ phone: who.phone, device: who.device })
  }

  // --- the server ---

  /** The server reads and says nothing any more, also to new connections; `false` ends it for those to come. */
  silent(silent = true): void {
    this.#silent = silent
    this.#onSilence(silent)
  }

  /** The next connections get HTTP 503 instead of a websocket. */
  refuseConnections(count = 1): void {
    this.#refusedConnections += count
  }

  /** The next connections become websockets, and their handshake is never answered. */
  acceptSilently(count = 1): void {
    this.#silentConnections += count
  }

  /** The next logins end with this failure. */
  refuseLogins(reason: FailureReason, count = 1): void {
    this.#refusedLogins.push(...Array<FailureReason>(count).fill(reason))
  }

  // --- asked by the server ---

  takeRefusedConnection = (): boolean => this.#refusedConnections > 0 && this.#refusedConnections-- > 0
  takeSilentConnection = (): boolean =>
    this.#silent || (this.#silentConnections > 0 && this.#silentConnections-- > 0)
  takeRefusedLogin = (): FailureReason | undefined => this.#refusedLogins.shift()

  /** What happens to the stanza that is about to be handled or written; counts it. */
  take(direction: Direction, who: Who | undefined, node: Node): Effect[] {
    const effects: Effect[] = []
    for (const rule of this.#rules) {
      if (rule.direction !== direction || !fits(rule.scope, who, node)) continue
      rule.seen++
      const from = rule.scope.from ?? 1
      if (rule.seen < from || rule.seen >= from + (rule.scope.count ?? Infinity)) continue
      effects.push(rule.effect)
      rule.act?.()
    }
    return effects
  }

  #add(direction: Direction, scope: Scope, effect: Effect): void {
    this.#rules.push({ direction, scope, effect, seen: 0 })
  }
}
