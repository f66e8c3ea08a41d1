import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Node } from '../contract.ts'
import type { ServerIdentity } from './certificate.ts'
import { decodeNode } from './decode.ts'
import { encodeNode } from './encode.ts'
import type { WireFaults } from './faults.ts'
import { FrameReader, frame } from './frames.ts'
import type { Hello } from './handshake.ts'
import { ServerHandshake } from './handshake.ts'
import type { Journal } from './journal.ts'
import { Pipe } from './pipe.ts'
import type { Who } from './scope.ts'

/** Who answers a connection after its handshake. */
export type Session = {
  /** undefined while a companion is being linked */
  readonly who: Who | undefined
  /** The connection takes stanzas from now on. Called once, first. */
  started(): void
  /** False for a stanza that means nothing here. */
  received(node: Node): boolean
  /** The connection is over, or about to be. Called once. */
  closed(): void
}

export type ConnectionParts = {
  readonly id: number
  readonly socket: WebSocket
  /** what the websocket runs on */
  readonly carrier: Socket
  readonly identity: ServerIdentity
  readonly journal: Journal
  readonly faults: WireFaults
  /** bytes from which on stanzas are sent deflated */
  readonly deflateFrom: number
  /** The handshake is done: whose connection is it? */
  admit(connection: Connection, hello: Hello): Session
}

/** One websocket from its first byte: handshake, then stanzas in both directions, through the faults. */
export class Connection {
  readonly id: number
  readonly #parts: ConnectionParts
  readonly #reader = new FrameReader()
  readonly #in: Pipe
  readonly #out: Pipe
  #handshake: ServerHandshake | undefined
  #hello: Hello | undefined
  #session: Session | undefined
  #state: 'open' | 'ending' | 'over' = 'open'
  #left = false
  #frozen = false
  #muted = false

  constructor(parts: ConnectionParts) {
    this.id = parts.id
    this.#parts = parts
    const cut = (): void => this.cut()
    this.#in = new Pipe({
      deliver: (node) => this.#handle(node),
      cut,
      deliverAndCut: (node) => {
        this.#muted = true
        this.#handle(node)
        this.cut()
      },
    })
    this.#out = new Pipe({
      deliver: (node) => this.#write(node),
      cut,
      deliverAndCut: (node) => {
        this.#write(node)
        this.#muted = true
        // FIN behind the frame, not RST, so that the client reads it.
        this.#parts.carrier.end()
        this.#over()
      },
    })
    parts.socket.on('message', (data: Buffer) => this.#read(data))
    parts.socket.on('close', () => this.#over())
    parts.socket.on('error', () => this.#over())
  }

  get who(): Who | undefined {
    return this.#session?.who
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** The edge routing that the client was told on an earlier connection. */
  get routing(): Uint8Array | undefined {
    return this.#reader.prologue?.routing
  }

  send(node: Node): void {
    if (this.#state === 'open') this.#out.push(node, this.#parts.faults.take('out', this.who, node))
  }

  /** Says a last word and closes the websocket in order. */
  end(...last: Node[]): void {
    if (this.#state !== 'open') return
    for (const node of last) this.send(node)
    this.#state = 'ending'
    this.#leave()
    this.#out.whenEmpty(() => {
      if (!this.#frozen) this.#parts.socket.close()
    })
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#muted = true
    this.#parts.carrier.destroy()
    this.#over()
  }

  /** Nothing is read or written any more; the connection stays open. */
  freeze(): void {
    this.#frozen = this.#muted = true
    this.#parts.socket.pause()
  }

  #read(data: Buffer): void {
    if (this.#state !== 'open' || this.#frozen) return
    for (const bytes of this.#understood(() => this.#reader.read(data)) ?? []) {
      if (this.#state === 'open' && !this.#frozen) this.#frame(bytes)
    }
  }

  #frame(bytes: Buffer): void {
    const hello = this.#hello
    if (hello !== undefined) {
      const node = this.#understood(() => decodeNode(hello.fromClient.open(bytes)))
      if (node !== undefined) this.#in.push(node, this.#parts.faults.take('in', this.who, node))
      return
    }
    const handshake = this.#handshake
    if (handshake !== undefined) {
      this.#hello = this.#understood(() => handshake.finish(bytes))
      if (this.#hello === undefined) return
      this.#session = this.#parts.admit(this, this.#hello)
      this.#session.started()
      return
    }
    const started = new ServerHandshake(
      this.#parts.identity,
      this.#reader.prologue?.header ?? new Uint8Array(),
    )
    this.#handshake = started
    const greeting = this.#understood(() => started.greet(bytes))
    if (greeting !== undefined) this.#parts.socket.send(frame(greeting))
  }

  /** The real server hangs up on what it can't read. */
  #understood<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch {
      this.cut()
      return undefined
    }
  }

  #handle(node: Node): void {
    if (this.#state !== 'open' || this.#frozen) return
    const entry = this.#parts.journal.add({ direction: 'in', connection: this.id, who: this.who, node })
    entry.known = this.#session?.received(node) ?? false
  }

  #write(node: Node): void {
    if (this.#state === 'over' || this.#muted || this.#hello === undefined) return
    this.#parts.socket.send(frame(this.#hello.toClient.seal(encodeNode(node, this.#parts.deflateFrom))))
    this.#parts.journal.add({ direction: 'out', connection: this.id, who: this.who, node })
  }

  #leave(): void {
    if (this.#left) return
    this.#left = true
    this.#in.close()
    this.#session?.closed()
  }

  #over(): void {
    this.#state = 'over'
    this.#out.close()
    this.#leave()
  }
}
