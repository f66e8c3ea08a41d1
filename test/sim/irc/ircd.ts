import { offeredCaps } from './caps.ts'
import { casefolder } from './casemap.ts'
import { Channel } from './channel.ts'
import { IrcFaults } from './faults.ts'
import { History } from './history.ts'
import { isupportTokens } from './isupport.ts'
import type { JournalEntry } from './journal.ts'
import type { CloseHow } from './link.ts'
import type { AccountOptions, Settings } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import type { Session } from './session.ts'

export type Account = { name: string; password: string | undefined; certfps: Set<string> }

/** What the server knows: connections, users, channels, accounts, history. All look-ups by name are O(1). */
export class Ircd {
  readonly settings: Settings
  readonly faults: IrcFaults
  readonly fold: (name: string) => string
  readonly caps: Map<string, string>
  readonly isupport: Map<string, string | true>
  readonly journal: JournalEntry[] = []
  readonly history: History
  readonly accounts = new Map<string, Account>()
  readonly readMarkers = new Map<string, string>()
  readonly sessions = new Map<number, Session>()
  readonly users = new Map<string, Session>()
  readonly channels = new Map<string, Channel>()
  readonly watchers = new Map<string, Set<Session>>()
  readonly timers = new Set<NodeJS.Timeout>()
  private messages = 0

  constructor(settings: Settings) {
    this.settings = settings
    this.faults = new IrcFaults(this)
    this.fold = casefolder(settings.casemapping)
    this.caps = offeredCaps(settings.caps)
    this.isupport = isupportTokens(settings, settings.history && this.caps.has('draft/chathistory'))
    this.history = new History(this.fold)
    for (const [name, account] of Object.entries(settings.accounts ?? {})) this.addAccount(name, account)
  }

  now = (): Date => this.settings.now()

  nextMsgid(): string {
    return `m${++this.messages}`
  }

  addAccount(name: string, { password, certfp }: AccountOptions): Account {
    const account = { name, password, certfps: new Set(certfp === undefined ? [] : [certfp.toLowerCase()]) }
    this.accounts.set(this.fold(name), account)
    return account
  }

  user(nick: string): Session | undefined {
    return this.users.get(this.fold(nick))
  }

  channel(name: string): Channel | undefined {
    return this.channels.get(this.fold(name))
  }

  openChannel(name: string): Channel {
    const channel = this.channel(name) ?? new Channel(name, this.now())
    this.channels.set(this.fold(name), channel)
    return channel
  }

  /** A line from a user, with what its tags need. */
  from(user: Session, command: string, ...params: string[]): Outgoing {
    const account = user.account === undefined ? {} : { account: user.account }
    return { source: user.prefix, command, params, at: this.now(), bot: user.modes.has('B'), ...account }
  }

  /** A line from the server. */
  line(command: string, ...params: string[]): Outgoing {
    return { source: this.settings.name, command, params }
  }

  /** Everyone who shares a channel with the user, without the user. */
  peers(user: Session): Set<Session> {
    const peers = new Set<Session>()
    for (const channel of user.channels) for (const member of channel.members.keys()) peers.add(member)
    peers.delete(user)
    return peers
  }

  /** Peers, and watchers with `extended-monitor`, that have a capability. */
  notify(user: Session, cap: string, out: Outgoing): void {
    const watchers = [...(this.watchers.get(this.fold(user.nick)) ?? [])]
    const extended = watchers.filter((watcher) => watcher.caps.has('extended-monitor'))
    for (const peer of new Set([...this.peers(user), ...extended])) if (peer.caps.has(cap)) peer.send(out)
  }

  toChannel(channel: Channel, out: Outgoing, except?: Session): void {
    for (const member of channel.members.keys()) if (member !== except) member.send(out)
  }

  /** Sends a line to a channel and keeps it for event playback. */
  event(channel: Channel, out: Outgoing): void {
    this.toChannel(channel, out)
    this.recordEvent(channel, out)
  }

  recordEvent(channel: Channel, out: Outgoing): void {
    if (this.settings.history) this.history.addEvent(channel.name, { ...out, msgid: this.nextMsgid() })
  }

  removeMember(channel: Channel, user: Session): void {
    channel.members.delete(user)
    user.channels.delete(channel)
    if (channel.members.size === 0) this.channels.delete(this.fold(channel.name))
  }

  setNick(user: Session, nick: string): void {
    const wasOnline = this.users.get(this.fold(user.nick)) === user
    const sameName = this.fold(user.nick) === this.fold(nick)
    if (wasOnline) this.users.delete(this.fold(user.nick))
    if (wasOnline && !sameName && user.registered) this.tellWatchers(user.nick, false)
    user.nick = nick
    this.users.set(this.fold(nick), user)
    if (!sameName && user.registered) this.tellWatchers(nick, true)
  }

  tellWatchers(nick: string, online: boolean): void {
    const name = online ? (this.user(nick)?.prefix ?? nick) : nick
    for (const watcher of this.watchers.get(this.fold(nick)) ?? [])
      watcher.numeric(online ? '730' : '731', name)
  }

  /** Logs a user in or out and tells those who want to know. */
  setAccount(user: Session, account: string | undefined): void {
    user.account = account
    if (account === undefined) user.numeric('901', user.prefix, 'You are now logged out')
    else user.numeric('900', user.prefix, account, `You are now logged in as ${account}`)
    if (user.registered) this.notify(user, 'account-notify', this.from(user, 'ACCOUNT', account ?? '*'))
  }

  /** Takes a connection out of everything and tells its peers; with how its link is closed, unless it is already. */
  disconnect(session: Session, reason: string, how?: CloseHow): void {
    if (session.closed) return
    if (session.registered) {
      const quit = this.from(session, 'QUIT', reason)
      for (const peer of this.peers(session)) peer.send(quit)
      for (const channel of session.channels) {
        this.recordEvent(channel, quit)
        this.removeMember(channel, session)
      }
    }
    session.closed = true
    if (how !== undefined) session.close(how)
    this.sessions.delete(session.id)
    if (this.users.get(this.fold(session.nick)) === session) {
      this.users.delete(this.fold(session.nick))
      if (session.registered) this.tellWatchers(session.nick, false)
    }
    for (const folded of session.monitored.keys()) this.watchers.get(folded)?.delete(session)
  }

  /** ERROR, then the end of the connection. */
  closeWithError(session: Session, reason: string): void {
    const where = `${session.nick}[${session.host}]`
    session.send({ source: '', command: 'ERROR', params: [`Closing Link: ${where} (${reason})`] })
    session.finish()
    this.disconnect(session, reason, 'end')
  }

  /** Runs something later; forgotten when the server stops. */
  later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      run()
    }, ms)
    this.timers.add(timer)
  }
}
