import type { Socket } from 'node:net'
import type { WireClock } from './clock.ts'
import type { Devices } from './device.ts'
import { Device } from './device.ts'
import { readPlaintext } from './envelope.ts'
import type { Faults } from './faults.ts'
import { Handshake } from './handshake.ts'
import type { Inbound, Peer } from './inbound.ts'
import type { Journal } from './journal.ts'
import { MTPROTO } from './layers.ts'
import type { ServerKey } from './server-key.ts'
import { ByteReader, ByteWriter } from './tl-bytes.ts'
import { decodeObject } from './tl-decode.ts'
import { encodeObject } from './tl-encode.ts'
import { Transport } from './transport.ts'

export const UNKNOWN_KEY = -404

/** What a client can do wrong; everything else is the server's own fault. */
const CLIENT_ERRORS = new Set([
  'FramingError',
  'EnvelopeError',
  'HandshakeError',
  'TlDecodeError',
  'RangeError',
])

export type ConnectionParts = {
  readonly serverKey: ServerKey
  readonly clock: WireClock
  readonly faults: Faults
  readonly devices: Devices
  readonly inbound: Inbound
  readonly journal: Journal
}

/** One socket: frames, key exchange, encryption. */
export class Connection implements Peer {
  /** The key that the last packet was encrypted with. */
  keyId: string | undefined
  private readonly socket: Socket
  private readonly parts: ConnectionParts
  private readonly transport = new Transport()
  private handshake: Handshake | undefined

  constructor(socket: Socket, parts: ConnectionParts) {
    this.socket = socket
    this.parts = parts
    socket.setNoDelay(true)
    socket.on('data', (bytes) => this.receive(bytes))
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.writable
  }

  /** What the client speaks, e.g. `intermediate`. */
  get framing(): string | undefined {
    return this.transport.name
  }

  write(packet: Buffer): void {
    if (this.open) this.socket.write(this.transport.send(packet))
  }

  kill(): void {
    this.socket.destroy()
  }

  private receive(bytes: Buffer): void {
    try {
      for (const payload of this.transport.receive(bytes)) if (this.open) this.payload(payload)
    } catch (error) {
      // The real service ends connections that make no sense to it.
      if (error instanceof Error && CLIENT_ERRORS.has(error.name))
        this.parts.journal.refusals.push(error.message)
      else this.parts.journal.problem(error)
      this.kill()
    }
  }

  private payload(payload: Buffer): void {
    if (payload.length < 24) return this.kill()
    if (payload.readBigInt64LE(0) === 0n) this.plain(payload)
    else this.encrypted(payload)
  }

  private encrypted(payload: Buffer): void {
    const keyId = payload.subarray(0, 8).toString('hex')
    const device = this.parts.devices.get(keyId)
    if (device === undefined) return this.transportError(UNKNOWN_KEY)
    const plain = device.key.open(payload, 'from-client')
    if (plain === undefined) return this.kill()
    this.keyId = keyId
    this.parts.inbound.packet(device, this, readPlaintext(plain))
  }

  private transportError(code: number): void {
    const error = Buffer.alloc(4)
    error.writeInt32LE(code)
    this.write(error)
  }

  /** Messages of the key exchange are the only ones without a key. */
  private plain(payload: Buffer): void {
    const { serverKey, clock, faults, devices } = this.parts
    const input = new ByteReader(payload.subarray(16))
    const request = decodeObject(MTPROTO, input.raw(input.int()))
    faults.keyExchange.push(request._)
    if (request._ === 'req_pq' || request._ === 'req_pq_multi') this.handshake = undefined
    this.handshake ??= new Handshake(serverKey, () => clock.now(), faults.takeHandshake())
    const { reply, created } = this.handshake.receive(request)
    if (created !== undefined) devices.add(new Device(created.key, created.salt, clock.now()))
    const body = encodeObject(MTPROTO, reply)
    const out = new ByteWriter()
    out.long(0n)
    out.long(clock.messageId('reply'))
    out.int(body.length)
    out.raw(body)
    this.write(out.result())
  }
}
