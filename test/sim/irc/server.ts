import type { AddressInfo, Server, Socket } from 'node:net'
import net from 'node:net'
import tls from 'node:tls'
import { SimIrcClient } from './client.ts'
import { addCaps, removeCaps } from './commands/capability.ts'
import { dispatch } from './dispatch.ts'
import type { IrcFaults } from './faults.ts'
import { askIdentd } from './ident.ts'
import { Inlet } from './inlet.ts'
import { Ircd } from './ircd.ts'
import type { JournalEntry } from './journal.ts'
import type { Link } from './link.ts'
import { Netsplits } from './netsplit.ts'
import type { CapChoice, SimIrcOptions } from './options.ts'
import { settingsFrom } from './options.ts'
import { Session } from './session.ts'
import { SocketLink } from './socket-link.ts'
import { waitUntil } from './wait.ts'
import { welcomeIfReady } from './welcome.ts'

export type ChannelView = { topic?: string; modes: string; members: { nick: string; prefix: string }[] }
export type ConnectionView = { id: number; nick: string; user: string; caps: string[] }
export type ClientOptions = { caps?: CapChoice; user?: string; account?: string }

/** An IRC server on loopback: a real one as far as a client can tell, with switches for what can go wrong. */
export class SimIrc {
  readonly host = '127.0.0.1'
  private readonly ircd: Ircd
  private readonly netsplits: Netsplits
  private readonly inlets = new Map<Session, Inlet>()
  private readonly sockets = new Set<Socket>()
  private listener: Server | undefined
  private listenPort: number
  private connected = 0

  private constructor(options: SimIrcOptions) {
    this.ircd = new Ircd(settingsFrom(options))
    this.netsplits = new Netsplits(this.ircd)
    this.listenPort = options.port ?? 0
  }

  static async start(options: SimIrcOptions = {}): Promise<SimIrc> {
    const server = new SimIrc(options)
    await server.listen()
    return server
  }

  get port(): number {
    return this.listenPort
  }

  get faults(): IrcFaults {
    return this.ircd.faults
  }

  /** Every line the server processed, in order. */
  get journal(): readonly JournalEntry[] {
    return this.ircd.journal
  }

  connections(): ConnectionView[] {
    return [...this.ircd.sessions.values()].map(({ id, nick, user, caps }) => ({
      id,
      nick,
      user,
      caps: [...caps],
    }))
  }

  channel(name: string): ChannelView | undefined {
    const channel = this.ircd.channel(name)
    if (channel === undefined) return undefined
    return {
      ...(channel.topic === undefined ? {} : { topic: channel.topic.text }),
      modes: channel.modeString(true).join(' '),
      members: [...channel.members.keys()].map((user) => ({
        nick: user.nick,
        prefix: channel.prefixes(user),
      })),
    }
  }

  /** Registers a user in this process. Its capabilities are those asked for here that the server offers. */
  client(nick: string, { caps = 'all', user = nick, account }: ClientOptions = {}): Promise<SimIrcClient> {
    const { ircd } = this
    let session: Session | undefined
    const connect = (link: Link) => {
      const opened = (session = this.open(link))
      return {
        line: (line: string) => this.inlets.get(opened)?.push(line),
        closed: () => this.hungUp(opened),
      }
    }
    const client = new SimIrcClient({ connect, fold: ircd.fold }, nick)
    client.raw('CAP LS 302')
    const offered = [...ircd.caps.keys()]
    const wanted = caps === 'all' ? offered : offered.filter((cap) => caps !== 'none' && caps.includes(cap))
    if (wanted.length > 0) client.raw(`CAP REQ :${wanted.join(' ')}`)
    if (ircd.settings.password !== undefined) client.raw(`PASS :${ircd.settings.password}`)
    client.raw(`NICK ${nick}`)
    client.raw(`USER ${user} 0 * :${nick}`)
    if (session !== undefined && account !== undefined) ircd.setAccount(session, account)
    client.raw('CAP END')
    if (session?.registered === true) return Promise.resolve(client)
    return Promise.reject(
      new Error(`the simulated server refused ${nick}: ${client.lines.at(-1)?.raw ?? ''}`),
    )
  }

  /** Waits for a condition; rejects with `what` after `timeoutMs` (10 s). */
  waitFor(predicate: () => boolean | undefined, what: string, timeoutMs?: number): Promise<void> {
    return waitUntil(predicate, what, timeoutMs)
  }

  /** Drops the link of a connection, by its number or nick, without a word. */
  kill(connectionOrNick: number | string): void {
    const session =
      typeof connectionOrNick === 'number'
        ? this.ircd.sessions.get(connectionOrNick)
        : this.ircd.user(connectionOrNick)
    if (session === undefined) throw new Error(`no such connection: ${connectionOrNick}`)
    this.ircd.disconnect(session, 'Connection reset by peer', 'drop')
  }

  /** Everyone behind `server` is gone until `netjoin`: to others they quit, what they send waits. */
  netsplit(server: string, nicks: readonly string[]): void {
    const users = nicks.flatMap((nick) => this.ircd.user(nick) ?? [])
    for (const user of users) this.inlets.get(user)?.hold()
    this.netsplits.split(server, users)
  }

  netjoin(server: string): void {
    for (const user of this.netsplits.join(server)) this.inlets.get(user)?.release()
  }

  /** Offers capabilities from now on, by CAP NEW to who has `cap-notify`. */
  capNew(...entries: string[]): void {
    addCaps(this.ircd, entries)
  }

  /** Withdraws capabilities, by CAP DEL. */
  capDel(...names: string[]): void {
    removeCaps(this.ircd, names)
  }

  /** Drops everyone and stops listening. Users and channels are gone; accounts, history and faults stay. */
  async stop(): Promise<void> {
    for (const timer of this.ircd.timers) clearTimeout(timer)
    this.ircd.timers.clear()
    for (const session of this.ircd.sessions.values())
      this.ircd.disconnect(session, 'Server shutdown', 'drop')
    for (const inlet of this.inlets.values()) inlet.close()
    this.inlets.clear()
    for (const socket of this.sockets) socket.destroy()
    const { listener } = this
    this.listener = undefined
    if (listener !== undefined) await new Promise((resolve) => listener.close(resolve))
  }

  /** Stops, and listens on the same port again. */
  async restart(): Promise<void> {
    await this.stop()
    await this.listen()
  }

  close(): Promise<void> {
    return this.stop()
  }

  private async listen(): Promise<void> {
    const { tls: options } = this.ircd.settings
    const accept = (socket: Socket) => this.accept(socket)
    const listener =
      options === undefined
        ? net.createServer(accept)
        : tls.createServer({ ...options, requestCert: true, rejectUnauthorized: false }, accept)
    // Also those whose TLS handshake has not ended.
    listener.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(this.listenPort, this.host, resolve)
    })
    this.listener = listener
    this.listenPort = (listener.address() as AddressInfo).port
  }

  private accept(socket: Socket): void {
    if (this.faults.takeSilentAccept()) {
      socket.pause()
      return
    }
    const refusal = this.faults.takeRefusal()
    if (refusal !== undefined) {
      socket.on('error', () => {})
      socket.resume()
      socket.end(refusal)
      return
    }
    const link: SocketLink = new SocketLink(socket, {
      line: (line) => this.inlets.get(session)?.push(line),
      close: () => this.hungUp(session),
      overflow: () => this.ircd.closeWithError(session, 'RecvQ exceeded'),
    })
    const session: Session = this.open(link)
  }

  private open(link: Link): Session {
    const { ircd } = this
    const session = new Session(++this.connected, link, ircd.settings.name, ircd.now)
    const inlet = new Inlet(
      {
        process: (line) => {
          if (!session.closed) dispatch(ircd, session, inlet, line)
          if (session.closed) this.forget(session)
        },
        // Users in this process are the hands of a test, which pacing would only slow down.
        paced: () => session.registered && link.ports !== undefined,
        pause: () => link.pause(),
        resume: () => link.resume(),
        excessFlood: () => ircd.closeWithError(session, 'Excess Flood'),
      },
      ircd.settings.flood,
    )
    link.shape(ircd.faults.shape())
    ircd.sessions.set(session.id, session)
    this.inlets.set(session, inlet)
    if (ircd.settings.identd !== undefined && link.ports !== undefined)
      this.identify(session, ircd.settings.identd.port)
    return session
  }

  private identify(session: Session, port: number): void {
    session.ident = 'pending'
    void askIdentd(port, session.link.ports ?? { local: 0, remote: 0 }).then((name) => {
      session.ident = name === undefined ? 'failed' : { name }
      welcomeIfReady(this.ircd, session)
    })
  }

  private hungUp(session: Session): void {
    this.ircd.disconnect(session, 'Connection closed')
    this.forget(session)
  }

  private forget(session: Session): void {
    this.inlets.get(session)?.close()
    this.inlets.delete(session)
  }
}
