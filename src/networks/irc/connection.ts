import type { Socket } from 'node:net'
import type { Clock } from '../../model/clock.ts'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import type { LoginState } from '../../model/login.ts'
import type { Batch } from './batch.ts'
import { isFlood } from './closing.ts'
import type { Closing } from './closing.ts'
import type { IrcServer } from './config.ts'
import { Link } from './link.ts'
import type { LinkOptions } from './link-options.ts'
import { Live } from './live.ts'
import type { NetworkObserver } from './observer.ts'
import type { Pace } from './pace.ts'
import type { Reply } from './replies.ts'
import type { Ticket } from './ticket.ts'
import type { IrcMessage } from './wire.ts'

export type ConnectionDeps = {
  clock: Clock
  log: Logger
  /** Resolves when one more connection to the network may be opened. */
  gate(signal: AbortSignal): Promise<void>
  /** Made anew for each attempt. @throws Refusal when there is no use in trying */
  options(attempt: number): Promise<LinkOptions>
  pace?: Pace | undefined
  /** Milliseconds before the second attempt; doubles from there. */
  backoffMs: number
  onSocket?(socket: Socket): void
  onLive(live: Live): void
  onItem(live: Live, item: IrcMessage | Batch): void
  onLost(live: Live, closing: Closing): void
  /** The server has a policy of strict transport security. @returns whether to connect again, by TLS */
  onSts?(server: IrcServer, value: string): boolean
  onLate(ticket: Ticket, reply: Reply): void
  onState(state: LoginState, text?: string): void
  observer?: NetworkObserver
}

/** A fault of the settings: trying again changes nothing. */
export class Refusal extends Error {}

const LONGEST_BACKOFF_MS = 10 * 60_000
const THROTTLED_MS = 30_000
const BLOCKED_MS = 60 * 60_000
/** A connection that has lasted this long was good. */
const GOOD_MS = 60_000

/** Keeps one user, or the bot, connected to a network: opens links, one after the other, for as long as wanted. */
export class Connection {
  readonly #deps: ConnectionDeps
  #abort: AbortController | undefined
  #link: Link | undefined
  #live: Live | undefined
  #running: Promise<void> = Promise.resolve()
  #failures = 0
  #attempts = 0
  #learned: Pace | undefined
  #state: LoginState = 'logged_out'
  #text: string | undefined
  #since: Date
  #hurry: (() => void) | undefined
  #paused = false

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
    this.#since = deps.clock.now()
  }

  get live(): Live | undefined {
    return this.#live
  }

  get status(): { state: LoginState; text?: string; since: Date } {
    return { state: this.#state, since: this.#since, ...(this.#text !== undefined && { text: this.#text }) }
  }

  start(): void {
    if (this.#abort !== undefined) return
    const abort = new AbortController()
    this.#abort = abort
    this.#running = this.#run(abort.signal)
  }

  /** Says goodbye. Resolves when the connection is closed, or after `deadlineMs` milliseconds. */
  async stop(reason: string, deadlineMs: number): Promise<void> {
    this.#abort?.abort()
    this.#abort = undefined
    this.#link?.quit(reason)
    await Promise.race([this.#running, sleep(this.#deps.clock, deadlineMs)])
    this.#link?.close({ kind: 'requested', text: reason })
    this.#setState('logged_out')
  }

  /** Tries again at once if it is waiting to. */
  hurry(): void {
    this.#hurry?.()
  }

  /** Ends the present link; the next one follows as after any loss. */
  reconnect(text: string): void {
    this.#link?.close({ kind: 'lost', text })
  }

  pause(): void {
    this.#paused = true
    this.#link?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#link?.resume()
  }

  /** Says what the connection is doing after it has become usable. */
  announce(state: LoginState, text?: string): void {
    this.#setState(state, text)
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const closing = await this.#attempt(signal)
      if (signal.aborted) return
      const waitMs = this.#waitMs(closing)
      this.#setState(stateAfter(closing), closing.text)
      this.#deps.log.info({ why: closing.kind, text: closing.text, waitMs }, 'IRC connection ended')
      if (waitMs === undefined) return
      this.#deps.observer?.reconnecting(closing.kind, closing.text)
      await this.#wait(waitMs, signal)
    }
  }

  async #attempt(signal: AbortSignal): Promise<Closing> {
    this.#setState('connecting')
    try {
      await this.#deps.gate(signal)
      const options = await this.#deps.options(this.#attempts++)
      if (signal.aborted) return { kind: 'requested', text: 'stopped' }
      return await this.#follow(options)
    } catch (error) {
      const kind = error instanceof Refusal ? 'bad_credentials' : 'lost'
      return { kind, text: messageOf(error) }
    }
  }

  /** Opens a link; resolves when it has ended. */
  #follow(options: LinkOptions): Promise<Closing> {
    const { clock, log } = this.#deps
    return new Promise((resolve) => {
      let live: Live | undefined
      const link = new Link({
        clock,
        log,
        options,
        events: {
          socket: (socket) => this.#deps.onSocket?.(socket),
          welcome: () => {
            live = new Live(link, clock, {
              pace: this.#deps.pace,
              learned: this.#learned,
              observer: this.#deps.observer,
              onLate: (ticket, reply) => this.#deps.onLate(ticket, reply),
            })
            this.#live = live
            if (this.#paused) link.pause()
            this.#deps.onLive(live)
          },
          item: (item) => {
            if (live === undefined) return
            for (const rest of live.confirm.push(item)) this.#deps.onItem(live, rest)
          },
          sts: (value) => this.#deps.onSts?.(options.server, value) ?? false,
          malformed: () => this.#deps.observer?.malformed(),
          closed: (closing) => {
            if (live !== undefined) {
              this.#learned = live.outbox.pacer.learned
              this.#live = undefined
              live.end(closing, clock.now())
              if (isFlood(closing)) this.#deps.observer?.flooded()
              this.#deps.onLost(live, closing)
            }
            resolve(closing)
          },
        },
      })
      this.#link = link
      link.open()
    })
  }

  /** Milliseconds until the next attempt; undefined: somebody has to mend something first. */
  #waitMs({ kind, atOnce }: Closing): number | undefined {
    if (atOnce === true) return 0
    const welcomedAt = this.#link?.welcomedAt
    const good = welcomedAt !== undefined && this.#deps.clock.now().getTime() - welcomedAt.getTime() > GOOD_MS
    this.#failures = good ? 0 : this.#failures + 1
    if (kind === 'bad_credentials' || kind === 'requested') return undefined
    if (kind === 'blocked') return BLOCKED_MS * (1 + Math.random() / 4)
    const ceiling = Math.min(LONGEST_BACKOFF_MS, this.#deps.backoffMs * 2 ** Math.min(this.#failures, 20))
    const jittered = Math.random() * ceiling
    return kind === 'throttled' ? THROTTLED_MS + jittered : jittered
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    const hurry = new AbortController()
    this.#hurry = () => hurry.abort()
    return sleep(this.#deps.clock, ms, AbortSignal.any([signal, hurry.signal])).finally(() => {
      this.#hurry = undefined
    })
  }

  #setState(state: LoginState, text?: string): void {
    if (state === this.#state && text === this.#text) return
    this.#state = state
    this.#text = text
    this.#since = this.#deps.clock.now()
    this.#deps.onState(state, text)
  }
}

function stateAfter({ kind }: Closing): LoginState {
  switch (kind) {
    case 'bad_credentials':
    case 'blocked':
      return kind
    case 'requested':
      return 'logged_out'
    default:
      return 'backoff'
  }
}
