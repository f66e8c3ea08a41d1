import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { ServerIdentity } from './certificate.ts'
import type { ConnectionParts } from './connection.ts'
import { Connection } from './connection.ts'
import { WireFaults } from './faults.ts'
import { Journal } from './journal.ts'

const HOST = '127.0.0.1'
const PATH = '/ws/chat'

export type WireOptions = {
  readonly identity: ServerIdentity
  /** Stanzas of so many bytes and more are sent deflated to clients that connect now. */
  readonly deflateFrom: () => number
  readonly admit: ConnectionParts['admit']
}

/** The websocket server: it makes connections of what connects, and keeps their journal and faults. */
export class WireServer {
  readonly journal = new Journal()
  readonly faults: WireFaults
  readonly #options: WireOptions
  readonly #connections = new Set<Connection>()
  readonly #carriers = new Set<Socket>()
  readonly #websockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly #http: Server
  #connected = 0
  #port = 0

  private constructor(options: WireOptions) {
    this.#options = options
    this.#http = createServer((_, response) => response.writeHead(426).end())
    this.#http.on('connection', (socket) => {
      this.#carriers.add(socket)
      socket.on('close', () => this.#carriers.delete(socket))
    })
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head))
    this.faults = new WireFaults({
      onSilence: (silent) => {
        if (silent) for (const connection of this.#connections) connection.freeze()
      },
      freeze: ({ phone, device }) => {
        for (const connection of this.#connections)
          if (connection.who?.phone === phone && connection.who?.device === device) connection.freeze()
      },
    })
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
  static async listen(options: WireOptions, port = 0): Promise<WireServer> {
    const server = new WireServer(options)
    await new Promise<void>((resolve, reject) => {
      server.#http.once('error', reject)
      server.#http.listen(port, HOST, () => resolve())
    })
    const address = server.#http.address()
    if (address === null || typeof address === 'string') throw new Error('the server listens on no TCP port')
    server.#port = address.port
    return server
  }

  get port(): number {
    return this.#port
  }

  /** What a client connects to. */
  get url(): string {
    return `ws://${HOST}:${this.#port}${PATH}`
  }

  /** Connections that have not ended. */
  get open(): Connection[] {
    return [...this.#connections]
  }

  /** Ends every connection and stops listening. */
  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.cut()
    for (const carrier of this.#carriers) carrier.destroy()
    await new Promise<void>((resolve) => this.#http.close(() => resolve()))
  }

  #upgrade(request: IncomingMessage, carrier: Socket, head: Buffer): void {
    if (this.faults.takeRefusedConnection()) {
      carrier.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#websockets.handleUpgrade(request, carrier, head, (socket) => {
      const { identity, admit } = this.#options
      const deflateFrom = this.#options.deflateFrom()
      const { journal, faults } = this
      const id = ++this.#connected
      const connection = new Connection({
        id,
        socket,
        carrier,
        identity,
        journal,
        faults,
        deflateFrom,
        admit,
      })
      this.#connections.add(connection)
      socket.on('close', () => this.#connections.delete(connection))
      if (faults.takeSilentConnection()) connection.freeze()
    })
  }
}
