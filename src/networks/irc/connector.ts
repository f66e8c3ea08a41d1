import type { Capabilities } from '../../model/capabilities.ts'
import { ViaductError } from '../../model/errors.ts'
import { remoteUserId } from '../../model/ids.ts'
import type { LoginId, MatrixUserId, RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { LoginFlow, LoginProcess } from '../../model/login.ts'
import type {
  ActingUser,
  ChatDescription,
  ChatFinder,
  ChatRef,
  ConnectionStatus,
  Connector,
  ConnectorHost,
  HintSink,
  NameReader,
  Login,
  NetworkCommand,
  Relay,
  SendRequest,
} from '../../model/network.ts'
import { rejected } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { RemoteChat, RemoteUser } from '../../model/remote-event.ts'
import { capabilitiesOf } from './capabilities.ts'
import { ChannelDirectory } from './channel-directory.ts'
import { commandsFor } from './commands.ts'
import type { IrcConfig } from './config.ts'
import { IdentServer } from './identd.ts'
import {
  aliasLocalpart,
  ghostLocalpart,
  parseAliasLocalpart,
  parseChatId,
  parseGhostLocalpart,
  parseUserId,
} from './ids.ts'
import { IRC_FLOWS, IrcLogin } from './login.ts'
import { IrcNetwork } from './network.ts'
import type { IrcObserver } from './observer.ts'
import { Typing } from './typing.ts'

export type IrcConnectorOptions = {
  /** Milliseconds before a lost connection is tried again, doubled with each failure. */
  backoffMs?: number
  observer?: Partial<IrcObserver>
}

const BACKOFF_MS = 2_000

/** No nick begins like this, whatever the server's CHANTYPES. */
const CHANNEL = /^[#&+!]/

/** IRC: any number of networks, on each a connection for every login and one of the bridge's own. */
export class IrcConnector implements Connector, ChatFinder, HintSink, NameReader, Relay {
  readonly network = 'irc'
  readonly loginFlows: readonly LoginFlow[] = IRC_FLOWS
  readonly commands: readonly NetworkCommand[]
  readonly #config: IrcConfig
  readonly #options: IrcConnectorOptions
  readonly #networks = new Map<string, IrcNetwork>()
  readonly #directory = new ChannelDirectory((id) => this.#network(id))
  readonly #typing = new Typing()
  #identd: IdentServer | undefined
  #stopping = false

  constructor(config: IrcConfig, options: IrcConnectorOptions = {}) {
    this.#config = config
    this.#options = options
    this.commands = commandsFor(this.#directory)
  }

  async start(host: ConnectorHost): Promise<void> {
    const { identd } = this.#config
    if (identd !== undefined) {
      this.#identd = new IdentServer(host.clock, host.log)
      await this.#identd.listen(identd.host, identd.port)
    }
    for (const config of this.#config.networks) {
      const onSocket = this.#identd?.watch ?? (() => undefined)
      const { observer, backoffMs = BACKOFF_MS } = this.#options
      this.#networks.set(config.id, new IrcNetwork({ config, host, onSocket, backoffMs, observer }))
    }
    for (const { chat } of await host.chats('irc')) this.#of(chat)?.hub.rememberDirectChat(chat)
    const logins = await host.logins('irc')
    for (const login of logins) await this.#networks.get(login.account)?.restore(login)
    for (const network of this.#networks.values()) network.startBot()
    for (const login of logins) await this.#networks.get(login.account)?.connect(login)
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true
    await Promise.all([...this.#networks.values()].map((network) => network.stop(deadlineMs)))
    await this.#identd?.close()
  }

  capabilities(chat: RemoteChat, by?: Login): Capabilities {
    return capabilitiesOf(chat, this.#of(chat)?.hub.session(by))
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    const network = this.#of(request.chat.chat)
    if (network === undefined) return rejected('unsupported', 'This IRC network is not set up any more.')
    if (this.#stopping) return { kind: 'retry', why: 'The bridge is stopping.' }
    try {
      return await network.sender.send(request)
    } catch (error) {
      if (error instanceof ViaductError && !error.retryable) return rejected(error.code, error.message)
      throw error
    }
  }

  async resolve(request: SendRequest): Promise<SendOutcome> {
    const network = this.#of(request.chat.chat)
    if (network === undefined) return rejected('unsupported', 'This IRC network is not set up any more.')
    return network.resolver.resolve(request)
  }

  startLogin(flow: string, owner: MatrixUserId): LoginProcess {
    return new IrcLogin(this.#config, flow, owner)
  }

  async connect(login: Login): Promise<void> {
    const network = this.#networks.get(login.account)
    if (network === undefined)
      throw new ViaductError('bad_request', `There is no IRC network ${login.account}.`)
    await network.connect(login)
  }

  async disconnect(login: LoginId, { forget }: { forget: boolean }): Promise<void> {
    const reason = forget ? 'Logged out' : 'Disconnected'
    for (const network of this.#networks.values()) await network.disconnect(login, reason, DISCONNECT_MS)
  }

  describe(chat: RemoteChat): ChatDescription {
    const parsed = parseChatId(chat.id)
    const hub = this.#of(chat)?.hub
    const channel = parsed === undefined ? undefined : hub?.channels.get(parsed.name)
    const name = channel?.name ?? chat.name ?? parsed?.name ?? chat.id
    const topic = channel?.topic ?? chat.topic
    const contact = { id: remoteUserId(chat.id), name }
    return {
      name,
      type: chat.type,
      ...(topic !== undefined && { topic }),
      ...(chat.type === 'dm' && { contact }),
    }
  }

  ghostLocalpart(user: RemoteUserId): string {
    return ghostLocalpart(user)
  }

  serves(login: Login, chat: RemoteChat): boolean {
    if (chat.receiver !== undefined && chat.receiver !== login.id) return false
    return login.network === 'irc' && parseChatId(chat.id)?.network === login.account
  }

  ownerOf(user: RemoteUserId): MatrixUserId | undefined {
    const parsed = parseUserId(user)
    return parsed && this.#networks.get(parsed.network)?.ownerOf(parsed.name)
  }

  status(): ConnectionStatus[] {
    return [...this.#networks.values()].flatMap(({ hub }) =>
      hub.sessions().map((session) => ({
        ...session.connection.status,
        label: session.label,
        ...(session.loginId !== undefined && { login: session.loginId }),
      })),
    )
  }

  find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }> {
    return this.#directory.find(login, identifier)
  }

  join(by: ActingUser, identifier: string, account?: string): Promise<RemoteChat> {
    return this.#directory.join(by, identifier, account)
  }

  leave(by: ActingUser, chat: RemoteChat): Promise<void> {
    return this.#directory.leave(by, chat)
  }

  list(login: Login, query: string) {
    return this.#directory.list(login, query)
  }

  hint(hint: { kind: 'typing' | 'read'; chat: ChatRef; by: Login; typing?: boolean }): void {
    const hub = this.#of(hint.chat.chat)?.hub
    const live = hub?.session(hint.by)?.live
    if (hub === undefined || live === undefined || hint.kind !== 'typing') return
    this.#typing.send(live, hub.targetOf(hint.chat.chat), hint.typing === true, hub.now)
  }

  canRelay(chat: RemoteChat): boolean {
    const hub = this.#of(chat)?.hub
    const name = parseChatId(chat.id)?.name
    return hub !== undefined && hub.config.channels.some((each) => each.relay && hub.fold(each.name) === name)
  }

  readGhost(localpart: string): RemoteUserId | undefined {
    const user = parseGhostLocalpart(localpart)
    const parsed = user && parseUserId(user)
    const network = parsed && this.#networks.get(parsed.network)
    return network && network.hub.fold(parsed.name) === parsed.name && !CHANNEL.test(parsed.name)
      ? user
      : undefined
  }

  aliasLocalpart(chat: RemoteChatId): string {
    return aliasLocalpart(chat)
  }

  readAlias(localpart: string): RemoteChat | undefined {
    const id = parseAliasLocalpart(localpart)
    const parsed = id && parseChatId(id)
    const hub = parsed && this.#networks.get(parsed.network)?.hub
    if (!hub || hub.fold(parsed.name) !== parsed.name || !CHANNEL.test(parsed.name)) return undefined
    return { network: 'irc', id, type: 'channel', name: parsed.name }
  }

  instances(): { id: string; name: string }[] {
    return this.#config.networks.map(({ id, name }) => ({ id, name }))
  }

  #network(id: string): IrcNetwork | undefined {
    return this.#networks.get(id)
  }

  #of(chat: RemoteChat): IrcNetwork | undefined {
    const parsed = parseChatId(chat.id)
    return parsed && this.#networks.get(parsed.network)
  }
}

const DISCONNECT_MS = 5_000
