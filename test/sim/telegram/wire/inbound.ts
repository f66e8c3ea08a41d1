import type { Calls } from './calls.ts'
import type { WireClock } from './clock.ts'
import { secondsOf } from './clock.ts'
import type { Device } from './device.ts'
import { randomLong } from './device.ts'
import type { Plaintext, WireMessage } from './envelope.ts'
import { inflated, isContainer, unpackContainer } from './envelope.ts'
import type { Faults } from './faults.ts'
import { MTPROTO } from './layers.ts'
import type { ServiceOptions } from './service.ts'
import { isService, serve } from './service.ts'
import type { Outlet } from './session.ts'
import { Session } from './session.ts'
import { decodeObject } from './tl-decode.ts'

const OLDEST_SECONDS = 300
const NEWEST_SECONDS = 30

/** `bad_msg_notification`, https://core.telegram.org/mtproto/service_messages_about_messages. */
const BAD = { tooLow: 16, tooHigh: 17, notDivisible: 18, salt: 48 } as const

export type Peer = Outlet & { kill(): void }

/** The decrypted packets of clients: sessions are found or made, messages go to the calls or the services. */
export class Inbound {
  private readonly clock: WireClock
  private readonly faults: Faults
  private readonly calls: Calls
  private readonly options: ServiceOptions

  constructor(faults: Faults, calls: Calls, options: ServiceOptions) {
    this.clock = options.clock
    this.faults = faults
    this.calls = calls
    this.options = options
  }

  packet(device: Device, peer: Peer, plain: Plaintext): void {
    const known = device.sessions.get(plain.sessionId)
    const session = known ?? new Session(plain.sessionId, device, this.clock, () => this.faults.latencyMs)
    session.attach(peer)
    const bad = this.faults.takeBadMessage() ?? this.complaint(device, plain)
    if (bad !== undefined) return this.refuse(session, plain, bad)
    if (known === undefined) {
      device.sessions.set(session.id, session)
      const created = { first_msg_id: plain.messageId, unique_id: randomLong(), server_salt: device.salt }
      session.service({ _: 'new_session_created', ...created }, 'other', true)
    }
    this.message(session, peer, plain)
  }

  private complaint(device: Device, { salt, messageId }: Plaintext): number | undefined {
    const age = this.clock.now() - secondsOf(messageId)
    if (age > OLDEST_SECONDS) return BAD.tooLow
    if (age < -NEWEST_SECONDS) return BAD.tooHigh
    if (messageId % 4n !== 0n) return BAD.notDivisible
    return salt === device.salt ? undefined : BAD.salt
  }

  private refuse(session: Session, { messageId, seqno, body }: Plaintext, code: number): void {
    const bad = { bad_msg_id: messageId, bad_msg_seqno: seqno, error_code: code }
    // Acknowledgements inside would be lost: the client doesn't send them again.
    if (code === BAD.salt) this.readAcks(session, { messageId, seqno, body })
    session.service(
      code === BAD.salt
        ? { _: 'bad_server_salt', ...bad, new_server_salt: session.device.salt }
        : { _: 'bad_msg_notification', ...bad },
      'other',
    )
  }

  private readAcks(session: Session, message: WireMessage): void {
    const parts = isContainer(message.body) ? unpackContainer(message.body) : [message]
    for (const { body } of parts) {
      const entry = MTPROTO.byId(body.readUInt32LE(0))
      if (entry?.name === 'msgs_ack') serve(session, message, decodeObject(MTPROTO, body), this.options)
    }
  }

  private message(session: Session, peer: Peer, message: WireMessage): void {
    const body = inflated(message.body)
    if (isContainer(body)) {
      session.receive({ ...message, seqno: 0 }, 'noted')
      for (const part of unpackContainer(body)) if (peer.open) this.message(session, peer, part)
      return
    }
    const service = MTPROTO.byId(body.readUInt32LE(0))
    if (service !== undefined && isService(service.name)) {
      if (session.receive(message, 'noted'))
        serve(session, message, decodeObject(MTPROTO, body), this.options)
    } else if (session.receive(message, 'running')) {
      this.calls.run({ session, message: { ...message, body }, kill: () => peer.kill() })
    }
  }
}
