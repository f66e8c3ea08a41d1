import { ViaductError } from '../../model/errors.ts'
import type { LoginId, MatrixUserId, RemoteUserId } from '../../model/ids.ts'
import type { ConnectorHost, Login, SendRequest } from '../../model/network.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Neighbours } from './account-view.ts'
import type { TelegramConfig } from './config.ts'
import { feederOf } from './feeder.ts'
import { parseChatId, parseUserId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { Intake } from './intake.ts'
import type { TelegramObserver } from './observer.ts'
import { Session } from './session.ts'

export type AccountsOptions = { backoffMs: number; observer: TelegramObserver }

/** All accounts that are logged in here, and which of them acts. */
export class Accounts {
  readonly #host: ConnectorHost
  readonly #config: TelegramConfig
  readonly #backoffMs: number
  readonly #sessions = new Map<LoginId, Session>()
  readonly observer: TelegramObserver

  constructor(host: ConnectorHost, config: TelegramConfig, options: AccountsOptions) {
    this.#host = host
    this.#config = config
    this.#backoffMs = options.backoffMs
    this.observer = options.observer
  }

  get all(): Session[] {
    return [...this.#sessions.values()]
  }

  of(login: LoginId | undefined): Session | undefined {
    return login === undefined ? undefined : this.#sessions.get(login)
  }

  /** @throws ViaductError when the login is not connected now */
  liveOf(login: LoginId): Session {
    const session = this.#sessions.get(login)
    if (session?.live === undefined) throw new ViaductError('network_down', 'Telegram is not connected.')
    return session
  }

  /** Who acts for a request: the user's own account, else a bot that may speak for others. */
  acting({ by, chat }: SendRequest): Session | undefined {
    return by.login === undefined ? this.relayFor(chat.chat) : this.#sessions.get(by.login.id)
  }

  /** A bot that speaks for people without a login, and is in the conversation. */
  relayFor(chat: RemoteChat): Session | undefined {
    const parsed = parseChatId(chat.id)
    if (chat.receiver !== undefined || parsed === undefined) return undefined
    const bots = this.all.filter(
      ({ account, view }) => this.#config.relayBots.includes(account) && view.mayBeIn(parsed),
    )
    return bots.find((session) => session.status.state === 'connected') ?? bots[0]
  }

  /** The session of an account of the bridge, while it is connected. */
  openOf(account: number): Session | undefined {
    return this.all.find((session) => session.account === account && session.isOpen)
  }

  /**
   * The accounts that are in a group or channel and hear of it, sooner or later: one whose connection is away at the moment
   * is told everything afterwards. So a cut changes nothing about who is responsible for what.
   */
  inGroup(chat: TgChat): Session[] {
    return this.all.filter((session) => hears(session) && session.view.mayBeIn(chat))
  }

  /** The account that tells what happens in a group; undefined when none of them is known to be in it. */
  feederOf(chat: TgChat): number | undefined {
    return feederOf(this.inGroup(chat).map(({ account }) => account))
  }

  async open(login: Login): Promise<void> {
    await this.close(login.id)
    const session = new Session({
      config: this.#config,
      host: this.#host,
      login,
      neighbours: this.#neighbours,
      backoffMs: this.#backoffMs,
      observer: this.observer,
      intake: (of, connection) => new Intake(of, connection, this),
    })
    this.#sessions.set(login.id, session)
    session.start()
  }

  async close(login: LoginId, options: { forget: boolean } = { forget: false }): Promise<void> {
    const session = this.#sessions.get(login)
    this.#sessions.delete(login)
    await (options.forget ? session?.logOut() : session?.stop())
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.all.map((session) => session.stop()))
  }

  ownerOf(user: RemoteUserId): MatrixUserId | undefined {
    const sender = parseUserId(user)
    const session = sender?.kind === 'user' ? this.#ofAccount(sender.id) : undefined
    return session?.login.owner
  }

  /** The account's session of this bridge, unless it is logged out for good. */
  #ofAccount(account: number): Session | undefined {
    return this.all.find((session) => session.account === account && isThere(session))
  }

  readonly #neighbours: Neighbours = {
    loginOf: (user) => this.#ofAccount(user)?.login.id,
    userIdOf: (user) => this.ownerOf(user) ?? this.#host.ghost('telegram', user),
  }
}

const hears = (session: Session) =>
  isThere(session) && session.status.state !== 'blocked' && session.view.isReady

const isThere = ({ status: { state } }: Session) => state !== 'bad_credentials' && state !== 'logged_out'
