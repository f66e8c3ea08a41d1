import type {
  AuthenticationCreds,
  BaileysEventMap,
  UserFacingSocketConfig,
  WAMessage,
  WASocket,
  proto,
} from '@whiskeysockets/baileys'
import { DisconnectReason, makeWASocket } from '@whiskeysockets/baileys'
import { WebSocket } from 'ws'
import { MemoryKeys } from './memory-keys.ts'
import { SILENT, hushSignal } from './quiet.ts'
import { trust } from './trust.ts'
import { until } from '../until.ts'

/** What a client needs to know of the server. */
export type Place = { readonly url: string; readonly root: Uint8Array }

const CLOSING_MS = 500

export type ClientOptions = Omit<UserFacingSocketConfig, 'auth' | 'waWebSocketUrl' | 'logger'>

type Seen = {
  readonly [Name in keyof BaileysEventMap]: { name: Name; data: BaileysEventMap[Name] }
}[keyof BaileysEventMap]

/**
 * An unmodified Baileys client with its state in memory. It connects again when it is told to restart (515), as every
 * program that uses Baileys must, and else only when asked.
 */
export class SimClient {
  readonly creds: AuthenticationCreds
  readonly keys = new MemoryKeys()
  /** every event of every connection, in order */
  readonly seen: Seen[] = []
  /** what it said itself, by id: known at once, while Baileys may hold back the event for a while */
  readonly said = new Map<string, proto.IMessage>()
  connection: 'connecting' | 'open' | 'close' = 'close'
  /** why the last connection ended, as Baileys numbers it: 401 removed, 408 lost, 440 replaced, 515 restart */
  status: number | undefined
  readonly #place: Place
  readonly #options: ClientOptions
  #socket: WASocket | undefined

  constructor(place: Place, creds: AuthenticationCreds, options: ClientOptions = {}) {
    this.#place = place
    this.creds = creds
    this.#options = options
  }

  /** Of the present connection, or the last one. Throws before the first. */
  get socket(): WASocket {
    if (this.#socket === undefined) throw new Error('this client has not connected yet')
    return this.#socket
  }

  /** The device's own address; empty until it is linked. */
  get jid(): string {
    return this.creds.me?.id ?? ''
  }

  /** Every message that arrived or was sent, oldest first, a repeated one again. */
  get messages(): WAMessage[] {
    return this.all('messages.upsert').flatMap(({ messages }) => messages)
  }

  /** The texts among `messages`, of people and of itself. */
  get texts(): string[] {
    return this.messages
      .map(({ message }) => message?.conversation ?? message?.extendedTextMessage?.text ?? '')
      .filter((text) => text !== '')
  }

  /** The QR codes that it showed, as text. */
  get qrCodes(): string[] {
    return this.all('connection.update').flatMap(({ qr }) => (qr === undefined ? [] : [qr]))
  }

  /** What was said in all events of a name. */
  all<Name extends keyof BaileysEventMap>(name: Name): BaileysEventMap[Name][] {
    return this.seen.filter((one) => one.name === name).map(({ data }) => data as BaileysEventMap[Name])
  }

  /** Starts a connection; does not wait for it. */
  connect(): this {
    hushSignal()
    trust(this.#place.root)
    this.connection = 'connecting'
    const socket = makeWASocket({
      ...this.#options,
      waWebSocketUrl: this.#place.url,
      logger: SILENT,
      auth: { creds: this.creds, keys: this.keys },
    })
    this.#socket = socket
    const emit = socket.ev.emit.bind(socket.ev)
    socket.ev.emit = (name, data) => {
      if (name === 'messages.upsert') this.#note(data as BaileysEventMap['messages.upsert'])
      return emit(name, data)
    }
    socket.ev.process((events) => {
      for (const [name, data] of Object.entries(events)) this.seen.push({ name, data } as Seen)
      if (events['creds.update'] !== undefined) Object.assign(this.creds, events['creds.update'])
      const update = events['connection.update']
      if (update?.connection === undefined || socket !== this.#socket) return
      this.connection = update.connection
      if (update.connection !== 'close') return
      this.status = statusOf(update.lastDisconnect?.error)
      if (this.status === DisconnectReason.restartRequired) this.connect()
    })
    return this
  }

  #note({ messages }: BaileysEventMap['messages.upsert']): void {
    for (const { key, message } of messages)
      if (key.fromMe === true && key.id && message) this.said.set(key.id, message)
  }

  /** Connects, and waits until it may send and has what waited for it. */
  async open(): Promise<this> {
    if (this.connection !== 'open') this.connect()
    return this.untilOpen()
  }

  async untilOpen(): Promise<this> {
    await until(
      () => this.connection === 'open',
      () => `a client to open; it is ${this.connection}, ${this.status}`,
    )
    return this
  }

  /** Waits for the end of the connection; returns `status`. */
  async untilClosed(): Promise<number | undefined> {
    await until(
      () => this.connection === 'close',
      () => `a client to close; it is ${this.connection}`,
    )
    return this.status
  }

  /** Ends the connection; the state stays, so that it may `open` again. */
  async stop(): Promise<void> {
    if (this.connection === 'close') return
    const ended = this.socket.end(undefined)
    // A server that is silent would keep it for 30 s.
    const timer = setTimeout(() => carrierOf(this.socket)?.terminate(), CLOSING_MS)
    await ended
    clearTimeout(timer)
    await this.untilClosed()
  }
}

/** The websocket beneath a client, which its type hides. */
function carrierOf({ ws }: WASocket): WebSocket | undefined {
  const socket: unknown = Reflect.get(ws, 'socket')
  return socket instanceof WebSocket ? socket : undefined
}

function statusOf(error: unknown): number | undefined {
  const output: unknown =
    typeof error === 'object' && error !== null && 'output' in error ? error.output : undefined
  if (typeof output !== 'object' || output === null || !('statusCode' in output)) return undefined
  return typeof output.statusCode === 'number' ? output.statusCode : undefined
}
