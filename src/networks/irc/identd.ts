import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Clock } from '../../model/clock.ts'
import type { Logger } from '../../model/logger.ts'

const FORGET_MS = 60_000
const PATIENCE_MS = 2_000
const QUERY_MS = 10_000
const MAX_QUERY_BYTES = 100

type Entry = { ident: string; address: string }

/** Tells IRC servers which of our users a connection belongs to (RFC 1413), so that they can ban one and not all. */
export class IdentServer {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.on('error', (error) => this.#log.warn({ error: error.message }, 'ident server'))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** @throws when the port cannot be had */
  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  /** Knows a connection from the moment its ports are known until a minute after its end. */
  readonly watch = (socket: Socket, ident: string): void => {
    const { localPort, remotePort, remoteAddress } = socket
    if (localPort === undefined || remotePort === undefined) return
    const key = `${localPort},${remotePort}`
    const entry = { ident, address: plain(remoteAddress) }
    this.#entries.set(key, entry)
    for (const answer of this.#waiting.get(key) ?? []) answer()
    socket.once('close', () => {
      this.#clock.after(FORGET_MS, () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
      })
    })
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    let query = ''
    const cancel = this.#clock.after(QUERY_MS, () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => {
      cancel()
      this.#sockets.delete(socket)
    })
    socket.on('data', (bytes) => {
      query += bytes.toString('latin1')
      const [line, ...rest] = query.split('\n')
      if (rest.length === 0 && query.length <= MAX_QUERY_BYTES) return
      socket.pause()
      void this.#answer(line ?? '', plain(socket.remoteAddress)).then((answer) => socket.end(`${answer}\r\n`))
    })
  }

  async #answer(line: string, asker: string): Promise<string> {
    const [, local, remote] = /^\s*(\d{1,5})\s*,\s*(\d{1,5})\s*\r?$/.exec(line) ?? []
    if (local === undefined || remote === undefined) return '0, 0 : ERROR : INVALID-PORT'
    const key = `${Number(local)},${Number(remote)}`
    if (!this.#entries.has(key)) await this.#arrival(key)
    const entry = this.#entries.get(key)
    // Only the server at the other end of a connection learns whose it is.
    if (entry === undefined || entry.address !== asker) return `${key.replace(',', ', ')} : ERROR : NO-USER`
    return `${key.replace(',', ', ')} : USERID : UNIX : ${entry.ident}`
  }

  /** A server may ask before we have been told that the connection stands. */
  #arrival(key: string): Promise<void> {
    return new Promise((resolve) => {
      const answers = this.#waiting.get(key) ?? new Set()
      const done = () => {
        cancel()
        answers.delete(done)
        if (answers.size === 0) this.#waiting.delete(key)
        resolve()
      }
      const cancel = this.#clock.after(PATIENCE_MS, done)
      this.#waiting.set(key, answers.add(done))
    })
  }
}

const plain = (address: string | undefined) => (address ?? '').replace(/^::ffff:/, '')
