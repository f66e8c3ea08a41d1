import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { CloseHow, Link, WriteShape } from './link.ts'
import { packets } from './link.ts'

/** Bytes a client may send without a newline before it is cut off. */
const MAX_UNFINISHED_LINE = 16_384

export type SocketLinkEvents = { line(line: string): void; close(): void; overflow(): void }

/** A TCP or TLS connection. Lines end in LF, with or without CR; empty ones are given too. */
export class SocketLink implements Link {
  readonly certfp: string | undefined
  readonly secure: boolean
  readonly ports: { local: number; remote: number }
  private readonly socket: Socket
  private writeShape: WriteShape = 'coalesced'
  private written: Buffer[] = []
  private queue: Buffer[] = []
  private flushing = false
  private frozen = false
  private ending = false

  constructor(socket: Socket, events: SocketLinkEvents) {
    this.socket = socket
    this.secure = socket instanceof TLSSocket
    this.certfp = socket instanceof TLSSocket ? certfpOf(socket) : undefined
    this.ports = { local: socket.localPort ?? 0, remote: socket.remotePort ?? 0 }
    socket.setNoDelay(true)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        const cr = end > start && rest[end - 1] === 13 ? 1 : 0
        events.line(rest.toString('utf8', start, end - cr))
        start = end + 1
      }
      rest = rest.subarray(start)
      if (rest.length > MAX_UNFINISHED_LINE) events.overflow()
    })
    socket.on('close', () => events.close())
    socket.on('error', () => {})
  }

  write(data: string | Uint8Array): void {
    if (this.socket.destroyed || this.ending) return
    this.written.push(typeof data === 'string' ? Buffer.from(data) : Buffer.from(data))
    if (this.flushing) return
    this.flushing = true
    process.nextTick(() => this.flush())
  }

  close(how: CloseHow): void {
    if (how === 'end') {
      this.ending = true
      if (!this.flushing) this.socket.destroySoon()
      return
    }
    // What was answered before still reaches the kernel, so that a drop loses exactly what the fault says.
    if (!this.frozen && this.written.length > 0)
      this.socket.write(Buffer.concat([...this.queue, ...this.written]))
    this.written = []
    this.queue = []
    if (how === 'reset') this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    if (!this.frozen) this.socket.resume()
  }

  freeze(): void {
    this.frozen = true
    this.socket.pause()
  }

  thaw(): void {
    this.frozen = false
    this.socket.resume()
    this.flush()
  }

  shape(shape: WriteShape): void {
    this.writeShape = shape
  }

  /** Writes one packet, and the next one in the next turn, so that the receiver can see the border. */
  private flush(): void {
    if (this.frozen || this.socket.destroyed) return
    if (this.queue.length === 0) {
      this.queue = packets(this.written, this.writeShape)
      this.written = []
    }
    const packet = this.queue.shift()
    if (packet !== undefined && packet.length > 0) this.socket.write(packet)
    this.flushing = this.queue.length > 0 || this.written.length > 0
    if (this.flushing) setImmediate(() => this.flush())
    else if (this.ending) this.socket.destroySoon()
  }
}

function certfpOf(socket: TLSSocket): string | undefined {
  // Without a client certificate Node gives an empty object, whatever its type says.
  const certificate: { fingerprint256?: string } | undefined = socket.getPeerCertificate()
  return certificate?.fingerprint256?.replaceAll(':', '').toLowerCase()
}
