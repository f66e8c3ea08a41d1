import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { ConnectionStatus } from '../model/network.ts'
import type { NetworkName } from '../model/ids.ts'
import type { LedgerDepth, MetricSources } from './sources.ts'

/** A database that does not answer must not hold up the scrape. */
const PATIENCE_MS = 3000

/** Present states, looked up at each scrape. */
export class Gauges {
  readonly #unfinished
  readonly #oldest
  readonly #inboxWaiting
  readonly #inboxOldest
  readonly #databaseUp
  readonly #connections
  readonly #logins
  readonly #lanes
  #sources: MetricSources = {}

  constructor(registry: Registry) {
    const gauge = <const L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Gauge({ name: `viaduct_${name}`, help, labelNames, registers: [registry] })
    this.#unfinished = gauge('ledger_unfinished', 'Deliveries that still have to happen', [
      'network',
      'direction',
      'state',
    ])
    this.#oldest = gauge('ledger_oldest_seconds', 'Age of the oldest delivery that still has to happen', [
      'network',
      'direction',
    ])
    this.#inboxWaiting = gauge('inbox_waiting', 'Stored homeserver transactions that are not routed yet')
    this.#inboxOldest = gauge('inbox_oldest_seconds', 'Age of the oldest transaction that is not routed yet')
    this.#databaseUp = gauge('database_up', 'Whether the database answered this scrape')
    this.#connections = gauge('connection_state', 'The state of each shared connection, as 1', [
      'network',
      'label',
      'state',
    ])
    this.#logins = gauge('logins', 'Logins of users by the state of their connection', ['network', 'state'])
    this.#lanes = gauge('lanes_active', 'Conversations with deliveries in memory')
    // Unknown is not zero.
    for (const one of [this.#inboxWaiting, this.#inboxOldest, this.#databaseUp, this.#lanes]) one.remove()
  }

  /** Says where to look; what is given replaces what was given before. */
  observe(sources: MetricSources): void {
    this.#sources = { ...this.#sources, ...sources }
  }

  /** Looks everything up. Never throws. */
  async refresh(now: Date): Promise<void> {
    const { ledger, inbox, connections, lanes } = this.#sources
    const [depths, lag] = await Promise.all([answer(ledger), answer(inbox)])
    if (ledger !== undefined || inbox !== undefined) {
      this.#databaseUp.set(depths === 'failed' || lag === 'failed' ? 0 : 1)
    }
    // An old figure would look like a present one: without an answer there is none.
    this.#unfinished.reset()
    this.#oldest.reset()
    if (Array.isArray(depths)) this.#ledger(depths, now)
    this.#inboxWaiting.remove()
    this.#inboxOldest.remove()
    if (typeof lag === 'object') {
      this.#inboxWaiting.set(lag.waiting)
      this.#inboxOldest.set(ageSeconds(lag.oldest, now))
    }
    this.#connections.reset()
    this.#logins.reset()
    for (const { network, status } of connections?.() ?? []) this.#connected(network, status)
    if (lanes !== undefined) this.#lanes.set(lanes())
  }

  #ledger(depths: LedgerDepth[], now: Date): void {
    const oldest = new Map<string, { network: string; direction: string; seconds: number }>()
    for (const { network, direction, state, count, oldest: since } of depths) {
      this.#unfinished.set({ network, direction, state }, count)
      const key = `${network} ${direction}`
      const seconds = Math.max(ageSeconds(since, now), oldest.get(key)?.seconds ?? 0)
      oldest.set(key, { network, direction, seconds })
    }
    for (const { network, direction, seconds } of oldest.values())
      this.#oldest.set({ network, direction }, seconds)
  }

  /** Users' connections are only counted: a series for each would tell who they are, and be many. */
  #connected(network: NetworkName, status: ConnectionStatus[]): void {
    for (const { login, label, state } of status) {
      if (login === undefined) this.#connections.set({ network, label, state }, 1)
      else this.#logins.inc({ network, state })
    }
  }
}

const ageSeconds = (since: Date | undefined, now: Date) =>
  since === undefined ? 0 : Math.max(0, (now.getTime() - since.getTime()) / 1000)

async function answer<T>(source: (() => Promise<T>) | undefined): Promise<T | 'failed' | undefined> {
  if (source === undefined) return undefined
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'failed'>((resolve) => {
    timer = setTimeout(() => resolve('failed'), PATIENCE_MS)
    timer.unref()
  })
  try {
    return await Promise.race([source(), late])
  } catch {
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}
