import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../model/logger.ts'
import { SECONDS } from './buckets.ts'

/** How a send is proven: by the label of its echo, an echo, a fence of PING and PONG, a witness, or not at all. */
export type IrcTier = 'label' | 'echo' | 'fence' | 'witness' | 'none'

/** What the IRC connector tells; `network` is the id of the IRC network. */
export class IrcMetrics {
  readonly #log: Logger
  readonly #sends
  readonly #sendSeconds
  readonly #fenceSeconds
  readonly #resolved
  readonly #possibleDuplicates
  readonly #reconnects
  readonly #floods
  readonly #malformed
  readonly #reconciled
  readonly #backfilled
  readonly #truncated
  readonly #pace

  constructor(registry: Registry, log: Logger) {
    this.#log = log
    const registers = [registry]
    const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Counter({ name: `viaduct_irc_${name}`, help, labelNames, registers })
    const seconds = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Histogram({ name: `viaduct_irc_${name}`, help, labelNames, registers, buckets: SECONDS })
    this.#sends = counter('send_total', 'Messages written to a server', ['network', 'tier', 'outcome'])
    this.#sendSeconds = seconds('send_seconds', 'From the first byte to the proof of arrival', [
      'network',
      'tier',
    ])
    this.#fenceSeconds = seconds('fence_seconds', 'From a fence to its answer', ['network'])
    this.#resolved = counter('unknown_resolved_total', 'Sends in doubt that were resolved', ['network', 'by'])
    this.#possibleDuplicates = counter('possible_duplicates_total', 'Sends repeated without proof', [
      'network',
    ])
    this.#reconnects = counter('reconnects_total', 'Connections that ended and are made again', [
      'network',
      'reason',
    ])
    this.#floods = counter('excess_flood_total', 'Connections that a server closed for flooding', ['network'])
    this.#malformed = counter('malformed_lines_total', 'Lines that cannot be understood', ['network'])
    this.#reconciled = counter('reconcile_changes_total', 'Differences found against the list of members', [
      'network',
      'kind',
    ])
    this.#backfilled = counter('backfill_messages_total', 'Messages fetched from history', ['network'])
    this.#truncated = counter('truncated_total', 'Lines that a server cut', ['network'])
    this.#pace = new Gauge({
      name: 'viaduct_irc_pace_lines_per_second',
      help: 'Lines per second that a server is taken to accept',
      labelNames: ['network'],
      registers,
    })
  }

  sent(send: { network: string; tier: IrcTier; outcome: string; ms: number }): void {
    const { network, tier, outcome, ms } = send
    this.#sends.inc({ network, tier, outcome })
    if (outcome === 'delivered') this.#sendSeconds.observe({ network, tier }, ms / 1000)
    this.#log.debug(send, 'irc: sent')
  }

  fenced(network: string, ms: number): void {
    this.#fenceSeconds.observe({ network }, ms / 1000)
  }

  resolved(network: string, by: string): void {
    this.#resolved.inc({ network, by })
    this.#log.info({ network, by }, 'irc: a send in doubt was resolved')
  }

  possibleDuplicate(network: string): void {
    this.#possibleDuplicates.inc({ network })
    this.#log.warn({ network }, 'irc: sent again without proof that it had not arrived')
  }

  reconnecting(network: string, reason: string, text: string): void {
    this.#reconnects.inc({ network, reason })
    this.#log.info({ network, reason, text }, 'irc: connection ended')
  }

  flooded(network: string): void {
    this.#floods.inc({ network })
    this.#log.warn({ network }, 'irc: the server closed a connection for flooding')
  }

  malformed(network: string, lines = 1): void {
    this.#malformed.inc({ network }, lines)
    this.#log.debug({ network, lines }, 'irc: malformed line')
  }

  reconciled(network: string, kind: 'joined' | 'left', count: number): void {
    this.#reconciled.inc({ network, kind }, count)
  }

  backfilled(network: string, count: number): void {
    this.#backfilled.inc({ network }, count)
    this.#log.info({ network, count }, 'irc: messages fetched from history')
  }

  truncated(network: string): void {
    this.#truncated.inc({ network })
    this.#log.warn({ network }, 'irc: the server cut a line')
  }

  pace(network: string, linesPerSecond: number): void {
    this.#pace.set({ network }, linesPerSecond)
  }
}
