import type { Socket } from 'node:net'
import type { LoginId, MatrixUserId } from '../../model/ids.ts'
import type { ConnectorHost, Login } from '../../model/network.ts'
import { ChannelActions } from './channel-actions.ts'
import { ChannelState } from './channel-state.ts'
import type { IrcNetworkConfig } from './config.ts'
import { ConnectionNews } from './connection-news.ts'
import type { Credentials } from './credentials.ts'
import { readCredentials } from './credentials.ts'
import { History } from './history.ts'
import { Hub } from './hub.ts'
import { addressFor, Idents, namesFor } from './identity.ts'
import { Incoming } from './incoming.ts'
import { Messages } from './incoming-messages.ts'
import type { Wanted } from './joins.ts'
import type { IrcObserver } from './observer.ts'
import { Presence } from './presence.ts'
import { Reconcile } from './reconcile.ts'
import { Resolver } from './resolve.ts'
import { Sender } from './sender.ts'
import { Session } from './session.ts'

export type NetworkDeps = {
  config: IrcNetworkConfig
  host: ConnectorHost
  onSocket: (socket: Socket, ident: string) => void
  backoffMs: number
  observer?: Partial<IrcObserver> | undefined
}

/** One IRC network with everything that works on it. */
export class IrcNetwork {
  readonly hub: Hub
  readonly sender: Sender
  readonly resolver: Resolver
  readonly idents = new Idents()
  readonly #deps: NetworkDeps
  readonly #incoming: Incoming
  readonly #presence: Presence
  readonly #history: History
  readonly #reconcile: Reconcile

  constructor(deps: NetworkDeps) {
    this.#deps = deps
    const hub = new Hub(deps.config, deps.host, deps.observer)
    this.hub = hub
    const state = new ChannelState(hub)
    const messages = new Messages(hub)
    this.#history = new History(hub, messages)
    this.#presence = new Presence(hub, state)
    this.#reconcile = new Reconcile(hub, state)
    const news = new ConnectionNews(hub)
    this.#incoming = new Incoming({ messages, presence: this.#presence, history: this.#history, news })
    this.resolver = new Resolver(hub)
    this.sender = new Sender(hub, this.resolver, new ChannelActions(hub))
    hub.onLeader = (channel, leader) => {
      if (leader === undefined) {
        channel.darkSince = hub.now
        channel.roster.settings.clear()
      } else if (leader.live !== undefined) {
        // On the way in the server tells the names unasked.
        state.ask(leader.live, channel, !channel.filling)
      }
    }
  }

  /** Connects the network's own bot, if there is anything for it to do. */
  startBot(): void {
    const { config } = this.#deps
    if (this.hub.bot !== undefined || config.channels.length === 0) return
    const { bot } = config
    const credentials: Credentials = {
      nick: bot.nick,
      ident: bot.ident,
      realname: bot.realname,
      method: bot.password === undefined ? 'none' : 'plain',
      ...(bot.account !== undefined && { account: bot.account }),
      ...(bot.password !== undefined && { password: bot.password }),
    }
    const channels = bot.joinConfigured ? config.channels : config.channels.filter(({ relay }) => relay)
    this.hub.bot = this.#session({
      credentials: async () => credentials,
      channels,
      keepChannels: () => undefined,
      keepPolicies: () => undefined,
    })
    this.hub.bot.connection.start()
  }

  /** Takes what is kept of a login, without connecting it. */
  async restore(login: Login): Promise<void> {
    const store = this.#deps.host.session(login.id)
    const kept = await store.get('ident')
    if (kept !== undefined) this.idents.remember(login.owner, kept)
    this.hub.sts.load(await store.get('sts'))
  }

  async connect(login: Login): Promise<void> {
    if (this.hub.puppets.has(login.id)) return this.hub.puppets.get(login.id)?.connection.hurry()
    const { config, host } = this.#deps
    const store = host.session(login.id)
    const names = namesFor(config, login.owner, this.idents)
    const channels = readChannels(await store.get('channels'))
    await store.set('ident', names.ident)
    const keep = (key: string, value: string) =>
      this.hub.background(`keeping ${key} of a login`, store.set(key, value))
    const session = this.#session({
      login,
      credentials: async () => {
        const address =
          config.ipv6Prefix === undefined ? undefined : addressFor(config.ipv6Prefix, login.owner)
        const credentials = readCredentials(await store.all(), names)
        return { ...credentials, ...(address !== undefined && { localAddress: address }) }
      },
      channels,
      keepChannels: (wanted) => keep('channels', JSON.stringify(wanted)),
      keepPolicies: (policies) => keep('sts', policies),
    })
    this.hub.puppets.set(login.id, session)
    session.connection.start()
  }

  async disconnect(login: LoginId, reason: string, deadlineMs: number): Promise<void> {
    const session = this.hub.puppets.get(login)
    if (session === undefined) return
    await session.connection.stop(reason, deadlineMs)
    this.hub.puppets.delete(login)
  }

  /** Finishes what is under way and says goodbye on every connection. */
  async stop(deadlineMs: number): Promise<void> {
    const until = this.hub.now.getTime() + deadlineMs
    const left = () => Math.max(0, until - this.hub.now.getTime())
    const sessions = this.hub.sessions()
    const fenced = Promise.all(sessions.map((session) => session.live?.fence() ?? Promise.resolve(false)))
    await within(this.#deps.host, fenced, left() / 2)
    await Promise.all(sessions.map((session) => session.connection.stop('The bridge is restarting', left())))
    this.#presence.stop()
    this.#reconcile.stop()
    this.hub.floods.flush()
    await within(this.#deps.host, this.hub.intake.idle(), left())
    this.hub.intake.stop()
  }

  /** The Matrix user with a connection under this nick. */
  ownerOf(nick: string): MatrixUserId | undefined {
    return this.hub.ownNick(nick)?.login?.owner
  }

  #session(o: {
    login?: Login
    credentials(): Promise<Credentials>
    channels: Wanted[]
    keepChannels(channels: Wanted[]): void
    keepPolicies(policies: string): void
  }): Session {
    return new Session({
      ...o,
      hub: this.hub,
      backoffMs: this.#deps.backoffMs,
      onSocket: this.#deps.onSocket,
      onItem: (session, live, item) => this.#incoming.handle(session, live, item),
      onReady: (session, live) => this.hub.background('history', this.#history.fillDirect(session, live)),
      onLost: (session) => this.#presence.lost(session),
      onEntered: (session, live, name) => {
        const channel = this.hub.channel(name)
        if (channel !== undefined)
          this.hub.background('history', this.#history.fillChannel(session, live, channel))
      },
      onRefused: (session, name, why) => {
        if (session.loginId !== undefined) this.hub.tell(session.loginId, `${name}: ${why}`)
        else this.hub.log.warn({ channel: name, why }, 'the bot cannot enter a channel')
      },
    })
  }
}

function readChannels(kept: string | undefined): Wanted[] {
  if (kept === undefined) return []
  try {
    const list: unknown = JSON.parse(kept)
    return Array.isArray(list) ? list.filter(isWanted) : []
  } catch {
    return []
  }
}

function isWanted(value: unknown): value is Wanted {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

function within(host: ConnectorHost, work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = host.clock.after(ms, resolve)
    const ended = () => {
      cancel()
      resolve()
    }
    work.then(ended, ended)
  })
}
