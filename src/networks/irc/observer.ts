import type { Tier } from './evidence.ts'

/** What is told of what happens on IRC, for counters and the log. `network` is the id of the IRC network. */
export interface IrcObserver {
  /** A line was written; `ms` from its first byte to what became of it. */
  sent(send: { network: string; tier: Proof; outcome: SentOutcome; ms: number }): void
  /** A fence of PING and PONG has come back. */
  fenced(network: string, ms: number): void
  /** Something in doubt was cleared up, or given up. */
  resolved(network: string, by: ResolvedBy): void
  possibleDuplicate(network: string): void
  /** A connection ended and is made again. */
  reconnecting(network: string, reason: string, text: string): void
  /** A server closed a connection for flooding. */
  flooded(network: string): void
  malformed(network: string, lines?: number): void
  /** The list of members differed from what was known. */
  reconciled(network: string, kind: 'joined' | 'left', count: number): void
  backfilled(network: string, count: number): void
  /** A server cut a line. */
  truncated(network: string): void
  pace(network: string, linesPerSecond: number): void
}

/** How a line is proven: by the label of its answer, by an echo, by a fence. */
export type Proof = 'label' | 'echo' | 'fence'
export type SentOutcome = 'delivered' | 'rejected' | 'retry' | 'unknown'
export type ResolvedBy = 'witness' | 'history' | 'resent' | 'reported'

const PROOFS: Readonly<Record<Tier, Proof>> = { T1: 'label', T1b: 'label', T2: 'echo', T3: 'fence' }

/** The observer as one network sees it; without one nothing is told. */
export class NetworkObserver {
  readonly #told: Partial<IrcObserver>
  readonly #network: string

  constructor(told: Partial<IrcObserver> | undefined, network: string) {
    this.#told = told ?? {}
    this.#network = network
  }

  sent(tier: Tier, outcome: SentOutcome, ms: number): void {
    this.#told.sent?.({ network: this.#network, tier: PROOFS[tier], outcome, ms: Math.max(0, ms) })
  }

  fenced(ms: number): void {
    this.#told.fenced?.(this.#network, Math.max(0, ms))
  }

  resolved(by: ResolvedBy, times: number): void {
    for (let time = 0; time < times; time++) this.#told.resolved?.(this.#network, by)
  }

  possibleDuplicate(): void {
    this.#told.possibleDuplicate?.(this.#network)
  }

  reconnecting(reason: string, text: string): void {
    this.#told.reconnecting?.(this.#network, reason, text)
  }

  flooded(): void {
    this.#told.flooded?.(this.#network)
  }

  malformed(): void {
    this.#told.malformed?.(this.#network)
  }

  reconciled(kind: 'joined' | 'left', count: number): void {
    if (count > 0) this.#told.reconciled?.(this.#network, kind, count)
  }

  backfilled(count: number): void {
    if (count > 0) this.#told.backfilled?.(this.#network, count)
  }

  truncated(): void {
    this.#told.truncated?.(this.#network)
  }

  pace(linesPerSecond: number): void {
    this.#told.pace?.(this.#network, linesPerSecond)
  }
}
