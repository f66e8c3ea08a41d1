import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import net from 'node:net'
import type { TlObject, TlValue } from '../contract.ts'
import { AuthKey } from './auth-key.ts'
import type { WireMessage } from './envelope.ts'
import {
  inflated,
  isContainer,
  packContainer,
  readPlaintext,
  unpackContainer,
  writePlaintext,
} from './envelope.ts'
import { intermediate } from './framing.ts'
import { MTPROTO, NEWEST } from './layers.ts'
import { ByteReader } from './tl-bytes.ts'
import { decodeObject, decodeValue } from './tl-decode.ts'
import { encodeObject } from './tl-encode.ts'

const RPC_RESULT = 0xf35c6d01

export type Got = WireMessage & {
  /** A service message or an update; for `rpc_result` its parts. */
  readonly object: TlObject
}

/** A client that does nothing by itself: sends what a test says and collects what comes. */
export class RawClient {
  readonly got: Got[] = []
  /** Transport errors, e.g. -404. */
  readonly errors: number[] = []
  readonly key: AuthKey
  sessionId: bigint
  salt = 0n
  private readonly port: number
  private socket: Socket | undefined
  private buffer: Buffer = Buffer.alloc(0)
  private lastId = 0n
  private content = 0
  private readonly methods = new Map<bigint, string>()
  private waiting: (() => void)[] = []

  constructor(port: number, secret: Uint8Array) {
    this.port = port
    this.key = new AuthKey(secret)
    this.sessionId = randomBytes(8).readBigInt64LE(0)
  }

  get closed(): boolean {
    return this.socket?.destroyed !== false
  }

  async connect(): Promise<void> {
    const socket = net.connect(this.port, '127.0.0.1')
    this.socket = socket
    this.buffer = Buffer.alloc(0)
    socket.on('data', (bytes) => this.receive(bytes))
    socket.on('error', () => undefined)
    socket.on('close', () => this.wake())
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve)
    })
    socket.write(Buffer.from('eeeeeeee', 'hex'))
  }

  close(): void {
    this.socket?.destroy()
  }

  nextId(): bigint {
    const now = (BigInt(Date.now()) << 32n) / 1000n
    this.lastId = now > this.lastId ? now : this.lastId + 4n
    return (this.lastId & ~3n) + 4n
  }

  /** A message with the next id, to be sent. */
  message(body: Buffer, content = true, messageId = this.nextId()): WireMessage {
    this.lastId = messageId
    return { messageId, seqno: content ? this.content++ * 2 + 1 : this.content * 2, body }
  }

  call(request: TlObject, schema = NEWEST): WireMessage {
    const message = this.message(encodeObject(schema, request))
    const method = request['query'] ?? request
    this.methods.set(message.messageId, (method as TlObject)._)
    return message
  }

  service(object: TlObject, content = false): WireMessage {
    return this.message(encodeObject(MTPROTO, object), content)
  }

  /** Sends one message, or several in a container; the id of the outer one. */
  send(...messages: WireMessage[]): bigint {
    const [only] = messages
    const outer =
      messages.length === 1 && only !== undefined ? only : this.message(packContainer(messages), false)
    const plain = writePlaintext({ ...outer, salt: this.salt, sessionId: this.sessionId })
    this.socket?.write(intermediate().encode(this.key.seal(plain, 'from-client')))
    return outer.messageId
  }

  sendRaw(bytes: Uint8Array): void {
    this.socket?.write(bytes)
  }

  /** Waits for a message that fits. Rejects if none comes in two seconds. */
  async find(wanted: (got: Got) => boolean): Promise<Got> {
    const found = await this.until(() => this.got.find(wanted))
    return found
  }

  /** The answer to a call: what the method returns, or `rpc_error`. */
  async answer({ messageId }: WireMessage): Promise<TlValue> {
    const { object } = await this.find(
      (got) => got.object._ === 'rpc_result' && got.object['req_msg_id'] === messageId,
    )
    return object['result']
  }

  async until<T>(ask: () => T | undefined): Promise<T> {
    const deadline = Date.now() + 2000
    for (;;) {
      const value = ask()
      if (value !== undefined) return value
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`not in time; got ${this.got.map(({ object }) => object._).join(', ')}`)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve)
        setTimeout(resolve, left).unref()
      })
    }
  }

  private receive(bytes: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, bytes])
    for (;;) {
      const frame = intermediate().decode(this.buffer)
      if (frame === undefined) break
      this.buffer = this.buffer.subarray(frame.taken)
      if (frame.payload.length === 4) this.errors.push(frame.payload.readInt32LE(0))
      else this.packet(frame.payload)
    }
    this.wake()
  }

  private packet(payload: Buffer): void {
    const plain = this.key.open(payload, 'from-server')
    if (plain === undefined) throw new Error('a packet of another key')
    const { messageId, seqno, body } = readPlaintext(plain)
    const messages = isContainer(body) ? unpackContainer(body) : [{ messageId, seqno, body }]
    for (const message of messages) this.got.push({ ...message, object: this.read(message.body) })
  }

  private read(body: Buffer): TlObject {
    const id = body.readUInt32LE(0)
    if (MTPROTO.byId(id) !== undefined) return decodeObject(MTPROTO, body)
    if (id !== RPC_RESULT) return decodeObject(NEWEST, body)
    const requestId = new ByteReader(body.subarray(4)).long()
    return {
      _: 'rpc_result',
      req_msg_id: requestId,
      result: this.result(requestId, inflated(body.subarray(12))),
    }
  }

  private result(requestId: bigint, bytes: Buffer): TlValue {
    if (MTPROTO.byId(bytes.readUInt32LE(0)) !== undefined) return decodeObject(MTPROTO, bytes)
    const method = NEWEST.methods.get(this.methods.get(requestId) ?? '')
    return method === undefined ? decodeObject(NEWEST, bytes) : decodeValue(NEWEST, method.result, bytes)
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}
