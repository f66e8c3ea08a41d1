import { sleep } from '../../model/clock.ts'
import type { LoginState } from '../../model/login.ts'
import type { ConnectorHost, Login } from '../../model/network.ts'
import { AccountView } from './account-view.ts'
import type { Neighbours } from './account-view.ts'
import type { WhatsAppConfig } from './config.ts'
import { Connection } from './connection.ts'
import { endingOf } from './ending.ts'
import type { Ending } from './ending.ts'
import type { WhatsAppObserver } from './observer.ts'
import { Sent } from './sent.ts'

export type SessionDeps = {
  config: WhatsAppConfig
  host: ConnectorHost
  login: Login
  neighbours: Neighbours
  /** Milliseconds before something that failed is tried again, doubled with each failure. */
  backoffMs: number
  observer: WhatsAppObserver
}

const LONGEST_BACKOFF_MS = 5 * 60_000
/** After a connection that held for so long the failures before it count no more. */
const STEADY_MS = 60_000
const LOGOUT_MS = 10_000

/** A linked account of a user: its connection, and what it knows. */
export class Session {
  readonly login: Login
  readonly view: AccountView
  readonly sent = new Sent()
  readonly #deps: SessionDeps
  readonly #stopping = new AbortController()
  #connection: Connection | undefined
  #isOpen = false
  #status: { state: LoginState; text?: string; since: Date }
  #running: Promise<void> = Promise.resolve()

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.login = deps.login
    this.view = new AccountView(deps.login, deps.neighbours)
    this.#status = { state: 'connecting', since: deps.host.clock.now() }
  }

  get host(): ConnectorHost {
    return this.#deps.host
  }

  get config(): WhatsAppConfig {
    return this.#deps.config
  }

  get status(): { state: LoginState; text?: string; since: Date } {
    return this.#status
  }

  /** The connection, while it is logged in. */
  get live(): Connection | undefined {
    return this.#isOpen ? this.#connection : undefined
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#isOpen = false
    await this.#running
  }

  /** Ends the login on the server too: the phone shows one device less. */
  async logOut(): Promise<void> {
    const timeout = new AbortController()
    const logout = this.live?.baileys.logout().catch(() => undefined)
    await Promise.race([logout, sleep(this.host.clock, LOGOUT_MS, timeout.signal)])
    timeout.abort()
    await this.stop()
  }

  /** Never throws. */
  async #run(): Promise<void> {
    const { host, backoffMs, observer } = this.#deps
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted;) {
      const begun = host.clock.now().getTime()
      const ending = await this.#connect().catch((error: unknown) => endingOf(error))
      if (signal.aborted) return
      if (host.clock.now().getTime() - begun > STEADY_MS) failures = 0
      observer.ended(ending.state === 'connecting' ? 'restart' : ending.state, ending.text ?? '')
      this.#announce(ending.state, ending.text)
      if (ending.afterMs === Infinity) return
      const wait = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** Math.min(failures++, 10))
      await sleep(host.clock, ending.afterMs ?? wait, signal)
    }
  }

  /** One connection from beginning to end. @returns why it ended */
  async #connect(): Promise<Ending> {
    const { config, host, login, observer } = this.#deps
    const { signal } = this.#stopping
    // What is wrong is wrong until it is connected; each try would be news.
    const { state } = this.#status
    if (state !== 'backoff' && state !== 'blocked') this.#announce('connecting')
    let end: (ending: Ending) => void = () => undefined
    const ending = new Promise<Ending>((resolve) => (end = resolve))
    const stop = () => end({ state: 'backoff', text: 'stopped' })
    signal.addEventListener('abort', stop, { once: true })
    const connection = await Connection.open({
      config,
      host,
      login,
      observer,
      view: this.view,
      sent: this.sent,
      opened: () => this.#opened(),
      ended: (error) => end(endingOf(error)),
    })
    this.#connection = connection
    try {
      return signal.aborted ? { state: 'backoff', text: 'stopped' } : await ending
    } finally {
      signal.removeEventListener('abort', stop)
      this.#isOpen = false
      await connection.close()
      this.#connection = undefined
    }
  }

  #opened(): void {
    if (this.#stopping.signal.aborted) return
    this.#isOpen = true
    this.#announce('connected')
    this.host.ready({ login: this.login.id })
  }

  #announce(state: LoginState, text?: string): void {
    if (this.#status.state === state && this.#status.text === text) return
    this.#status = { state, since: this.host.clock.now(), ...(text !== undefined && { text }) }
    this.host.loginState(this.login.id, state, text)
  }
}
