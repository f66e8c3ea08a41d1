import type { TlObject } from '../contract.ts'
import type { WireClock } from './clock.ts'
import type { WireMessage } from './envelope.ts'
import { rpcResult } from './envelope.ts'
import { longOf, longsOf } from './fields.ts'
import { MTPROTO } from './layers.ts'
import type { Session } from './session.ts'
import { encodeObject } from './tl-encode.ts'

const SALT_SECONDS = 30 * 24 * 3600

export type ServiceOptions = {
  readonly clock: WireClock
  /**
   * When a client asks for the state of a call, its answer is sent again first. Off: the client only learns that the
   * answer exists, and mtcute sends the call once more with a new id.
   */
  readonly resendBeforeStateInfo: boolean
  readonly destroyKey: (session: Session) => void
}

type Service = (session: Session, message: WireMessage, object: TlObject, options: ServiceOptions) => void

const result = (session: Session, { messageId }: WireMessage, object: TlObject): void =>
  session.answer(messageId, rpcResult(messageId, encodeObject(MTPROTO, object)))

const pong: Service = (session, { messageId }, object) =>
  session.service({ _: 'pong', msg_id: messageId, ping_id: longOf(object, 'ping_id') }, 'reply')

/** https://core.telegram.org/mtproto/service_messages and ..._about_messages. */
const SERVICES: Readonly<Record<string, Service>> = {
  ping: pong,
  ping_delay_disconnect: pong,
  msgs_ack: (session, _, object) => session.acknowledged(longsOf(object, 'msg_ids')),
  http_wait: () => undefined,
  msgs_state_req: (session, { messageId }, object, { resendBeforeStateInfo }) => {
    const ids = longsOf(object, 'msg_ids')
    if (resendBeforeStateInfo) for (const id of ids) session.resendAnswer(id)
    const info = Uint8Array.from(ids.map((id) => session.stateOf(id)))
    session.service({ _: 'msgs_state_info', req_msg_id: messageId, info }, 'reply')
  },
  msg_resend_req: (session, _, object) => {
    for (const id of longsOf(object, 'msg_ids')) session.resend(id)
  },
  msgs_state_info: () => undefined,
  msgs_all_info: () => undefined,
  get_future_salts: (session, { messageId }, _, { clock }) => {
    const now = clock.now()
    const salt = { valid_since: now - 60, valid_until: now + SALT_SECONDS, salt: session.device.salt }
    const salts = [{ _: 'future_salt', ...salt }]
    session.service({ _: 'future_salts', req_msg_id: messageId, now, salts }, 'reply')
  },
  rpc_drop_answer: (session, message) => result(session, message, { _: 'rpc_answer_unknown' }),
  destroy_session: (session, message, object) => {
    const id = longOf(object, 'session_id')
    const destroyed = id !== session.id && session.device.sessions.delete(id)
    result(session, message, { _: destroyed ? 'destroy_session_ok' : 'destroy_session_none', session_id: id })
  },
  destroy_auth_key: (session, message, _, { destroyKey }) => {
    result(session, message, { _: 'destroy_auth_key_ok' })
    destroyKey(session)
  },
}

export const isService = (name: string): boolean => Object.hasOwn(SERVICES, name)

/** Does what a service message of the client asks for. */
export function serve(
  session: Session,
  message: WireMessage,
  object: TlObject,
  options: ServiceOptions,
): void {
  SERVICES[object._]?.(session, message, object, options)
}
