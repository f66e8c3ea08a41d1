import type { TlObject } from '../contract.ts'
import type { MessageRole, WireClock } from './clock.ts'
import type { Device } from './device.ts'
import type { WireMessage } from './envelope.ts'
import { packContainer, writePlaintext } from './envelope.ts'
import { MTPROTO } from './layers.ts'
import { encodeObject } from './tl-encode.ts'

/** What a session writes its packets to. */
export interface Outlet {
  readonly open: boolean
  write(packet: Buffer): void
}

export type SendOptions = {
  readonly role?: MessageRole
  /** Content is acknowledged by the other side and sent again until it is. */
  readonly content?: boolean
  /** The answer exists, but never reaches the socket: it is sent when the client asks for it or comes back. */
  readonly lost?: boolean
}

type Received = 'running' | 'answered' | 'noted'

const REMEMBERED = 4096
const CONTAINER_MESSAGES = 1000
const CONTAINER_BYTES = 1 << 20

/** `msgs_state_info`, https://core.telegram.org/mtproto/service_messages_about_messages. */
const STATE = { unknown: 1, notReceived: 2, noted: 4, running: 4 + 32, answered: 4 + 64 } as const

/** An MTProto session: lives on the key, survives its connections, and sends again what wasn't acknowledged. */
export class Session {
  readonly id: bigint
  readonly device: Device
  private readonly clock: WireClock
  private readonly latency: () => number
  private outlet: Outlet | undefined
  private contentSent = 0
  private readonly received = new Map<bigint, Received>()
  private readonly unacknowledged = new Map<bigint, WireMessage>()
  private readonly answers = new Map<bigint, bigint>()
  private toAcknowledge: bigint[] = []
  private queue: WireMessage[] = []
  private flushing = false

  constructor(id: bigint, device: Device, clock: WireClock, latency: () => number) {
    this.id = id
    this.device = device
    this.clock = clock
    this.latency = latency
  }

  get connected(): boolean {
    return this.outlet?.open === true
  }

  /** A packet came over that connection: everything unacknowledged goes there again if it is a new one. */
  attach(outlet: Outlet): void {
    if (this.outlet === outlet) return
    this.outlet = outlet
    this.queue = []
    for (const message of this.unacknowledged.values()) this.enqueue(message)
  }

  /** Notes a message of the client. False if it was here before: then it must not be executed again. */
  receive({ messageId, seqno }: WireMessage, kind: 'running' | 'noted'): boolean {
    // Service messages are answered, or need no answer.
    if (seqno % 2 === 1 && kind === 'running') this.acknowledge(messageId)
    if (this.received.has(messageId)) {
      this.resendAnswer(messageId)
      return false
    }
    this.received.set(messageId, kind)
    for (const oldest of this.received.keys()) {
      if (this.received.size <= REMEMBERED) break
      this.received.delete(oldest)
      this.answers.delete(oldest)
    }
    return true
  }

  /** As if the message had never arrived. */
  unreceive(messageId: bigint): void {
    this.received.delete(messageId)
    this.toAcknowledge = this.toAcknowledge.filter((id) => id !== messageId)
  }

  stateOf(messageId: bigint): number {
    const known = this.received.get(messageId)
    if (known !== undefined) return STATE[known]
    const first = this.received.keys().next().value
    return first !== undefined && messageId > first ? STATE.notReceived : STATE.unknown
  }

  /** The client has those messages. */
  acknowledged(ids: readonly bigint[]): void {
    for (const id of ids) this.unacknowledged.delete(id)
  }

  /** Sends the answer to a request once more, with its old id, if the client hasn't acknowledged it. */
  resendAnswer(requestId: bigint): void {
    const answerId = this.answers.get(requestId)
    if (answerId !== undefined) this.resend(answerId)
  }

  resend(messageId: bigint): void {
    const message = this.unacknowledged.get(messageId)
    if (message !== undefined && !this.queue.includes(message)) this.enqueue(message)
  }

  answer(requestId: bigint, body: Buffer, lost = false): void {
    this.received.set(requestId, 'answered')
    const { messageId } = this.send(body, { role: 'reply', content: true, lost })
    this.answers.set(requestId, messageId)
  }

  service(object: TlObject, role: MessageRole = 'other', content = false): void {
    this.send(encodeObject(MTPROTO, object), { role, content })
  }

  send(body: Buffer, { role = 'other', content = false, lost = false }: SendOptions): WireMessage {
    const seqno = content ? this.contentSent++ * 2 + 1 : this.contentSent * 2
    const message = { messageId: this.clock.messageId(role), seqno, body }
    if (content) this.unacknowledged.set(message.messageId, message)
    if (!lost) this.enqueue(message)
    return message
  }

  /** Sends a message that was sent already, as it was. */
  repeat(message: WireMessage): void {
    this.enqueue(message)
  }

  private acknowledge(messageId: bigint): void {
    this.toAcknowledge.push(messageId)
    this.flushSoon()
  }

  private enqueue(message: WireMessage): void {
    const latency = this.latency()
    if (latency > 0) setTimeout(() => this.enqueueNow(message), latency)
    else this.enqueueNow(message)
  }

  private enqueueNow(message: WireMessage): void {
    this.queue.push(message)
    this.flushSoon()
  }

  private flushSoon(): void {
    if (this.flushing) return
    this.flushing = true
    setImmediate(() => {
      this.flushing = false
      this.flush()
    })
  }

  private flush(): void {
    const { outlet, toAcknowledge: ids } = this
    if (outlet?.open !== true) {
      this.queue = []
      return
    }
    this.toAcknowledge = []
    if (ids.length > 0) {
      const body = encodeObject(MTPROTO, { _: 'msgs_ack', msg_ids: ids })
      this.queue.unshift({ messageId: this.clock.messageId('other'), seqno: this.contentSent * 2, body })
    }
    while (this.queue.length > 0) outlet.write(this.packet(this.batch()))
  }

  private batch(): WireMessage[] {
    let bytes = 0
    let count = 0
    for (const { body } of this.queue) {
      bytes += body.length
      if (count > 0 && (bytes > CONTAINER_BYTES || count === CONTAINER_MESSAGES)) break
      count++
    }
    return this.queue.splice(0, count)
  }

  private packet(messages: WireMessage[]): Buffer {
    const [only] = messages
    const outer =
      only !== undefined && messages.length === 1
        ? only
        : {
            messageId: this.clock.messageId('other'),
            seqno: this.contentSent * 2,
            body: packContainer(messages),
          }
    const plain = writePlaintext({ ...outer, salt: this.device.salt, sessionId: this.id })
    return this.device.key.seal(plain, 'from-server')
  }
}
