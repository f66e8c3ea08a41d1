import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import type { ConnectorHost, Login, SessionStore } from '../../model/network.ts'
import { AccountView } from './account-view.ts'
import type { Neighbours } from './account-view.ts'
import { createClient } from './client.ts'
import type { TelegramConfig } from './config.ts'
import { Gate } from './gate.ts'
import type { Intake } from './intake.ts'
import { EPOCH } from './login-client.ts'
import { scoped } from './memory-session.ts'
import { Outgoing } from './outgoing.ts'
import { SESSION_ENDED } from './rpc.ts'
import { SessionStorage } from './storage.ts'
import { endingOf } from './session-ending.ts'
import type { Ending } from './session-ending.ts'

export type SessionDeps = {
  config: TelegramConfig
  host: ConnectorHost
  login: Login
  neighbours: Neighbours
  /** Makes what takes in the updates of one connection. */
  intake(session: Session, connection: Connection): Intake
  /** Milliseconds before something that failed is tried again, doubled with each failure. */
  backoffMs: number
}

/** One client of mtcute, from its start to its end; a new one is built after every failure. */
export type Connection = {
  client: BaseTelegramClient
  storage: SessionStorage
  gate: Gate
  /** Aborted when the connection has ended. */
  signal: AbortSignal
  /** Ends the connection; a new one begins from the storage. */
  fail(error: unknown): void
}

const LONGEST_BACKOFF_MS = 5 * 60_000
/** A banned account is looked at again from time to time. */
const BLOCKED_MS = 60 * 60_000
const SELF_MS = 60_000

/** An account of a user: its connection, and what it knows. */
export class Session {
  readonly login: Login
  readonly view: AccountView
  readonly outgoing = new Outgoing()
  readonly #deps: SessionDeps
  readonly #stopping = new AbortController()
  #connection: Connection | undefined
  #usable = false
  #loggedIn = false
  #epoch = ''
  #status: { state: LoginState; text?: string; since: Date }
  #running: Promise<void> = Promise.resolve()

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.login = deps.login
    this.view = new AccountView(deps.login, () => this.#connection?.client, deps.neighbours)
    this.#status = { state: 'connecting', since: deps.host.clock.now() }
  }

  get host(): ConnectorHost {
    return this.#deps.host
  }

  get config(): TelegramConfig {
    return this.#deps.config
  }

  /** Random, and another one after each login. */
  get epoch(): string {
    return this.#epoch
  }

  get status(): { state: LoginState; text?: string; since: Date } {
    return this.#status
  }

  get account(): number {
    return this.view.account
  }

  /** The client, while it is connected and logged in. */
  get live(): BaseTelegramClient | undefined {
    return this.#usable ? this.#connection?.client : undefined
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#usable = false
    await this.#running
  }

  /** Ends the login on the server too; the account's other devices see it go. */
  async logOut(): Promise<void> {
    await this.live?.call({ _: 'auth.logOut' }, { timeout: 10_000 }).catch(() => undefined)
    await this.stop()
  }

  /** Hands the answer of a call to the updates: what we did ourselves does not come back, and no gap is left. */
  feed(result: tl.TypeUpdates, options: { dispatch?: boolean } = {}): void {
    this.#connection?.client.handleClientUpdate(result, options.dispatch !== true)
  }

  /** The box has moved on by an answer that holds no updates. `channel`: whose box, if not the common one. */
  feedPts(pts: number, ptsCount: number, channel = 0): void {
    const update: tl.TypeUpdate = { _: 'mtcute.dummyUpdate', channelId: channel, pts, ptsCount }
    this.feed({ _: 'updates', updates: [update], users: [], chats: [], date: 0, seq: 0 })
  }

  /** Never throws. */
  async #run(): Promise<void> {
    const { host, backoffMs } = this.#deps
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted;) {
      const begun = host.clock.now().getTime()
      const ending = await this.#connect().catch((error: unknown): Ending => endingOf(error))
      if (signal.aborted) return
      this.#announce(ending.state, ending.text)
      if (ending.state === 'bad_credentials' || ending.state === 'logged_out') return
      if (host.clock.now().getTime() - begun > LONGEST_BACKOFF_MS) failures = 0
      const wait = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** Math.min(failures++, 10))
      await sleep(host.clock, ending.state === 'blocked' ? BLOCKED_MS : wait, signal)
    }
  }

  /** One connection from beginning to end. @returns why it ended */
  async #connect(): Promise<Ending> {
    const { host, config, login } = this.#deps
    this.#announce('connecting')
    const ended = new AbortController()
    let end: (ending: Ending) => void = () => undefined
    const ending = new Promise<Ending>((resolve) => (end = resolve))
    const fail = (error: unknown) => end(endingOf(error))
    const storage = await this.#storage(() => intake.batchComplete())
    const gate = storage.gate
    const log = host.log.child({ login: login.id })
    const client: BaseTelegramClient = createClient({
      config,
      storage,
      log,
      updates: { catchUp: true, onChannelTooLong: (id, diff) => intake.channelTooLong(id, diff) },
      middlewares: [
        async (context, next) => {
          const result = await next(context)
          const refused = errorNameIn(result)
          if (refused !== undefined && SESSION_ENDED.has(refused)) end(endingOf(refused))
          intake.answered(context.request, result)
          return result
        },
      ],
    })
    const connection: Connection = { client, storage, gate, signal: ended.signal, fail }
    const intake = this.#deps.intake(this, connection)
    const stop = () => end({ state: 'backoff', text: 'stopped' })
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    client.onError.add((error) => log.debug({ error: messageOf(error) }, 'telegram: fault of a connection'))
    client.onRawUpdate.add(intake.onUpdate)
    client.onConnectionState.add((state) => {
      if (state === 'connected') this.#onUsable(connection, intake)
      else if (state !== 'updating') this.#onLost()
    })
    this.#connection = connection
    try {
      if (this.#stopping.signal.aborted) return { state: 'backoff', text: 'stopped' }
      const ready = this.#ready(client, intake).catch(fail)
      const found = await ending
      void ready
      return found
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop)
      this.#usable = false
      this.#connection = undefined
      ended.abort()
      intake.stop()
      await client.destroy().catch(() => undefined)
    }
  }

  /** Proves that the account is logged in, then lets updates come. */
  async #ready(client: BaseTelegramClient, intake: Intake): Promise<void> {
    await client.connect()
    const [self] = await client.call(
      { _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] },
      { timeout: SELF_MS },
    )
    if (self?._ !== 'user') throw new Error('Telegram does not say who we are')
    this.view.learn({ users: [self], chats: [] })
    await client.storage.self.storeFrom(self)
    this.#loggedIn = true
    await client.startUpdatesLoop()
    this.#usable = true
    this.#announce('connected')
    this.host.ready({ login: this.login.id })
    await intake.begin(self)
  }

  #onUsable(connection: Connection, intake: Intake): void {
    if (this.#connection !== connection || this.#usable || !this.#loggedIn) return
    if (!connection.client.updates?.updatesLoopActive) return
    this.#usable = true
    this.#announce('connected')
    this.host.ready({ login: this.login.id })
    // The server may have lost the session, and mtcute does not ask what came meanwhile.
    connection.client.handleClientUpdate({ _: 'updatesTooLong' }, false)
    intake.reconnected()
  }

  #onLost(): void {
    if (!this.#usable) return
    this.#usable = false
    this.#announce('connecting')
  }

  #announce(state: LoginState, text?: string): void {
    if (this.#status.state === state && this.#status.text === text) return
    this.#status = { state, since: this.host.clock.now(), ...(text !== undefined && { text }) }
    this.host.loginState(this.login.id, state, text)
  }

  async #storage(onBatch: () => void): Promise<SessionStorage & { gate: Gate }> {
    const session = this.host.session(this.login.id)
    const epoch = await session.get(EPOCH)
    if (epoch === undefined) throw new Error('nothing is kept of this login')
    this.#epoch = epoch
    await forgetOthers(session, epoch)
    const gate = new Gate(onBatch)
    const storage = new SessionStorage(scoped(session, `${epoch}/`), gate)
    return Object.assign(storage, { gate })
  }
}

/** What earlier logins of the account left is no good any more: hashes and keys belong to one login. */
async function forgetOthers(session: SessionStore, epoch: string): Promise<void> {
  if ((await session.get('cleared')) === epoch) return
  const others = Object.keys(await session.all()).filter(
    (key) => key !== EPOCH && !key.startsWith(`${epoch}/`),
  )
  await session.setMany({ ...Object.fromEntries(others.map((key) => [key, undefined])), cleared: epoch })
}

function errorNameIn(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const { _: kind, errorMessage } = result as { _?: unknown; errorMessage?: unknown }
  return kind === 'mt_rpc_error' && typeof errorMessage === 'string' ? errorMessage : undefined
}
