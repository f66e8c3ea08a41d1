import type { Readable } from 'node:stream'
import type { Capabilities } from './capabilities.ts'
import type { Clock } from './clock.ts'
import type { MediaContent } from './content.ts'
import type {
  DeliveryId,
  LoginId,
  MatrixUserId,
  NetworkName,
  PortalId,
  RemoteChatId,
  RemoteMessageId,
  RemoteUserId,
} from './ids.ts'
import type { Logger } from './logger.ts'
import type { LoginFlow, LoginProcess, LoginState } from './login.ts'
import type { SendOutcome } from './outcome.ts'
import type { RemoteAction } from './remote-action.ts'
import type { RemoteChat, RemoteEvent, RemoteHint, RemoteUser } from './remote-event.ts'

/** An account of a Matrix user on a network. `account` is the network's key for it: for IRC the id of the IRC network. */
export type Login = { id: LoginId; owner: MatrixUserId; network: NetworkName; account: string; name: string }

/** A conversation that the bridge knows. */
export type ChatRef = { portal: PortalId; chat: RemoteChat }

/** Who acts on Matrix. Without a login the network's relay speaks for them, under `name`. */
export type ActingUser = { user: MatrixUserId; name: string; login?: Login }

/** One attempt at one delivery. */
export type SendRequest = {
  delivery: DeliveryId
  chat: ChatRef
  by: ActingUser
  action: RemoteAction
  /** When the Matrix user did it. */
  at: Date
  /**
   * What an earlier attempt left with `save`: the parts it was cut into, what was written where. Present only when a
   * part may already have been sent.
   */
  progress?: unknown
  /** Resolves once `progress` (JSON) is committed. A connector calls it before the first byte of each part leaves. */
  save(progress: unknown): Promise<void>
  signal: AbortSignal
}

/** Key and value storage of one login, encrypted at rest. */
export interface SessionStore {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  /** Sets all that has a value and deletes what has none, in one transaction: all of it, or nothing. */
  setMany(values: Readonly<Record<string, string | undefined>>): Promise<void>
  delete(key: string): Promise<void>
  /** Everything, but for keys that begin with one of `except`. */
  all(except?: readonly string[]): Promise<Record<string, string>>
  /** All keys that begin with `prefix`, without what is under them. */
  keys(prefix: string): Promise<string[]>
}

/** What the core gives to a connector. */
export interface ConnectorHost {
  readonly clock: Clock
  readonly log: Logger
  /**
   * Takes events into the ledger, in order; resolves after COMMIT, and only then may the network be acknowledged.
   * Repeats (same chat, kind and id) are dropped. @throws ViaductError `database_down`: nothing was taken, try again.
   */
  accept(events: RemoteEvent[]): Promise<void>
  /** Takes what need not be kept. */
  hint(hint: RemoteHint): void
  /** Records a login's state and tells its owner when it needs them. */
  loginState(login: LoginId, state: LoginState, text?: string): void
  /** Wakes deliveries that waited for this login or for this conversation. */
  ready(what: { login?: LoginId; chat?: RemoteChatId }): void
  /** A delivery that was called delivered was refused after all (a late numeric). */
  late(delivery: DeliveryId, outcome: SendOutcome): void
  /**
   * Words for a login's owner, in their room with the bot. Resolves when they are kept, however long the database is away.
   * Under the same `key` they are said once, also by a process that comes after a crash.
   */
  tell(login: LoginId, text: string, key?: string): Promise<void>
  session(login: LoginId): SessionStore
  logins(network: NetworkName): Promise<Login[]>
  /** Conversations of the network with a room or with mail waiting for one. */
  chats(network: NetworkName): Promise<ChatRef[]>
  /** The newest message taken in for a conversation, for filling gaps. */
  newest(chat: RemoteChat): Promise<{ id: RemoteMessageId; at: Date } | undefined>
  /** Which of the ids were taken in or sent already. */
  known(chat: RemoteChat, ids: RemoteMessageId[]): Promise<Set<RemoteMessageId>>
  /**
   * What `save` kept of deliveries to a conversation, those that have ended a while ago left out: a network's history
   * holds their lines, perhaps under ids that nobody knows.
   */
  begun(chat: RemoteChat): Promise<unknown[]>
  /** The Matrix user who stands for a person of the network, whether there is one on the homeserver yet or not. */
  ghost(network: NetworkName, user: RemoteUserId): MatrixUserId
  /** What `save` kept of deliveries to a conversation that have not ended: one of their parts may be there already. */
  underWay(chat: RemoteChat): Promise<{ delivery: DeliveryId; progress: unknown }[]>
  /** A signed link to the bridge's media proxy, which expires; undefined when the proxy has no public address. */
  mediaLink(media: MediaContent): string | undefined
  /** Keeps a long text and gives a signed link to it. */
  textLink(text: string): Promise<string | undefined>
  /**
   * Opens an attachment that is on the homeserver, in clear: an encrypted one is decrypted while it is read, and its stream
   * fails at its end when the bytes were not those that were sent. Whoever opens it reads it to the end or destroys it.
   * @throws ViaductError
   */
  openMedia(media: MediaContent): Promise<OpenMedia>
}

/** Bytes of an attachment as they come; `sizeBytes` is known where the homeserver said it. */
export type OpenMedia = { stream: Readable; sizeBytes?: number; mimeType?: string }

/** One network. Mandatory part; abilities beyond it are the optional interfaces below. */
export interface Connector {
  readonly network: NetworkName
  /** Restores logins and shared connections. Resolves when work is under way, not when all are connected. */
  start(host: ConnectorHost): Promise<void>
  /** Takes no more work, waits for what is under way for at most `deadlineMs` milliseconds, closes. */
  stop(deadlineMs: number): Promise<void>
  capabilities(chat: RemoteChat, by?: Login): Capabilities
  /** Never throws for a fault of the network: every ending is an outcome. */
  send(request: SendRequest): Promise<SendOutcome>
  /**
   * Finds out what became of what `progress` says was begun; the core calls it before `send` whenever there is progress.
   * `delivered`, `unknown`, or `retry`: with `waitsFor` it cannot be told yet, without it nothing is in doubt any more
   * and `send` may go on from what was saved.
   */
  resolve(request: SendRequest): Promise<SendOutcome>
  readonly loginFlows: readonly LoginFlow[]
  startLogin(flow: string, owner: MatrixUserId): LoginProcess
  connect(login: Login): Promise<void>
  disconnect(login: LoginId, options: { forget: boolean }): Promise<void>
  /** The name, topic and kind of a conversation, as far as it is known without asking the network. */
  describe(chat: RemoteChat): ChatDescription
  /** The localpart that a person's ghost gets, without the network's prefix. */
  ghostLocalpart(user: RemoteUserId): string
  /** Whether a login can act in a conversation (an IRC login belongs to one of several IRC networks). */
  serves(login: Login, chat: RemoteChat): boolean
  /** The Matrix user who appears on the network under this id, if it is one of ours. */
  ownerOf(user: RemoteUserId): MatrixUserId | undefined
  /** Current connections, for status and metrics. */
  status(): ConnectionStatus[]
}

export type ChatDescription = {
  /** Of a direct chat it may be the name in its receiver's address book. */
  name: string
  topic?: string
  type: RemoteChat['type']
  /** Whom a direct chat is with. */
  contact?: RemoteUser
}

export type ConnectionStatus = {
  login?: LoginId
  /** For people: which account or shared connection this is. */
  label: string
  state: LoginState
  text?: string
  since: Date
}

/** A network whose conversations a user can look up, enter and leave. */
export interface ChatFinder {
  /** @throws ViaductError with words for the user. */
  find(login: Login, identifier: string): Promise<RemoteUser & { chat: RemoteChat }>
  join(by: ActingUser, identifier: string, account?: string): Promise<RemoteChat>
  leave(by: ActingUser, chat: RemoteChat): Promise<void>
  list(login: Login, query: string): Promise<{ id: string; name: string; members?: number; topic?: string }[]>
}

/** A network whose attachments have to be fetched from it. */
export interface MediaFetcher {
  fetchMedia(
    chat: RemoteChat,
    ref: Record<string, unknown>,
  ): Promise<{ stream: Readable; sizeBytes?: number }>
}

/** A network to which typing and receipts can be passed on. */
export interface HintSink {
  hint(hint: {
    kind: 'typing' | 'read'
    chat: ChatRef
    by: Login
    typing?: boolean
    upTo?: RemoteMessageId
  }): void
}

/** A network with a shared connection that can speak for users without a login. */
export interface Relay {
  /** Whether the shared connection may be used for this conversation. */
  canRelay(chat: RemoteChat): boolean
}

/** A network whose accounts are members of conversations by themselves: their owners are invited to the rooms. */
export interface Attended {
  /** The logins that are in a conversation now, as far as it is known without asking the network. */
  attending(chat: RemoteChat): readonly Login[]
}

/** A network whose ghosts and rooms can be asked for by name, before the bridge has made them. */
export interface NameReader {
  /** The way back from `ghostLocalpart`; undefined for what is no person of a network that is set up. */
  readGhost(localpart: string): RemoteUserId | undefined
  /** What a conversation's alias is called, without the network's prefix. */
  aliasLocalpart(chat: RemoteChatId): string
  readAlias(localpart: string): RemoteChat | undefined
  /** The parts that the network consists of, as people choose among them: for IRC its networks. */
  instances(): { id: string; name: string }[]
}

/** A command of one network, offered by the bot beside the common ones. */
export type NetworkCommand = {
  name: string
  usage: string
  help: string
  run(by: ActingUser, args: string[], chat?: RemoteChat): Promise<string>
}

export const isAttended = (c: Connector): c is Connector & Attended => 'attending' in c
export const isChatFinder = (c: Connector): c is Connector & ChatFinder => 'find' in c && 'join' in c
export const isHintSink = (c: Connector): c is Connector & HintSink => 'hint' in c
export const isMediaFetcher = (c: Connector): c is Connector & MediaFetcher => 'fetchMedia' in c
export const isNameReader = (c: Connector): c is Connector & NameReader => 'readGhost' in c
export const isRelay = (c: Connector): c is Connector & Relay => 'canRelay' in c
export const hasCommands = (c: Connector): c is Connector & { commands: readonly NetworkCommand[] } =>
  'commands' in c
