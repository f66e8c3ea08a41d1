import type { Readable } from 'node:stream'
import type { Capabilities } from '../../model/capabilities.ts'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { LoginId, MatrixUserId, RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import type { LoginFlow, LoginProcess } from '../../model/login.ts'
import type {
  ActingUser,
  Attended,
  ChatDescription,
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
  NetworkCommand,
  SendRequest,
} from '../../model/network.ts'
import { rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import { Accounts, mayBeIn } from './accounts.ts'
import { capabilitiesOf } from './capabilities.ts'
import { commandsFor } from './commands.ts'
import { canonicalChat, partner, remoteChat } from './chats.ts'
import type { WhatsAppConfig } from './config.ts'
import { Directory } from './directory.ts'
import { Hints } from './hints.ts'
import {
  aliasLocalpart,
  ghostLocalpart,
  isDirect,
  isGroup,
  parseAliasLocalpart,
  parseGhostLocalpart,
} from './ids.ts'
import { WHATSAPP_FLOWS, WhatsAppLogin } from './login.ts'
import { MediaDoor } from './media.ts'
import { personOf } from './names.ts'
import { UNOBSERVED } from './observer.ts'
import type { WhatsAppObserver } from './observer.ts'
import { Sender } from './sender.ts'
import type { Session } from './session.ts'

export type WhatsAppConnectorOptions = {
  /** Milliseconds before a connection that failed is built again, doubled with each failure. */
  backoffMs?: number
  observer?: WhatsAppObserver
}

const BACKOFF_MS = 2_000

/** WhatsApp: a connection for every account that is linked. */
export class WhatsAppConnector
  implements Attended, Connector, ChatFinder, HintSink, MediaFetcher, NameReader, Relay
{
  readonly network = 'whatsapp'
  readonly loginFlows: readonly LoginFlow[] = WHATSAPP_FLOWS
  readonly commands: readonly NetworkCommand[] = commandsFor(() => this.#started.accounts)
  readonly #config: WhatsAppConfig
  readonly #options: WhatsAppConnectorOptions
  #running: Running | undefined

  constructor(config: WhatsAppConfig, options: WhatsAppConnectorOptions = {}) {
    this.#config = config
    this.#options = options
  }

  async start(host: ConnectorHost): Promise<void> {
    const accounts = new Accounts(host, this.#config, {
      backoffMs: this.#options.backoffMs ?? BACKOFF_MS,
      observer: this.#options.observer ?? UNOBSERVED,
    })
    this.#running = {
      host,
      accounts,
      sender: new Sender(accounts),
      directory: new Directory(accounts),
      hints: new Hints(accounts),
      media: new MediaDoor(accounts),
    }
    for (const login of await host.logins('whatsapp')) await accounts.open(login)
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
    return new WhatsAppLogin(this.#config, flow)
  }

  async connect(login: Login): Promise<void> {
    await this.#started.accounts.open(login)
  }

  async disconnect(login: LoginId, options: { forget: boolean }): Promise<void> {
    await this.#started.accounts.close(login, options)
  }

  describe(chat: RemoteChat): ChatDescription {
    const views = this.#sessions
      .filter(({ login }) => chat.receiver === undefined || chat.receiver === login.id)
      .map(({ view }) => view)
    const known = views.map((view) => remoteChat(view, canonicalChat(view, chat.id) ?? chat.id))
    const named = known.find(({ name }) => name !== undefined)
    const [view] = views
    const contact = isDirect(chat.id) && view ? personOf(view, partner(chat.id), { direct: true }) : undefined
    const topic = named?.topic ?? chat.topic
    return {
      name: named?.name ?? chat.name ?? chat.id,
      type: chat.type,
      ...(topic !== undefined && { topic }),
      ...(contact !== undefined && { contact }),
    }
  }

  ghostLocalpart(user: RemoteUserId): string {
    return ghostLocalpart(user)
  }

  serves(login: Login, chat: RemoteChat): boolean {
    if (login.network !== 'whatsapp' || chat.network !== 'whatsapp') return false
    if (chat.receiver !== undefined) return chat.receiver === login.id
    // What is not known of an account is left to the server.
    const session = this.#running?.accounts.of(login.id)
    return session !== undefined && mayBeIn(session, chat)
  }

  attending(chat: RemoteChat): readonly Login[] {
    if (!isGroup(chat.id)) return []
    return this.#sessions.filter(({ view }) => view.group(chat.id) !== undefined).map(({ login }) => login)
  }

  canRelay(chat: RemoteChat): boolean {
    return this.#running?.accounts.relayFor(chat) !== undefined
  }

  ownerOf(user: RemoteUserId): MatrixUserId | undefined {
    return this.#running?.accounts.ownerOf(user)
  }

  status(): ConnectionStatus[] {
    return this.#sessions.map(({ login, status }) => ({
      ...status,
      login: login.id,
      label: `WhatsApp (${login.name})`,
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

  readGhost(localpart: string): RemoteUserId | undefined {
    return parseGhostLocalpart(localpart)
  }

  aliasLocalpart(chat: RemoteChatId): string {
    return aliasLocalpart(chat)
  }

  readAlias(localpart: string): RemoteChat | undefined {
    const id = parseAliasLocalpart(localpart)
    if (id === undefined || !isGroup(id)) return undefined
    const view = this.#sessions.find((session) => session.view.group(id) !== undefined)?.view
    return view && remoteChat(view, id)
  }

  instances(): { id: string; name: string }[] {
    return [{ id: 'whatsapp', name: 'WhatsApp' }]
  }

  get #sessions(): Session[] {
    return this.#running?.accounts.all ?? []
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
