import type { Readable } from 'node:stream'
import type { Capabilities } from '../../model/capabilities.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import { remoteChatId } from '../../model/ids.ts'
import type { LoginId, MatrixUserId, RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import type { LoginFlow, LoginProcess } from '../../model/login.ts'
import type {
  ActingUser,
  ChatDescription,
  Attended,
  ChatFinder,
  ChatRef,
  ConnectionStatus,
  Connector,
  ConnectorHost,
  HintSink,
  Login,
  MediaFetcher,
  NameReader,
  Relay,
  SendRequest,
} from '../../model/network.ts'
import { rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import { Accounts } from './accounts.ts'
import { capabilitiesOf } from './capabilities.ts'
import { remoteChat } from './chats.ts'
import type { TelegramConfig } from './config.ts'
import { Directory } from './directory.ts'
import {
  aliasLocalpart,
  ghostLocalpart,
  parseAliasLocalpart,
  parseChatId,
  parseGhostLocalpart,
} from './ids.ts'
import { Hints } from './hints.ts'
import { TELEGRAM_FLOWS, TelegramLogin } from './login.ts'
import { MediaDoor } from './media-door.ts'
import { personOf } from './names.ts'
import { Sender } from './sender.ts'

export type TelegramConnectorOptions = {
  /** Milliseconds before a connection that failed is built again, doubled with each failure. */
  backoffMs?: number
}

const BACKOFF_MS = 2_000

/** Telegram: a connection for every account that is logged in. */
export class TelegramConnector
  implements Attended, Connector, ChatFinder, HintSink, MediaFetcher, NameReader, Relay
{
  readonly network = 'telegram'
  readonly loginFlows: readonly LoginFlow[] = TELEGRAM_FLOWS
  readonly #config: TelegramConfig
  readonly #options: TelegramConnectorOptions
  #running: Running | undefined

  constructor(config: TelegramConfig, options: TelegramConnectorOptions = {}) {
    this.#config = config
    this.#options = options
  }

  async start(host: ConnectorHost): Promise<void> {
    const accounts = new Accounts(host, this.#config, this.#options.backoffMs ?? BACKOFF_MS)
    const sender = new Sender(accounts)
    this.#running = {
      host,
      accounts,
      sender,
      directory: new Directory(accounts),
      hints: new Hints(accounts),
      media: new MediaDoor(accounts),
    }
    for (const login of await host.logins('telegram')) await accounts.open(login)
  }

  async stop(deadlineMs: number): Promise<void> {
    await this.#running?.sender.stop(deadlineMs)
    await this.#running?.accounts.closeAll()
  }

  capabilities(chat: RemoteChat, by?: Login): Capabilities {
    const accounts = this.#running?.accounts
    const session = by === undefined ? accounts?.relayFor(chat) : accounts?.of(by.id)
    return capabilitiesOf(chat, session?.view)
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    if (this.#running === undefined) return retry('The bridge is starting.')
    return guarded(() => this.#started.sender.send(request))
  }

  async resolve(request: SendRequest): Promise<SendOutcome> {
    return guarded(() => this.#started.sender.resolve(request))
  }

  startLogin(flow: string, _owner: MatrixUserId): LoginProcess {
    return new TelegramLogin(this.#config, flow, this.#started.host.log)
  }

  async connect(login: Login): Promise<void> {
    await this.#started.accounts.open(login)
  }

  async disconnect(login: LoginId, options: { forget: boolean }): Promise<void> {
    await this.#started.accounts.close(login, options)
  }

  describe(chat: RemoteChat): ChatDescription {
    const parsed = parseChatId(chat.id)
    const views = this.#running?.accounts.all.map(({ view }) => view) ?? []
    const own = views.filter((view) => chat.receiver === undefined || view.login === chat.receiver)
    const known = parsed && own.map((view) => remoteChat(view, parsed)).find(({ name }) => name !== undefined)
    const [view] = own
    const contact = parsed?.kind === 'user' && view ? personOf(view, parsed.id, { direct: true }) : undefined
    return {
      name: known?.name ?? chat.name ?? chat.id,
      type: known?.type ?? chat.type,
      ...(chat.topic !== undefined && { topic: chat.topic }),
      ...(contact !== undefined && { contact }),
    }
  }

  ghostLocalpart(user: RemoteUserId): string {
    return ghostLocalpart(user)
  }

  serves(login: Login, chat: RemoteChat): boolean {
    if (login.network !== 'telegram' || chat.network !== 'telegram') return false
    return chat.receiver === undefined ? this.#isIn(login, chat) : chat.receiver === login.id
  }

  attending(chat: RemoteChat): readonly Login[] {
    const parsed = parseChatId(chat.id)
    if (parsed === undefined) return []
    const there = (this.#running?.accounts.all ?? []).filter(
      ({ view }) => view.knows(parsed) && view.mayBeIn(parsed),
    )
    return there.map(({ login }) => login)
  }

  ownerOf(user: RemoteUserId): MatrixUserId | undefined {
    return this.#running?.accounts.ownerOf(user)
  }

  status(): ConnectionStatus[] {
    const sessions = this.#running?.accounts.all ?? []
    return sessions.map(({ login, status }) => ({
      ...status,
      login: login.id,
      label: `Telegram (${login.name})`,
    }))
  }

  find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }> {
    return this.#started.directory.find(login, identifier)
  }

  join(by: ActingUser, identifier: string): Promise<RemoteChat> {
    return this.#started.directory.join(by, identifier)
  }

  leave(by: ActingUser, chat: RemoteChat): Promise<void> {
    return this.#started.directory.leave(by, chat)
  }

  list(login: Login, query: string) {
    return this.#started.directory.list(login, query)
  }

  hint(hint: {
    kind: 'typing' | 'read'
    chat: ChatRef
    by: Login
    typing?: boolean
    upTo?: RemoteMessageId
  }): void {
    this.#running?.hints.pass(hint)
  }

  fetchMedia(
    chat: RemoteChat,
    ref: Record<string, unknown>,
  ): Promise<{ stream: Readable; sizeBytes?: number }> {
    return this.#started.media.open(chat, ref)
  }

  canRelay(chat: RemoteChat): boolean {
    return this.#running?.accounts.relayFor(chat) !== undefined
  }

  readGhost(localpart: string): RemoteUserId | undefined {
    return parseGhostLocalpart(localpart)
  }

  aliasLocalpart(chat: RemoteChatId): string {
    return aliasLocalpart(chat)
  }

  readAlias(localpart: string): RemoteChat | undefined {
    const id = parseAliasLocalpart(localpart)
    const parsed = id && parseChatId(remoteChatId(id))
    if (parsed === undefined || parsed.kind === 'user') return undefined
    const view = this.#running?.accounts.all.find((session) => session.view.knows(parsed))?.view
    return view && remoteChat(view, parsed)
  }

  instances(): { id: string; name: string }[] {
    return [{ id: 'telegram', name: 'Telegram' }]
  }

  /** What is not known of an account is left to the server: it says so when somebody writes where they are not. */
  #isIn(login: Login, chat: RemoteChat): boolean {
    const parsed = parseChatId(chat.id)
    const view = this.#running?.accounts.of(login.id)?.view
    return parsed !== undefined && view !== undefined && view.mayBeIn(parsed)
  }

  get #started(): Running {
    if (this.#running === undefined) throw new ViaductError('network_down', 'The bridge is starting.')
    return this.#running
  }
}

type Running = {
  host: ConnectorHost
  accounts: Accounts
  sender: Sender
  directory: Directory
  hints: Hints
  media: MediaDoor
}

/** An outcome whatever happens; only what the core itself throws, as when it cannot write, goes back to it. */
async function guarded(run: () => Promise<SendOutcome>): Promise<SendOutcome> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ViaductError && !error.retryable) return rejected(error.code, error.message)
    if (error instanceof ViaductError && error.code === 'network_down')
      return retry(messageOf(error), { waitsFor: 'login' })
    throw error
  }
}
