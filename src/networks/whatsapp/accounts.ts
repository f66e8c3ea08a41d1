import { ViaductError } from '../../model/errors.ts'
import type { LoginId, MatrixUserId, RemoteUserId } from '../../model/ids.ts'
import type { ConnectorHost, Login, SendRequest } from '../../model/network.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Neighbours } from './account-view.ts'
import type { WhatsAppConfig } from './config.ts'
import type { Connection } from './connection.ts'
import { isGroup } from './ids.ts'
import type { WhatsAppObserver } from './observer.ts'
import { readProgress } from './progress.ts'
import { Session } from './session.ts'
import type { Contact } from './view.ts'

/** All accounts that are linked here. */
export class Accounts {
  readonly #host: ConnectorHost
  readonly #config: WhatsAppConfig
  readonly observer: WhatsAppObserver
  readonly #backoffMs: number
  readonly #sessions = new Map<LoginId, Session>()

  constructor(
    host: ConnectorHost,
    config: WhatsAppConfig,
    { backoffMs, observer }: { backoffMs: number; observer: WhatsAppObserver },
  ) {
    this.#host = host
    this.#config = config
    this.#backoffMs = backoffMs
    this.observer = observer
  }

  get all(): Session[] {
    return [...this.#sessions.values()]
  }

  of(login: LoginId | undefined): Session | undefined {
    return login === undefined ? undefined : this.#sessions.get(login)
  }

  /** Who acts for a request: the user's own account, else one that speaks for others; the same for all of a delivery. */
  acting({ by, chat, progress }: SendRequest): Session | undefined {
    if (by.login !== undefined) return this.#sessions.get(by.login.id)
    const begun = readProgress(progress)?.account
    const same = this.#relays(chat.chat).find(({ login }) => login.account === begun)
    return same ?? this.relayFor(chat.chat)
  }

  /** An account that speaks for people without a login, and is in the conversation. */
  relayFor(chat: RemoteChat): Session | undefined {
    const relays = this.#relays(chat)
    return relays.find(({ live }) => live !== undefined) ?? relays[0]
  }

  #relays(chat: RemoteChat): Session[] {
    if (chat.receiver !== undefined || !isGroup(chat.id)) return []
    const named = this.#config.relayAccounts ?? []
    return this.all.filter((session) => named.includes(session.login.account) && mayBeIn(session, chat))
  }

  /** @throws ViaductError when the login is not connected now */
  liveOf(login: LoginId): { session: Session; connection: Connection } {
    const session = this.#sessions.get(login)
    const connection = session?.live
    if (session === undefined || connection === undefined)
      throw new ViaductError('network_down', 'WhatsApp is not connected.')
    return { session, connection }
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
    return this.#ofUser(user)?.login.owner
  }

  /** The account's session of this bridge, unless it is logged out for good. */
  #ofUser(user: RemoteUserId): Session | undefined {
    return this.all.find(
      ({ view, status: { state } }) =>
        view.isSelf(user) && state !== 'bad_credentials' && state !== 'logged_out',
    )
  }

  readonly #neighbours: Neighbours = {
    loginOf: (user) => this.#ofUser(user)?.login.id,
    pictureOf: (user) =>
      this.all
        .flatMap(({ view: { book } }) => book?.contact(user)?.picture ?? [])
        .reduce<Contact['picture']>((newest, picture) => {
          const isNewer = picture.id !== undefined && picture.at >= (newest?.at ?? 0)
          return isNewer ? picture : newest
        }, undefined),
    isSending: (user, id) => this.#ofUser(user)?.sent.has(id) === true,
    userIdOf: (user) => this.ownerOf(user) ?? this.#host.ghost('whatsapp', user),
  }
}

/** A group that the account is in, or of which it does not know yet whether it is. */
export const mayBeIn = ({ live, view }: Session, chat: RemoteChat): boolean =>
  view.group(chat.id) !== undefined || live?.reader.knowsGroups !== true
