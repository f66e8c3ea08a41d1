import { Counter, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../model/logger.ts'
import { SECONDS } from './buckets.ts'

/** What the Telegram connector tells. Accounts are people, so none has a series of its own. */
export class TelegramMetrics {
  readonly #log: Logger
  readonly #sends
  readonly #sendSeconds
  readonly #waits
  readonly #waitSeconds
  readonly #catchUpSeconds
  readonly #filled
  readonly #unread
  readonly #readAgain
  readonly #ended

  constructor(registry: Registry, log: Logger) {
    this.#log = log
    const registers = [registry]
    const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name: `viaduct_telegram_${name}`, help, labelNames, registers })
    const seconds = (name: string, help: string) =>
      new Histogram({ name: `viaduct_telegram_${name}`, help, registers, buckets: SECONDS })
    this.#sends = counter('send_total', 'Attempts at deliveries by what became of them', ['outcome'])
    this.#sendSeconds = seconds('send_seconds', 'How long an attempt took that delivered')
    this.#waits = counter('waits_total', 'Times that the server asked to wait', ['scope'])
    this.#waitSeconds = counter('wait_seconds_total', 'Seconds that the server asked to wait', ['scope'])
    this.#catchUpSeconds = seconds(
      'catch_up_seconds',
      'From the beginning of a connection until all that was missed is in the ledger',
    )
    this.#filled = counter('filled_messages_total', 'Messages fetched from history to fill a gap', ['gap'])
    this.#unread = counter('unread_updates_total', 'Updates that could not be understood')
    this.#readAgain = counter('unread_updates_read_total', 'Such updates that a later version understood')
    this.#ended = counter('connections_ended_total', 'Connections that ended', ['reason'])
    // A series that begins at 1 has no increase: these are asked for theirs.
    for (const scope of ['account', 'chat']) {
      this.#waits.inc({ scope }, 0)
      this.#waitSeconds.inc({ scope }, 0)
    }
    this.#ended.inc({ reason: 'backoff' }, 0)
  }

  sent({ outcome, ms }: { outcome: string; ms: number }): void {
    this.#sends.inc({ outcome })
    if (outcome === 'delivered') this.#sendSeconds.observe(Math.max(0, ms) / 1000)
  }

  waits({ scope, ms }: { scope: 'account' | 'chat'; ms: number }): void {
    this.#waits.inc({ scope })
    this.#waitSeconds.inc({ scope }, Math.max(0, ms) / 1000)
    if (scope === 'account') this.#log.warn({ ms }, 'telegram: an account has to wait')
    else this.#log.debug({ ms }, 'telegram: a conversation has to wait')
  }

  caughtUp(ms: number): void {
    this.#catchUpSeconds.observe(Math.max(0, ms) / 1000)
    this.#log.debug({ ms }, 'telegram: caught up')
  }

  filled(gap: string, messages: number): void {
    this.#filled.inc({ gap }, messages)
    this.#log.info({ gap, messages }, 'telegram: messages fetched from history')
  }

  unread(update: string, error: string): void {
    this.#unread.inc()
    this.#log.error({ update, error }, 'telegram: an update cannot be understood; its bytes are kept')
  }

  readAgain(update: string): void {
    this.#readAgain.inc()
    this.#log.info({ update }, 'telegram: an update that was kept is understood now')
  }

  ended(reason: string, text: string): void {
    this.#ended.inc({ reason })
    this.#log.info({ reason, text }, 'telegram: connection ended')
  }
}
