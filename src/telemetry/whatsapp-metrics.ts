import { Counter, Gauge, Histogram } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Logger } from '../model/logger.ts'
import { SECONDS } from './buckets.ts'

const FATES = ['asked', 'opened', 'given_up'] as const

/** What the WhatsApp connector tells. Accounts are people, so none has a series of its own. */
export class WhatsAppMetrics {
  readonly #log: Logger
  readonly #sends
  readonly #sendSeconds
  readonly #ended
  readonly #replayed
  readonly #waiting
  readonly #undecrypted
  readonly #askedAgain
  readonly #notKept
  readonly #unread
  readonly #depths = new Map<number, number>()

  constructor(registry: Registry, log: Logger) {
    this.#log = log
    const registers = [registry]
    const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name: `viaduct_whatsapp_${name}`, help, labelNames, registers })
    this.#sends = counter('send_total', 'Attempts at deliveries by what became of them', ['outcome'])
    this.#sendSeconds = new Histogram({
      name: 'viaduct_whatsapp_send_seconds',
      help: 'How long an attempt took that delivered',
      registers,
      buckets: SECONDS,
    })
    this.#ended = counter('connections_ended_total', 'Connections that ended', ['reason'])
    this.#replayed = counter(
      'replayed_messages_total',
      'Messages that an earlier connection could not hand over',
    )
    this.#waiting = new Gauge({
      name: 'viaduct_whatsapp_journal_waiting',
      help: 'What has come and is not in the ledger yet',
      registers,
    })
    this.#undecrypted = counter(
      'undecrypted_total',
      'Messages that could not be opened, by what became of them',
      ['what'],
    )
    this.#askedAgain = counter('resend_requests_total', 'Times that a device asked for a message again')
    this.#notKept = counter('resend_failures_total', 'Messages asked for again that are not kept any more')
    this.#unread = counter('unread_total', 'Things that came and were not understood')
    // A series that begins at 1 has no increase: these are asked for theirs.
    for (const what of FATES) this.#undecrypted.inc({ what }, 0)
    for (const reason of ['backoff', 'blocked']) this.#ended.inc({ reason }, 0)
  }

  sent({ outcome, ms }: { outcome: string; ms: number }): void {
    this.#sends.inc({ outcome })
    if (outcome === 'delivered') this.#sendSeconds.observe(Math.max(0, ms) / 1000)
  }

  ended(reason: string, text: string): void {
    this.#ended.inc({ reason })
    this.#log.info({ reason, text }, 'whatsapp: connection ended')
  }

  replayed(messages: number): void {
    this.#replayed.inc(messages)
    this.#log.info(
      { messages },
      'whatsapp: what an earlier connection could not hand over is handed over now',
    )
  }

  waiting(login: number, jobs: number): void {
    if (jobs === 0) this.#depths.delete(login)
    else this.#depths.set(login, jobs)
    this.#waiting.set([...this.#depths.values()].reduce((sum, each) => sum + each, 0))
  }

  undecrypted(what: (typeof FATES)[number]): void {
    this.#undecrypted.inc({ what })
    if (what === 'given_up') this.#log.warn('whatsapp: a message that could not be opened did not come again')
    else this.#log.debug({ what }, 'whatsapp: a message could not be opened')
  }

  askedAgain(): void {
    this.#askedAgain.inc()
    this.#log.debug('whatsapp: a device could not open a message and asks for it again')
  }

  notKept(): void {
    this.#notKept.inc()
    this.#log.warn('whatsapp: a device asked for a message that is not kept any more')
  }

  unread(error: string): void {
    this.#unread.inc()
    this.#log.error({ error }, 'whatsapp: something that came was not understood')
  }
}
