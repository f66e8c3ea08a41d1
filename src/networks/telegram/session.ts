import type { BaseTelegramClient } from '@mtcute/core/client.js'
import type { tl } from '@mtcute/core'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { LoginState } from '../../model/login.ts'
import type { ConnectorHost, Login, SessionStore } from '../../model/network.ts'
import { AccountView } from './account-view.ts'
import type { Neighbours } from './account-view.ts'
import { closeClient, createClient } from './client.ts'
import { closable } from './closable-session.ts'
import type { TelegramConfig } from './config.ts'
import {
  beginUpdates,
  keepEarly,
  presentSession,
  refusedLogin,
  rememberChannels,
  whoWeAre,
} from './connection.ts'
import type { Connection } from './connection.ts'
import { Gate } from './gate.ts'
import type { Intake } from './intake.ts'
import { parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { Lru } from '../shared/lru.ts'
import type { MessageStates } from './message-states.ts'
import type { TelegramObserver } from './observer.ts'
import { Outgoing } from './outgoing.ts'
import { inWords } from './rpc.ts'
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
  observer: TelegramObserver
  /** Milliseconds before something that failed is tried again, doubled with each failure. */
  backoffMs: number
}

const LONGEST_BACKOFF_MS = 5 * 60_000
/** A banned account is looked at again from time to time. */
const BLOCKED_MS = 60 * 60_000
/** Shorter waits are not worth a word. */
const SHOWN_WAIT_MS = 10_000

const LOGOUT_MS = 10_000
const STILL_THERE =
  'Telegram did not answer, so your login may still be in the list of devices of your Telegram app (Settings, Devices, "Viaduct"). You can end it there. The bridge has forgotten its key.'

/** Only a new login can help. */
const isEnded = (state: LoginState) => state === 'bad_credentials' || state === 'logged_out'

/** An account of a user: its connection, and what it knows. */
export class Session {
  readonly login: Login
  readonly view: AccountView
  readonly outgoing = new Outgoing()
  /** Reactions that groups allow, by conversation; `all` is undefined where every one is allowed. */
  readonly allowedReactions = new Lru<string, { all: readonly string[] | undefined }>(200)
  readonly #deps: SessionDeps
  readonly #stopping = new AbortController()
  #connection: Connection | undefined
  #intake: Intake | undefined
  #usable = false
  #loggedIn = false
  #epoch = ''
  #preparing = false
  #waitUntil = 0
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

  get observer(): TelegramObserver {
    return this.#deps.observer
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
    return this.#usable || this.#preparing ? this.#connection?.client : undefined
  }

  /** Whether what users do can be passed on: what there was before is taken in. */
  get isOpen(): boolean {
    return this.#usable
  }

  get isBot(): boolean {
    return this.view.user(this.account)?.bot === true
  }

  /** Whether the server is still telling what came while there was no connection. */
  get isCatchingUp(): boolean {
    return this.#connection?.client.updates?.catchingUp === true || this.#preparing
  }

  /** For so many milliseconds the server wants to hear nothing more of this account. */
  get waitMs(): number {
    return Math.max(0, this.#waitUntil - this.host.clock.now().getTime())
  }

  /** The server asks the account to wait; its owner sees it. */
  waitFor(ms: number): void {
    const isNews = this.waitMs === 0
    this.#waitUntil = Math.max(this.#waitUntil, this.host.clock.now().getTime() + ms)
    if (ms < SHOWN_WAIT_MS) return
    const text = `Telegram asks to wait ${inWords(Math.ceil(ms / 1000))} before sending more.`
    this.#announce(this.#status.state, text)
    if (isNews)
      this.host
        .tell(this.login.id, `⏳ ${text} What you write meanwhile is kept, and goes out then.`)
        .catch((error: unknown) =>
          this.host.log.warn({ error: messageOf(error) }, 'telegram: a wait was not told'),
        )
    this.host.clock.after(ms, () => {
      if (this.waitMs === 0 && this.#usable) this.#announce('connected')
    })
  }

  /** What is kept of messages, while there is a connection. */
  get states(): MessageStates | undefined {
    return this.#intake?.states
  }

  /** Somebody on Matrix has changed what a group is. @throws when the database is away */
  async groupChanged(chat: TgChat): Promise<void> {
    await this.#intake?.groupChanged(chat)
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

  /** Ends the login on the server too; the account's other devices see it go. Who has to do it there is told. */
  async logOut(): Promise<void> {
    const { clock, log } = this.host
    const isOver = () => isEnded(this.#status.state)
    const until = clock.now().getTime() + LOGOUT_MS
    while (this.live === undefined && !isOver() && clock.now().getTime() < until) await sleep(clock, 100)
    try {
      if (!isOver()) {
        if (this.live === undefined) throw new Error('not connected')
        await this.live.call({ _: 'auth.logOut' }, { timeout: LOGOUT_MS })
      }
    } catch (error) {
      // The server may have ended it all the same, and the key is forgotten in any case.
      if (!isOver()) {
        log.warn({ login: this.login.id, error: messageOf(error) }, 'telegram: not logged out on the server')
        await this.host.tell(this.login.id, STILL_THERE)
      }
    } finally {
      await this.stop()
    }
  }

  /** Hands the answer of a call to the updates: what we did ourselves does not come back, and no gap is left. */
  feed(result: tl.TypeUpdates, options: { dispatch?: boolean } = {}): void {
    this.#connection?.client.handleClientUpdate(result, options.dispatch !== true)
  }

  /** Asks the server for updates that it may have and that did not come: of the account, and of a channel. */
  lookForMissed(chat: string): void {
    this.feed({ _: 'updatesTooLong' }, { dispatch: true })
    const [kind, id] = chat.split(':')
    if (kind !== 'channel') return
    const update: tl.TypeUpdate = { _: 'updateChannelTooLong', channelId: Number(id) }
    this.feed({ _: 'updates', updates: [update], users: [], chats: [], date: 0, seq: 0 }, { dispatch: true })
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
      this.observer.ended(ending.state, ending.text)
      this.#announce(ending.state, ending.text)
      if (isEnded(ending.state)) return
      if (host.clock.now().getTime() - begun > LONGEST_BACKOFF_MS) failures = 0
      const { afterMs = 0 } = ending
      if (afterMs > 0) this.observer.waits({ scope: 'account', ms: afterMs })
      const wait = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** Math.min(failures++, 10))
      await sleep(host.clock, ending.state === 'blocked' ? BLOCKED_MS : Math.max(wait, afterMs), signal)
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
    const session = closable(await this.#session())
    const gate = new Gate(() => intake.batchComplete(), fail)
    const storage = new SessionStorage(session, gate)
    await storage.preload()
    const log = host.log.child({ login: login.id })
    const client: BaseTelegramClient = createClient({
      config,
      storage,
      log,
      onDropped: (error) => gate.fail(error),
      updates: { catchUp: true, onChannelTooLong: (id, diff) => intake.channelTooLong(id, diff) },
      middlewares: [
        async (context, next) => {
          const result = await next(context)
          const refused = refusedLogin(result)
          if (refused !== undefined) end(endingOf(refused))
          intake.answered(context.request, result)
          return result
        },
      ],
    })
    const connection: Connection = { client, storage, session, gate, signal: ended.signal, fail }
    const intake = this.#deps.intake(this, connection)
    const stop = () => end({ state: 'backoff', text: 'stopped' })
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    client.onError.add((error) => log.debug({ error: messageOf(error) }, 'telegram: fault of a connection'))
    client.onRawUpdate.add(intake.onUpdate)
    let since = host.clock.now().getTime()
    let updating = false
    client.onConnectionState.add((state) => {
      const now = host.clock.now().getTime()
      if (state === 'updating') updating = true
      else if (state === 'connected') {
        if (updating) this.observer.caughtUp(now - since)
        updating = false
        this.#onUsable(connection, intake)
      } else {
        since = now
        this.#onLost()
      }
    })
    this.#connection = connection
    this.#intake = intake
    try {
      if (this.#stopping.signal.aborted) return { state: 'backoff', text: 'stopped' }
      this.#ready(connection, intake).catch(fail)
      return await ending
    } finally {
      this.#stopping.signal.removeEventListener('abort', stop)
      this.#usable = false
      this.#connection = undefined
      this.#intake = undefined
      ended.abort()
      intake.stop()
      await closeClient(client)
      await session.close()
    }
  }

  /** Proves that the account is logged in, then lets updates come. */
  async #ready(connection: Connection, intake: Intake): Promise<void> {
    const { client } = connection
    const readEarly = keepEarly(connection)
    // Before there is a connection: other accounts want to know which groups this one will speak for.
    await this.#recall()
    // A client that was destroyed meanwhile would leave a rejection behind that nobody can catch.
    if (connection.signal.aborted) return
    await client.connect()
    const self = await whoWeAre(client)
    this.view.learn({ users: [self], chats: [] })
    await client.storage.self.storeFrom(self)
    await beginUpdates(connection)
    this.#preparing = true
    await intake.prepare().finally(() => (this.#preparing = false))
    await rememberChannels(connection)
    this.#loggedIn = true
    this.#setUsable()
    await client.startUpdatesLoop()
    readEarly()
    intake.begin()
  }

  /** The conversations that the bridge has come to mind, so that it is known which of them the account is in. */
  async #recall(): Promise<void> {
    for (const { chat } of await this.host.chats('telegram')) {
      const parsed = parseChatId(chat.id)
      if (parsed === undefined || (chat.receiver !== undefined && chat.receiver !== this.login.id)) continue
      const { kind, id } = parsed
      await this.view.prepare(
        kind === 'user' ? { userId: id } : kind === 'chat' ? { chatId: id } : { channelId: id },
      )
    }
    this.view.ready()
  }

  #onUsable(connection: Connection, intake: Intake): void {
    if (this.#connection !== connection || this.#usable || !this.#loggedIn) return
    this.#setUsable()
    if (connection.client.updates?.updatesLoopActive !== true) return
    // The server may have lost the session, and mtcute does not ask what came meanwhile.
    connection.client.handleClientUpdate({ _: 'updatesTooLong' }, false)
    intake.reconnected()
  }

  #setUsable(): void {
    this.#usable = true
    this.#announce('connected')
    this.host.ready({ login: this.login.id })
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

  async #session(): Promise<SessionStore> {
    const { epoch, session } = await presentSession(this.host.session(this.login.id))
    this.#epoch = epoch
    return session
  }
}
