import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../model/logger.ts'
import { BYTES, SECONDS } from './buckets.ts'

/** What became of a transaction of the homeserver; `nudged` is one stored but answered 503, so that it comes again. */
export type TransactionResult = 'stored' | 'repeat' | 'invalid' | 'failed' | 'nudged'

/** What passes between us and the homeserver. */
export class MatrixMetrics {
  readonly #log: Logger
  readonly #transactions
  readonly #commitSeconds
  readonly #transactionBytes
  readonly #requests
  readonly #requestSeconds
  readonly #quarantined
  readonly #gaps
  readonly #nudges
  readonly #pingSeconds
  readonly #pingOk
  #pinged: boolean | undefined

  constructor(registry: Registry, log: Logger) {
    this.#log = log
    const registers = [registry]
    this.#transactions = new Counter({
      name: 'viaduct_transactions_total',
      help: 'Transactions that the homeserver sent',
      labelNames: ['result'],
      registers,
    })
    this.#commitSeconds = new Histogram({
      name: 'viaduct_transaction_commit_seconds',
      help: 'From the whole transaction to its commit',
      buckets: SECONDS,
      registers,
    })
    this.#transactionBytes = new Histogram({
      name: 'viaduct_transaction_bytes',
      help: 'Size of transactions',
      buckets: BYTES,
      registers,
    })
    this.#requests = new Counter({
      name: 'viaduct_homeserver_requests_total',
      help: 'Requests made to the homeserver',
      labelNames: ['method', 'endpoint', 'status'],
      registers,
    })
    this.#requestSeconds = new Histogram({
      name: 'viaduct_homeserver_request_seconds',
      help: 'Time until the homeserver has answered',
      labelNames: ['method', 'endpoint'],
      buckets: SECONDS,
      registers,
    })
    this.#quarantined = new Counter({
      name: 'viaduct_events_quarantined_total',
      help: 'Events that cannot be understood and were put aside',
      registers,
    })
    this.#gaps = new Counter({
      name: 'viaduct_gap_events_total',
      help: 'Events that the homeserver never sent and that a scan of rooms found',
      registers,
    })
    this.#nudges = new Counter({
      name: 'viaduct_nudges_total',
      help: 'Times that the homeserver was made to send what it keeps',
      registers,
    })
    this.#pingSeconds = new Histogram({
      name: 'viaduct_homeserver_ping_seconds',
      help: 'From a ping until it came back through the homeserver',
      buckets: SECONDS,
      registers,
    })
    this.#pingOk = new Gauge({
      name: 'viaduct_homeserver_ping_ok',
      help: 'Whether the homeserver could reach the bridge at the last ping',
      registers,
    })
    // Before the first ping it is not known.
    this.#pingOk.remove()
  }

  transaction(result: TransactionResult, size: { bytes: number; commitMs?: number }): void {
    this.#transactions.inc({ result })
    this.#transactionBytes.observe(size.bytes)
    if (size.commitMs !== undefined) this.#commitSeconds.observe(size.commitMs / 1000)
    const fields = { result, ...size }
    if (result === 'failed' || result === 'invalid') this.#log.warn(fields, 'transaction not taken')
    else this.#log.debug(fields, 'transaction taken')
  }

  request(info: { method: string; endpoint: string; status: number | 'error'; ms: number }): void {
    const { method, endpoint, status, ms } = info
    this.#requests.inc({ method, endpoint, status: String(status) })
    if (status !== 'error') this.#requestSeconds.observe({ method, endpoint }, ms / 1000)
    if (status === 'error' || status >= 500) this.#log.debug(info, 'homeserver request failed')
  }

  quarantined(event: { eventId?: string; room?: string; why: string }): void {
    this.#quarantined.inc()
    this.#log.error(event, 'event put aside')
  }

  gapEvents(count: number, room: string): void {
    if (count === 0) return
    this.#gaps.inc(count)
    this.#log.warn({ count, room }, 'events found that the homeserver never sent')
  }

  nudged(why: string): void {
    this.#nudges.inc()
    this.#log.info({ why }, 'homeserver nudged')
  }

  /** Told at each change only: a ping is made often. */
  pinged(result: { ok: boolean; why?: string; ms: number }): void {
    this.#pingOk.set(result.ok ? 1 : 0)
    if (result.ok) this.#pingSeconds.observe(result.ms / 1000)
    if (result.ok !== this.#pinged) {
      if (result.ok) this.#log.info({ ms: result.ms }, 'the homeserver reaches the bridge')
      else this.#log.warn({ why: result.why }, 'the homeserver does not reach the bridge')
    }
    this.#pinged = result.ok
  }
}
