import { ViaductError, messageOf } from '../../model/errors.ts'
import type { LoginId, RemoteChatId, RemoteMessageId, RemoteUserId } from '../../model/ids.ts'
import type { Logger } from '../../model/logger.ts'
import type { ConnectorHost, Login } from '../../model/network.ts'
import type { RemoteChat, RemoteEvent, RemoteUser } from '../../model/remote-event.ts'
import { fold } from './casemap.ts'
import type { Casemap } from './casemap.ts'
import { matchesGlob } from './channel-policy.ts'
import type { IrcNetworkConfig } from './config.ts'
import { CtcpAnswers } from './ctcp.ts'
import { FloodGuard } from './flood-guard.ts'
import { Gate } from './gate.ts'
import { parseChatId, toChatId, toUserId } from './ids.ts'
import { Intake } from './intake.ts'
import { IrcChannel } from './irc-channel.ts'
import { SplitTracker } from './netsplit.ts'
import { NetworkObserver } from './observer.ts'
import type { IrcObserver } from './observer.ts'
import type { Session } from './session.ts'
import { StsPolicies } from './sts.ts'

type Omitted<T> = T extends unknown ? Omit<T, 'chat'> : never

/** A remote event of which the hub fills in the conversation. */
export type ChatEvent = Omitted<RemoteEvent>

const STALE_NICK_MS = 60_000

/** One IRC network: our connections to it, the channels they are in, and the way of what they hear into the ledger. */
export class Hub {
  readonly config: IrcNetworkConfig
  readonly host: ConnectorHost
  readonly log: Logger
  readonly observer: NetworkObserver
  readonly intake: Intake
  readonly gate: Gate
  readonly splits = new SplitTracker()
  readonly sts = new StsPolicies()
  readonly floods: FloodGuard
  readonly ctcp = new CtcpAnswers({ version: 'Viaduct' })
  readonly channels = new Map<string, IrcChannel>()
  readonly puppets = new Map<LoginId, Session>()
  bot: Session | undefined
  /** Casemapping of the network, from whichever server told last. */
  casemap: Casemap = 'rfc1459'
  onLeader: (channel: IrcChannel, leader: Session | undefined) => void = () => undefined
  readonly #held = new Map<RemoteChatId, ChatEvent[]>()
  readonly #directChats = new Map<RemoteChatId, Map<LoginId, string>>()
  /** Nicks that were ours a moment ago: what they said may still be on its way. */
  readonly #staleNicks = new Map<string, { session: Session; until: number }>()

  constructor(config: IrcNetworkConfig, host: ConnectorHost, observer?: Partial<IrcObserver>) {
    this.config = config
    this.host = host
    this.log = host.log.child({ network: config.id })
    this.observer = new NetworkObserver(observer, config.id)
    this.gate = new Gate(host.clock, config.connectPerSecond)
    this.floods = new FloodGuard(host.clock, (chat, event) => this.#pass(chat, [event]))
    this.intake = new Intake({
      clock: host.clock,
      log: this.log,
      accept: (events) => host.accept(events),
      pressure: (full) => {
        for (const session of this.sessions()) {
          if (full) session.connection.pause()
          else session.connection.resume()
        }
      },
    })
  }

  get now(): Date {
    return this.host.clock.now()
  }

  sessions(): Session[] {
    return [...(this.bot === undefined ? [] : [this.bot]), ...this.puppets.values()]
  }

  session(login: Login | undefined): Session | undefined {
    return login === undefined ? this.bot : this.puppets.get(login.id)
  }

  fold(name: string): string {
    return fold(name, this.casemap)
  }

  userId(nick: string): RemoteUserId {
    return toUserId(this.config.id, nick, this.casemap)
  }

  user(nick: string): RemoteUser {
    return { id: this.userId(nick), name: nick }
  }

  channel(name: string): IrcChannel | undefined {
    return this.channels.get(this.fold(name))
  }

  openChannel(name: string): IrcChannel {
    const found = this.channel(name)
    if (found !== undefined) return found
    const channel = new IrcChannel({
      name,
      chat: { network: 'irc', id: toChatId(this.config.id, name, this.casemap), type: 'channel', name },
      clock: this.host.clock,
      fold: (each) => this.fold(each),
      onLeader: (each, leader) => this.onLeader(each, leader),
    })
    this.channels.set(this.fold(name), channel)
    return channel
  }

  /** The direct conversation of a login with somebody. */
  directChat(login: LoginId, nick: string): RemoteChat {
    const id = toChatId(this.config.id, nick, this.casemap)
    const known = this.#directChats.get(id) ?? new Map<LoginId, string>()
    this.#directChats.set(id, known.set(login, nick))
    return { network: 'irc', id, type: 'dm', receiver: login, name: nick }
  }

  /** A direct conversation that there was before. */
  rememberDirectChat(chat: RemoteChat): void {
    const parsed = parseChatId(chat.id)
    if (parsed !== undefined && chat.receiver !== undefined)
      this.directChat(chat.receiver, chat.name ?? parsed.name)
  }

  /** Somebody goes on under another nick, and with them a login's conversation. */
  moveDirectChat(login: LoginId, from: string, to: string): void {
    this.#directChats.get(toChatId(this.config.id, from, this.casemap))?.delete(login)
    this.directChat(login, to)
  }

  /** Logins with a direct conversation with somebody. */
  directChatsWith(nick: string): LoginId[] {
    const id = toChatId(this.config.id, nick, this.casemap)
    return [...(this.#directChats.get(id)?.keys() ?? [])]
  }

  /**
   * The server that `by` is connected to compares names like this. Where it was otherwise, everything that is kept by
   * name is kept anew, and our other connections come in again.
   */
  useCasemap(casemap: Casemap, by: Session): void {
    if (casemap === this.casemap) return
    this.casemap = casemap
    const direct = [...this.#directChats.values()].flatMap((nicks) => [...nicks])
    this.#directChats.clear()
    for (const [login, nick] of direct) this.directChat(login, nick)
    for (const { chat } of this.channels.values()) this.release(chat)
    this.channels.clear()
    for (const session of this.sessions()) {
      session.refold()
      if (session !== by && session.live !== undefined) {
        session.connection.reconnect('the network compares names in another way now')
      }
    }
  }

  /** The channel or nick behind a conversation, as it is best written to the server. */
  targetOf(chat: RemoteChat): string {
    const parsed = parseChatId(chat.id)
    if (parsed === undefined) throw new ViaductError('bad_request', 'not an IRC conversation')
    const known = this.channels.get(parsed.name)?.name
    if (known !== undefined) return known
    const direct =
      chat.receiver === undefined ? undefined : this.#directChats.get(chat.id)?.get(chat.receiver)
    const written = direct ?? chat.name
    return written !== undefined && this.fold(written) === parsed.name ? written : parsed.name
  }

  /** Our connection that has this nick, or had it a moment ago. */
  ownNick(nick: string): Session | undefined {
    const folded = this.fold(nick)
    const live = this.sessions().find((s) => s.live !== undefined && this.fold(s.live.link.nick) === folded)
    if (live !== undefined) return live
    const stale = this.#staleNicks.get(folded)
    return stale !== undefined && stale.until > this.now.getTime() ? stale.session : undefined
  }

  /** One of our connections gives up a nick. */
  staleNick(nick: string, session: Session): void {
    this.#staleNicks.set(this.fold(nick), { session, until: this.now.getTime() + STALE_NICK_MS })
  }

  /** Somebody with this nick was seen to go: whoever has it next is somebody else. */
  nickGone(nick: string): void {
    this.#staleNicks.delete(this.fold(nick))
  }

  mayBridge(channel: string): boolean {
    const { allowChannels, denyChannels } = this.config
    const name = this.fold(channel)
    const matches = (globs: string[]) => globs.some((glob) => matchesGlob(this.fold(glob), name))
    return matches(allowChannels) && !matches(denyChannels)
  }

  /** Words for a login's owner. */
  tell(login: LoginId, text: string): void {
    this.background('telling a user', this.host.tell(login, text))
  }

  /** Lets something go on by itself; what goes wrong in it is logged and stops nothing else. */
  background(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.log.warn({ error: messageOf(error) }, `${what} failed`))
  }

  emit(chat: RemoteChat, events: ChatEvent[]): void {
    const { mergeFloods = false } = this.config
    for (const event of events) {
      if (mergeFloods && this.floods.keeps(chat, event)) continue
      this.floods.flush(chat)
      this.#pass(chat, [event])
    }
  }

  #pass(chat: RemoteChat, events: ChatEvent[]): void {
    const held = this.#held.get(chat.id)
    if (held === undefined) this.intake.push(events.map((event): RemoteEvent => ({ ...event, chat })))
    else held.push(...events)
  }

  /** Keeps back what a conversation tells, so that what was missed before it can go first. */
  hold(chat: RemoteChat): void {
    if (!this.#held.has(chat.id)) this.#held.set(chat.id, [])
  }

  /** What is kept back for a conversation. */
  heldFor(chat: RemoteChat): readonly ChatEvent[] {
    return this.#held.get(chat.id) ?? []
  }

  /** Lets what was kept back go on, behind `first`. */
  release(chat: RemoteChat, first: ChatEvent[] = []): void {
    this.floods.flush(chat)
    const held = this.#held.get(chat.id) ?? []
    this.#held.delete(chat.id)
    this.#pass(chat, [...first, ...held])
  }

  info(chat: RemoteChat, id: RemoteMessageId, text: string): void {
    this.emit(chat, [{ kind: 'info', id, at: this.now, text }])
  }
}
