import { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS, makeWASocket } from '@whiskeysockets/baileys'
import type { BaileysEventMap, BinaryNode, UserFacingSocketConfig, WASocket } from '@whiskeysockets/baileys'
import type { WhatsAppConfig } from './config.ts'
import { NO_ANSWER } from './ending.ts'
import { SILENT, hushSignal } from './quiet.ts'

/** From the beginning of a connection until the server greets us. */
const CONNECT_MS = 30_000
/** A server that doesn't answer the end of a connection is left alone after this long. */
const CLOSING_MS = 1_000

export type Heard = {
  [Name in keyof BaileysEventMap]: { name: Name; data: BaileysEventMap[Name] }
}[keyof BaileysEventMap]

export type SocketOptions = {
  config: WhatsAppConfig
  options: Omit<UserFacingSocketConfig, 'waWebSocketUrl' | 'logger' | 'browser'>
  /** Every event as Baileys makes it: before it is held back and merged with others. Must not throw. */
  heard(event: Heard): void
  /**
   * Takes the place of what Baileys does with a message stanza; `process` is what it does. Stanzas come in the order in
   * which they came to the socket.
   */
  message?: (stanza: BinaryNode, process: () => Promise<void>) => void
}

/** A connection of Baileys with its defects mended. It tells of its end once, by `connection.update`. */
export class Socket {
  readonly baileys: WASocket
  readonly #options: SocketOptions
  #process: (stanza: BinaryNode) => Promise<void> = () => Promise.resolve()
  #isGreeted = false
  #isEnding = false

  constructor(options: SocketOptions) {
    const { config } = options
    hushSignal()
    const { url, root, keepAliveMs } = config.testServer ?? {}
    if (root !== undefined) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(root, 'hex')
    this.#options = options
    this.baileys = makeWASocket({
      markOnlineOnConnect: false,
      syncFullHistory: false,
      generateHighQualityLinkPreview: false,
      // What has to be tried again is tried again by us.
      transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
      ...options.options,
      ...(url !== undefined && { waWebSocketUrl: url }),
      ...(keepAliveMs !== undefined && { keepAliveIntervalMs: keepAliveMs }),
      browser: [config.deviceName, 'Chrome', DEFAULT_CONNECTION_CONFIG.browser[2]],
      logger: SILENT,
    })
    this.#tap()
    this.#inOrder()
    this.#takeMessages()
    this.#watch()
  }

  /** The account's own server stanzas that Baileys tells nobody of, by the name of its callback. */
  on(callback: string, listener: (stanza: BinaryNode) => void): void {
    this.baileys.ws.on(callback, listener)
  }

  /** Does with a stanza what is done with one that comes from the server. */
  replay(stanza: BinaryNode): void {
    this.baileys.ws.emit('CB:message', stanza)
  }

  /** Ends the connection; what has not left does not leave any more. */
  async end(why?: Error): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    await this.baileys.end(why)
  }

  /** Ends the connection at once, so that nothing more leaves: not even that something was received. */
  fail(why: Error): void {
    this.#cut()
    void this.end(why).catch(() => undefined)
  }

  #tap(): void {
    const { ev } = this.baileys
    const emit = ev.emit.bind(ev)
    ev.emit = (name, data) => {
      const event = { name, data } as Heard
      const copy = copied(event)
      const wasHeard = emit(name, data)
      if (name === 'connection.update') this.#greeted(event)
      this.#options.heard(copy)
      return wasHeard
    }
  }

  /** Baileys inflates a deflated frame while it goes on with the next one. */
  #inOrder(): void {
    const { ws } = this.baileys
    const listeners = ws.listeners('message')
    ws.removeAllListeners('message')
    let turn: Promise<unknown> = Promise.resolve()
    ws.on('message', (data: unknown) => {
      turn = turn
        .then(() => Promise.all(listeners.map((listener): unknown => Reflect.apply(listener, ws, [data]))))
        .catch((error: unknown) => this.fail(asError(error)))
    })
  }

  #takeMessages(): void {
    const { ws } = this.baileys
    const { message } = this.#options
    if (message === undefined) return
    const listeners = ws.listeners('CB:message')
    ws.removeAllListeners('CB:message')
    this.#process = async (stanza) => {
      await Promise.all(listeners.map((listener): unknown => Reflect.apply(listener, ws, [stanza])))
    }
    ws.on('CB:message', (stanza: BinaryNode) => {
      // What waited for us while we were away would go into a queue of its own, whose end nobody hears of.
      const { offline: _, ...attrs } = stanza.attrs
      message(stanza, () => this.#process({ ...stanza, attrs }))
    })
  }

  /** An answer that opens no websocket is told to nobody, and a silent server keeps Baileys waiting for ever. */
  #watch(): void {
    const { ws } = this.baileys
    const close = ws.close.bind(ws)
    ws.close = async () => {
      const timer = setTimeout(() => this.#cut(), CLOSING_MS)
      await close().finally(() => clearTimeout(timer))
    }
    ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number }) => {
      this.fail(new Error(`WhatsApp answered with HTTP ${response.statusCode ?? 'nothing'}`))
    })
    const timer = setTimeout(() => {
      if (!this.#isGreeted) this.fail(new Error(NO_ANSWER))
    }, CONNECT_MS)
    timer.unref()
  }

  #greeted(event: Heard): void {
    if (event.name !== 'connection.update') return
    const { connection, qr } = event.data
    if (connection === 'open' || connection === 'close' || qr !== undefined) this.#isGreeted = true
  }

  #cut(): void {
    const carrier: unknown = Reflect.get(this.baileys.ws, 'socket')
    if (typeof carrier !== 'object' || carrier === null) return
    const terminate: unknown = Reflect.get(carrier, 'terminate')
    if (typeof terminate === 'function') Reflect.apply(terminate, carrier, [])
  }
}

/** Baileys goes on changing the messages and chats of which it has told. */
function copied(event: Heard): Heard {
  if (event.name === 'chats.update') return { ...event, data: event.data.map((chat) => ({ ...chat })) }
  if (event.name !== 'messages.upsert') return event
  const messages = event.data.messages.map((message) => ({ ...message, key: { ...message.key } }))
  return { ...event, data: { ...event.data, messages } }
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))
