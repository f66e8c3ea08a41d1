import type { Socket } from 'node:net'
import type { DeliveryId, LoginId } from '../../model/ids.ts'
import type { Login } from '../../model/network.ts'
import type { LoginState } from '../../model/login.ts'
import { remoteMessageId } from '../../model/ids.ts'
import { rejected } from '../../model/outcome.ts'
import type { Batch } from './batch.ts'
import type { Closing } from './closing.ts'
import { Connection, Refusal } from './connection.ts'
import type { Credentials } from './credentials.ts'
import { linkOptions } from './credentials.ts'
import type { Hub } from './hub.ts'
import { toChatId, toMessageId } from './ids.ts'
import { Joins } from './joins.ts'
import type { JoinOutcome, Wanted } from './joins.ts'
import type { Live } from './live.ts'
import { identify } from './nickserv.ts'
import { NickKeeper } from './nick-keeper.ts'
import type { IrcMessage } from './wire.ts'

export type SessionDeps = {
  hub: Hub
  /** Absent for the network's own bot. */
  login?: Login
  credentials(): Promise<Credentials>
  channels: Wanted[]
  /** The channels it is in have changed. */
  keepChannels(channels: Wanted[]): void
  /** Which servers want TLS has changed. */
  keepPolicies(policies: string): void
  onSocket: (socket: Socket, ident: string) => void
  onItem(session: Session, live: Live, item: IrcMessage | Batch): void
  onReady(session: Session, live: Live): void
  onLost(session: Session, live: Live): void
  /** It has entered a channel, and knows who is there. */
  onEntered(session: Session, live: Live, channel: string): void
  /** It could not enter a channel that it was meant to be in. */
  onRefused(session: Session, channel: string, why: string): void
  backoffMs: number
}

/** One user, or the bot, on one network: a connection, and the channels it is meant to be in and is in. */
export class Session {
  readonly hub: Hub
  readonly login: Login | undefined
  readonly connection: Connection
  /** Casefolded names to names as the server writes them. */
  readonly joined = new Map<string, string>()
  readonly wanted = new Map<string, Wanted>()
  /** Channels that it was thrown out of, with what was said; it enters them again only when somebody asks for it. */
  readonly kicked = new Map<string, string>()
  /** Capabilities of the latest connection, for questions while there is none. */
  caps: ReadonlySet<string> = new Set()
  lostAt: Date | undefined
  joins: Joins | undefined
  #credentials: Credentials | undefined
  #nick: NickKeeper | undefined
  readonly #deps: SessionDeps

  constructor(deps: SessionDeps) {
    const { hub } = deps
    this.#deps = deps
    this.hub = hub
    this.login = deps.login
    for (const channel of deps.channels) this.wanted.set(hub.fold(channel.name), channel)
    this.connection = new Connection({
      clock: hub.host.clock,
      log: hub.log.child({ login: deps.login?.id ?? 'bot' }),
      gate: (signal) => hub.gate.pass(signal),
      options: async (attempt) => {
        this.#credentials = await this.#askCredentials()
        return linkOptions(hub.config, this.#credentials, attempt, (server) => hub.sts.apply(server, hub.now))
      },
      pace: hub.config.pace,
      observer: hub.observer,
      backoffMs: deps.backoffMs,
      onSts: (server, value) => {
        const again = hub.sts.offered(server, value, hub.now)
        if (!again) deps.keepPolicies(hub.sts.save())
        return again
      },
      onSocket: (socket) => deps.onSocket(socket, this.#credentials?.ident ?? ''),
      onLive: (live) => hub.background('getting ready', this.#onLive(live)),
      onItem: (live, item) => this.#onItem(live, item),
      onLost: (live, closing) => this.#onLost(live, closing),
      onLate: (ticket, reply) => {
        const { delivery } = ticket.expected
        if (delivery !== undefined) this.#late(delivery, reply.text)
      },
      onState: (state, text) => this.#onState(state, text),
    })
  }

  get live(): Live | undefined {
    return this.connection.live
  }

  get loginId(): LoginId | undefined {
    return this.login?.id
  }

  /** The nick that it has, or is about to ask for. */
  get nick(): string | undefined {
    return this.live?.link.nick ?? this.#credentials?.nick
  }

  /** The services account that it is logged in to, or will be. */
  get account(): string | undefined {
    const who = this.#credentials
    const wanted =
      who?.method === 'plain' || who?.method === 'nickserv' ? (who.account ?? who.nick) : undefined
    return this.live?.link.account ?? wanted
  }

  /** Whether something that is always connected holds the nick for us and other clients of ours. */
  get behindBouncer(): boolean {
    return (
      this.#credentials?.method === 'password' || this.live?.link.offers('soju.im/bouncer-networks') === true
    )
  }

  /** For people. */
  get label(): string {
    return this.login === undefined
      ? `${this.hub.config.name} (bot)`
      : `${this.hub.config.name} (${this.login.name})`
  }

  isIn(channel: string): boolean {
    return this.joined.has(this.hub.fold(channel))
  }

  /** An id for a message of this connection that the server gave none. */
  messageId(live: Live, msgid?: string) {
    return msgid === undefined || msgid === ''
      ? toMessageId(undefined, live.link.epoch, live.link.nextCounter())
      : remoteMessageId(msgid)
  }

  /** Enters a channel unless it is in it, and stays in it over reconnections. */
  async enter(channel: Wanted): Promise<JoinOutcome> {
    const folded = this.hub.fold(channel.name)
    const { joins } = this
    if (this.joined.has(folded)) return { ok: true }
    if (joins === undefined)
      return { ok: false, code: 'network_down', why: 'Not connected to IRC.', retryable: true }
    const wanted = channel.key === undefined ? (this.wanted.get(folded) ?? channel) : channel
    this.kicked.delete(folded)
    const { live } = this
    const outcome = await joins.join(wanted)
    if (outcome.ok && live !== undefined) {
      this.wanted.set(folded, wanted)
      this.#deps.keepChannels([...this.wanted.values()])
      this.#entered(live, channel.name)
    }
    return outcome
  }

  /** Stays out of a channel from now on. */
  forget(channel: string): void {
    if (this.wanted.delete(this.hub.fold(channel))) this.#deps.keepChannels([...this.wanted.values()])
  }

  /** It is to have this nick from now on. @returns the one that it was to have */
  wantNick(nick: string): string | undefined {
    const earlier = this.#credentials?.nick
    if (this.#credentials !== undefined) this.#credentials = { ...this.#credentials, nick }
    this.#nick?.want(nick)
    return earlier
  }

  /** Its own JOIN was seen. */
  hasJoined(channel: string): void {
    this.joined.set(this.hub.fold(channel), channel)
  }

  /** Names are compared in another way now. */
  refold(): void {
    const { hub } = this
    const wanted = [...this.wanted.values()]
    this.wanted.clear()
    for (const channel of wanted) this.wanted.set(hub.fold(channel.name), channel)
    const kicked = [...this.kicked]
    this.kicked.clear()
    for (const [name, text] of kicked) this.kicked.set(hub.fold(name), text)
    const joined = [...this.joined.values()]
    this.joined.clear()
    for (const name of joined) this.hasJoined(name)
  }

  hasLeft(channel: string): void {
    this.joined.delete(this.hub.fold(channel))
  }

  /** While the store is away those of the last connection serve: what is said on IRC meanwhile comes only once. */
  async #askCredentials(): Promise<Credentials> {
    try {
      return await this.#deps.credentials()
    } catch (error) {
      if (error instanceof Refusal || this.#credentials === undefined) throw error
      return this.#credentials
    }
  }

  async #onLive(live: Live): Promise<void> {
    const { hub } = this
    hub.useCasemap(live.link.isupport.casemap, this)
    this.caps = new Set(CAPS_OF_NOTE.filter((cap) => live.link.has(cap)))
    this.joined.clear()
    this.joins = new Joins(live, (channel) => this.isIn(channel))
    this.#nick = new NickKeeper(live, hub.host.clock, this.#credentials)
    const { bot } = live.link.isupport
    if (this.login === undefined && bot !== undefined) {
      live.post({ command: 'MODE', params: [live.link.nick, `+${bot}`] }, 'control')
    }
    const trouble = await identify(live, hub.host.clock, this.#credentials, hub.config.servicesHost)
    if (!live.ready) return
    this.connection.announce('connected', trouble)
    if (this.login !== undefined) hub.host.ready({ login: this.login.id })
    this.#deps.onReady(this, live)
    this.#rejoin(live)
  }

  #entered(live: Live, name: string): void {
    if (!live.ready) return
    this.#deps.onEntered(this, live, name)
    this.hub.host.ready({ chat: toChatId(this.hub.config.id, name, this.hub.casemap) })
  }

  /** Enters again the channels that it was in. */
  #rejoin(live: Live): void {
    for (const [name, outcome] of this.joins?.joinAll([...this.wanted.values()]) ?? []) {
      const entered = outcome.then((result) => {
        if (result.ok) this.#entered(live, name)
        else if (live.ready) this.#deps.onRefused(this, name, result.why)
      })
      this.hub.background('entering a channel', entered)
    }
  }

  #onItem(live: Live, item: IrcMessage | Batch): void {
    if ('command' in item) {
      if (item.command === 'NICK' && live.link.isMe(item.params[0])) {
        this.hub.staleNick(live.link.formerNick, this)
      }
      this.joins?.onItem(item)
      this.#nick?.onItem(item)
    }
    this.#deps.onItem(this, live, item)
  }

  #onLost(live: Live, closing: Closing): void {
    this.lostAt = this.hub.now
    this.joins = undefined
    this.#nick?.stop()
    this.hub.staleNick(live.link.nick, this)
    this.hub.log.debug({ login: this.login?.id, why: closing.kind }, 'IRC link lost')
    this.#deps.onLost(this, live)
    this.joined.clear()
  }

  #onState(state: LoginState, text?: string): void {
    if (this.login !== undefined) this.hub.host.loginState(this.login.id, state, text)
  }

  #late(delivery: DeliveryId, text: string): void {
    this.hub.host.late(delivery, rejected('network_refused', `IRC refused it after all: ${text}`))
  }
}

const CAPS_OF_NOTE = [
  'message-tags',
  'draft/message-redaction',
  'echo-message',
  'labeled-response',
  'draft/multiline',
]
