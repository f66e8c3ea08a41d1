import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { Client } from 'irc-framework'
import type { Clock } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { Logger } from '../../model/logger.ts'
import { BatchAssembler } from './batch.ts'
import type { Batch } from './batch.ts'
import { readClosing } from './closing.ts'
import type { Closing } from './closing.ts'
import { fold } from './casemap.ts'
import { Isupport } from './isupport.ts'
import { clientOptions, FOR_LIBRARY, WANTED } from './link-options.ts'
import type { LinkOptions } from './link-options.ts'
import { Registration } from './registration.ts'
import { IrcTransport } from './transport.ts'
import { parseLine } from './wire.ts'
import type { IrcMessage, OutgoingLine } from './wire.ts'
import { Writer } from './writer.ts'

export type { LinkOptions } from './link-options.ts'

export type LinkEvents = {
  /** Each line and batch after registration, in order of arrival. */
  item(item: IrcMessage | Batch): void
  /** Registered, and 005 is known. */
  welcome(): void
  /** Exactly once, whatever happened. */
  closed(closing: Closing): void
  socket?(socket: Socket): void
  /** The value of `sts`. @returns whether the connection has to be made again, by TLS */
  sts?(value: string): boolean
  /** A line that cannot be understood. */
  malformed?(): void
}

const CHECK_MS = 15_000
const IDLE_MS = 30_000
const DEAD_MS = 120_000
const REGISTRATION_MS = 60_000
const GOODBYE_MS = 2_000

/** One connection to a server, from the first byte to the last. What it learns of the server dies with it. */
export class Link {
  /** Unlike that of any other connection, of this process or an earlier one. */
  readonly epoch: string
  readonly options: LinkOptions
  readonly isupport = new Isupport()
  readonly batches = new BatchAssembler()
  nick: string
  /** The one before. */
  formerNick = ''
  user: string | undefined
  host: string | undefined
  /** Services account that we are logged in to. */
  account: string | undefined
  serverName = ''
  /** The server's own words about its software. */
  version = ''
  welcomedAt: Date | undefined
  /** By how much the server's clock is ahead of ours, as far as it tells its time. */
  aheadMs = 0
  readonly writer: Writer
  readonly #clock: Clock
  readonly #log: Logger
  readonly #events: LinkEvents
  readonly #client: Client
  readonly #registration: Registration
  #transport: IrcTransport | undefined
  #counter = 0
  #lastLineAt: number
  #openedAt: number
  #cancelCheck: () => void = () => undefined
  #closing: Closing | undefined
  #closed = false

  constructor(deps: { clock: Clock; log: Logger; options: LinkOptions; events: LinkEvents }) {
    const { clock, options } = deps
    this.#clock = clock
    this.#log = deps.log
    this.#events = deps.events
    this.options = options
    this.nick = options.nick
    this.epoch = `${clock.now().getTime().toString(36)}${randomBytes(3).toString('hex')}`
    this.#lastLineAt = this.#openedAt = clock.now().getTime()
    this.#client = new Client()
    this.writer = new Writer((line) => this.#client.connection.write(line) !== false)
    this.#registration = new Registration(this)
  }

  open(): void {
    const client = this.#client
    client.requestCap(WANTED)
    client.connection.on('socket close', (error) => this.#onClose(error))
    this.#cancelCheck = this.#clock.after(CHECK_MS, () => this.#check())
    client.connect(clientOptions(this.options, () => this.#makeTransport()))
  }

  has(cap: string): boolean {
    return this.#client.network.cap.enabled.includes(cap)
  }

  /** The value with which the server offers a capability. */
  capValue(cap: string): string {
    return this.#client.network.cap.available.get(cap) ?? ''
  }

  offers(cap: string): boolean {
    return this.#client.network.cap.available.has(cap)
  }

  fold(name: string): string {
    return fold(name, this.isupport.casemap)
  }

  isMe(nick: string | undefined): boolean {
    return nick !== undefined && this.fold(nick) === this.fold(this.nick)
  }

  /** A number that no other message of this connection has. */
  nextCounter(): number {
    return ++this.#counter
  }

  /** Writes a line now. False: surely not written. */
  write(line: OutgoingLine): boolean {
    return this.writer.write(line)
  }

  /** Registered, and not closed. */
  get ready(): boolean {
    return !this.#closed && this.welcomedAt !== undefined
  }

  get closed(): boolean {
    return this.#closed
  }

  pause(): void {
    this.#transport?.pause()
  }

  resume(): void {
    this.#lastLineAt = this.#clock.now().getTime()
    this.#transport?.resume()
  }

  get paused(): boolean {
    return this.#transport?.paused ?? false
  }

  /** Milliseconds since the server last said anything. */
  get silentMs(): number {
    return this.paused ? 0 : this.#clock.now().getTime() - this.#lastLineAt
  }

  /** Ends the connection at once. */
  close(closing: Closing): void {
    this.#closing ??= closing
    if (this.#transport === undefined) this.#onClose(false)
    else this.#transport.close(true)
  }

  /** Says goodbye and ends the connection when the server has, or shortly after. */
  quit(reason: string): void {
    this.#closing ??= { kind: 'requested', text: reason }
    if (this.#closed) return
    if (!this.write({ command: 'QUIT', params: [reason] })) return this.close(this.#closing)
    this.#clock.after(GOODBYE_MS, () => this.#transport?.close(true))
  }

  /** Called by the registration when the server has let us in. */
  welcomed(): void {
    this.welcomedAt = this.#clock.now()
    this.#events.welcome()
  }

  /** Called by the registration. */
  sts(value: string): boolean {
    if (this.#events.sts?.(value) !== true) return false
    this.close({ kind: 'lost', text: 'the server wants TLS', atOnce: true })
    return true
  }

  #makeTransport(): IrcTransport {
    const { server, certificate, localAddress } = this.options
    this.#transport = new IrcTransport({
      server,
      ...(certificate && { certificate }),
      ...(localAddress !== undefined && { localAddress }),
      onLine: (line) => this.#onLine(line),
      onSocket: (socket) => this.#events.socket?.(socket),
      onFault: (error) => this.#onFault(error),
    })
    return this.#transport
  }

  /** @returns whether the library has to see the line */
  #onLine(line: string): boolean {
    if (this.#closed) return false
    this.#lastLineAt = this.#clock.now().getTime()
    const message = parseLine(line)
    if (message === undefined) {
      if (line.trim() !== '') this.#events.malformed?.()
      return false
    }
    if (message.command === 'PING') {
      this.write({ command: 'PONG', params: [message.params.at(-1) ?? ''], trailing: true })
      return false
    }
    if (message.command === 'ERROR') this.#closing ??= readClosing(message.params.at(-1) ?? '')
    this.#learn(message)
    const swallowed = this.#registration.onLine(message)
    if (this.welcomedAt !== undefined) {
      for (const item of this.batches.push(message, this.#clock.now())) this.#events.item(item)
    }
    return !swallowed && FOR_LIBRARY.has(message.command)
  }

  /** Keeps our own names and what the server says of itself. */
  #learn({ command, params, source, tags }: IrcMessage): void {
    // What others said may be played back with the time when they said it; numerics and PONG are of this moment.
    const time = /^(?:\d{3}|PONG)$/.test(command) ? Date.parse(tags['time'] ?? '') : Number.NaN
    if (!Number.isNaN(time)) this.aheadMs = time - this.#clock.now().getTime()
    switch (command) {
      case '001': {
        this.nick = params[0] ?? this.nick
        this.serverName = source?.raw ?? ''
        const [, nick, user, host] = /(\S+)!(\S+)@(\S+)$/.exec(params.at(-1) ?? '') ?? []
        if (this.isMe(nick)) [this.user, this.host] = [user, host]
        return
      }
      case '002':
      case '004':
        this.version += ` ${params.slice(1).join(' ')}`
        return
      case '005':
        return this.isupport.apply(params.slice(1, -1))
      case '396':
        this.host = params[1]?.split('@').at(-1) ?? this.host
        return
      case '900':
        this.account = params[2]
        return
      case '901':
        this.account = undefined
        return
      case 'NICK':
        // InspIRCd answers a labelled NICK in the name of the new nick.
        if (!this.isMe(source?.nick) && tags['label'] === undefined) return
        this.formerNick = this.nick
        this.nick = params[0] ?? this.nick
        return
      case 'CHGHOST':
        if (this.isMe(source?.nick)) [this.user, this.host] = [params[0], params[1]]
        return
      case 'JOIN':
        if (this.isMe(source?.nick))
          [this.user, this.host] = [source?.user ?? this.user, source?.host ?? this.host]
        return
    }
  }

  #check(): void {
    if (this.#closed) return
    const now = this.#clock.now().getTime()
    this.#cancelCheck = this.#clock.after(CHECK_MS, () => this.#check())
    for (const batch of this.batches.expire(this.#clock.now())) this.#events.item(batch)
    if (this.welcomedAt === undefined && now - this.#openedAt > REGISTRATION_MS) {
      return this.close({ kind: 'lost', text: 'the server did not let us in within a minute' })
    }
    if (this.silentMs > DEAD_MS) return this.close({ kind: 'lost', text: 'no answer for two minutes' })
    if (this.silentMs > IDLE_MS && this.welcomedAt !== undefined) {
      this.write({ command: 'PING', params: [`k.${this.epoch}`] })
    }
  }

  #onFault(error: unknown): void {
    this.#events.malformed?.()
    this.#log.warn({ error: messageOf(error) }, 'a line could not be handled; closing this connection')
    this.#closing ??= { kind: 'lost', text: 'the server sent something that cannot be handled' }
  }

  #onClose(error: Error | false): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelCheck()
    this.batches.clear()
    this.#events.closed(
      this.#closing ?? { kind: 'lost', text: error === false ? 'connection closed' : error.message },
    )
  }
}
