import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Direction, DeliveryKind } from '../model/delivery.ts'
import type { Logger } from '../model/logger.ts'
import { SECONDS } from './buckets.ts'
import { Gauges } from './gauges.ts'
import { IrcMetrics } from './irc-metrics.ts'
import { MatrixMetrics } from './matrix-metrics.ts'
import type { MetricSources } from './sources.ts'
import { TelegramMetrics } from './telegram-metrics.ts'
import { VERSION } from './version.ts'
import { WhatsAppMetrics } from './whatsapp-metrics.ts'

export type DeliveryEnd = {
  delivery: number
  network: string
  direction: Direction
  kind: DeliveryKind
  outcome: 'delivered' | 'rejected' | 'unknown' | 'expired'
  /** Since it was done on the other side; absent where that says nothing, as for history. */
  ms?: number
  attempts?: number
  code?: string
  why?: string
}

/**
 * Everything that is counted. One method for each thing that can happen; it counts and logs, so that the two cannot
 * drift apart.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly matrix: MatrixMetrics
  readonly irc: IrcMetrics
  readonly telegram: TelegramMetrics
  readonly whatsapp: WhatsAppMetrics
  readonly #log: Logger
  readonly #gauges: Gauges
  readonly #deliveries
  readonly #latency
  readonly #retries
  readonly #accepted
  readonly #repeats
  readonly #loginChanges

  /** @param options `process: false` leaves out memory, event loop and the like */
  constructor(log: Logger, options: { process?: boolean } = {}) {
    this.#log = log
    const { registry } = this
    this.matrix = new MatrixMetrics(registry, log)
    this.irc = new IrcMetrics(registry, log)
    this.telegram = new TelegramMetrics(registry, log)
    this.whatsapp = new WhatsAppMetrics(registry, log)
    this.#gauges = new Gauges(registry)
    const registers = [registry]
    const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
      new Counter({ name: `viaduct_${name}`, help, labelNames, registers })
    this.#deliveries = counter('deliveries_total', 'Deliveries that came to an end', [
      'network',
      'direction',
      'kind',
      'outcome',
    ])
    this.#latency = new Histogram({
      name: 'viaduct_delivery_seconds',
      help: 'From the act on one side until the other side has it',
      labelNames: ['network', 'direction'],
      buckets: SECONDS,
      registers,
    })
    this.#retries = counter('delivery_retries_total', 'Attempts that have to be made again', [
      'network',
      'direction',
      'code',
    ])
    this.#accepted = counter('remote_events_total', 'Events that a network handed in', ['network', 'kind'])
    this.#repeats = counter('repeats_total', 'Events that came again and were dropped', ['network', 'from'])
    this.#loginChanges = counter('login_changes_total', 'Changes of the state of logins', [
      'network',
      'state',
    ])
    new Gauge({
      name: 'viaduct_build_info',
      help: 'The version of the program, as 1',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: VERSION, node: process.version }, 1)
    if (options.process !== false) collectDefaultMetrics({ register: registry, prefix: 'viaduct_' })
  }

  /** Says where present states are looked up at each scrape. */
  observe(sources: MetricSources): void {
    this.#gauges.observe(sources)
  }

  deliveryEnded(end: DeliveryEnd): void {
    const { network, direction, kind, outcome, ms } = end
    this.#deliveries.inc({ network, direction, kind, outcome })
    if (outcome === 'delivered') {
      if (ms !== undefined) this.#latency.observe({ network, direction }, Math.max(0, ms) / 1000)
      this.#log.debug(end, 'delivered')
    } else {
      this.#log.warn(end, `delivery ${outcome}`)
    }
  }

  deliveryRetried(retry: {
    delivery: number
    network: string
    direction: Direction
    code: string
    why?: string
  }): void {
    const { network, direction, code } = retry
    this.#retries.inc({ network, direction, code })
    this.#log.debug(retry, 'delivery has to be tried again')
  }

  /** Events of a network are in the ledger. */
  accepted(network: string, kind: string): void {
    this.#accepted.inc({ network, kind })
  }

  /** Something came a second time and was dropped. */
  repeated(network: string, from: 'matrix' | 'network', count = 1): void {
    this.#repeats.inc({ network, from }, count)
  }

  loginChanged(change: { login: number; network: string; state: string; text?: string }): void {
    const { network, state } = change
    this.#loginChanges.inc({ network, state })
    this.#log.info(change, `login ${state}`)
  }

  /** Everything in the text format of Prometheus. */
  async expose(now: Date = new Date()): Promise<{ contentType: string; body: string }> {
    await this.#gauges.refresh(now)
    return { contentType: this.registry.contentType, body: await this.registry.metrics() }
  }

  /** The names of all metrics. */
  names(): string[] {
    return this.registry.getMetricsAsArray().map((metric) => metric.name)
  }

  /** Stops what runs beside: the watch over the event loop. */
  close(): void {
    this.registry.clear()
  }
}
