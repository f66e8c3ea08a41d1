import type { TlObject, TlValue } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { Device } from './device.ts'
import { downgraded } from './downgrade.ts'
import type { WireMessage } from './envelope.ts'
import { rpcResult } from './envelope.ts'
import type { Faults, FaultyCall, Kill } from './faults.ts'
import { LostAnswer, NO_ANSWER } from './faults.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { MTPROTO, NEWEST, schemaFor } from './layers.ts'
import type { Request } from './request.ts'
import { readRequest } from './request.ts'
import type { Session } from './session.ts'
import { encodeObject, encodeValue } from './tl-encode.ts'

/** Runs a method for a device, whatever it is logged in to. Throws RpcFault. */
export type Handler = (device: Device, query: TlObject) => Promise<TlValue> | TlValue

/** Where a call came from. */
export type Origin = { readonly session: Session; readonly message: WireMessage; readonly kill: () => void }

type Job = Origin & {
  readonly request: Request
  readonly entry: JournalEntry
  readonly call: FaultyCall
  readonly kills: Kill | undefined
}

const REMEMBERED = 4096

/** Methods of files move no update session (https://core.telegram.org/api/updates#subscribing-to-updates). */
const isFileMethod = (method: string) => method.startsWith('upload.')

/** Executes the calls of all clients, in the order that they ask for, and answers them. */
export class Calls {
  private readonly journal: Journal
  private readonly faults: Faults
  private readonly handle: Handler
  private readonly choose: (session: Session) => void
  private readonly ended = new WeakMap<Session, Map<bigint, Promise<boolean>>>()

  /** @param choose called with the session of each call that may receive updates from now on */
  constructor(journal: Journal, faults: Faults, handle: Handler, choose: (session: Session) => void) {
    this.journal = journal
    this.faults = faults
    this.handle = handle
    this.choose = choose
  }

  run(origin: Origin): void {
    const { session, message } = origin
    let request: Request
    try {
      request = readRequest(session.device, message.body)
    } catch (error) {
      return this.fail(origin, this.asFault(error))
    }
    const entry = this.journal.begin(session.device, request.query)
    const call = this.faultyCall(origin, request.query)
    const kills = this.faults.takeKill(call)
    if (kills?.when === 'before') {
      session.unreceive(message.messageId)
      entry.outcome = 'killed'
      return this.killNow(call, kills)
    }
    if (request.wantsUpdates && !isFileMethod(request.query._)) this.choose(session)
    this.remember(origin, this.execute({ ...origin, request, entry, call, kills }))
  }

  private faultyCall({ session, kill }: Origin, query: TlObject): FaultyCall {
    const { device } = session
    const forgetSession = () => {
      device.sessions.delete(session.id)
      if (device.updateSession === session) device.updateSession = undefined
    }
    return { who: device, method: query._, args: query, kill, forgetSession }
  }

  private killNow(call: FaultyCall, { forget }: Kill): void {
    if (forget === true) call.forgetSession()
    call.kill()
  }

  private remember({ session, message }: Origin, ended: Promise<boolean>): void {
    const known = this.ended.get(session) ?? new Map<bigint, Promise<boolean>>()
    this.ended.set(session, known.set(message.messageId, ended))
    const oldest = known.keys().next().value
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest)
  }

  /** Never rejects; true if the call succeeded. */
  private async execute(job: Job): Promise<boolean> {
    const { session, request, call, entry, kills } = job
    const lost = kills !== undefined
    let succeeded = false
    try {
      await this.waitFor(session, request.after)
      const run = async () => this.handle(session.device, request.query)
      const rule = this.faults.takeRule(call)
      const answer =
        rule === undefined ? await this.handle(session.device, request.query) : await rule(call, run)
      if (answer !== NO_ANSWER) {
        const value = answer instanceof LostAnswer ? answer.value : answer
        this.succeed(job, value, lost || answer instanceof LostAnswer)
      }
      entry.outcome = lost ? 'killed' : answer === NO_ANSWER || answer instanceof LostAnswer ? 'lost' : 'ok'
      succeeded = true
    } catch (error) {
      const fault = this.asFault(error)
      entry.outcome = fault.message
      this.fail(job, fault, lost)
    }
    if (kills !== undefined) this.killNow(call, kills)
    return succeeded
  }

  private async waitFor(session: Session, after: readonly bigint[]): Promise<void> {
    for (const id of after) {
      const before = this.ended.get(session)?.get(id)
      if (before !== undefined && !(await before)) throw new RpcFault(400, 'MSG_WAIT_FAILED')
    }
  }

  private succeed({ session, message, request }: Job, answer: TlValue, lost: boolean): void {
    const schema = schemaFor(session.device.layer)
    const shape = schema.methods.get(request.query._)?.result
    if (shape === undefined) throw new Error(`layer ${schema.layer} has no ${request.query._}`)
    const bytes = encodeValue(schema, shape, schema === NEWEST ? answer : downgraded(schema, shape, answer))
    session.answer(message.messageId, rpcResult(message.messageId, bytes), lost)
  }

  private fail({ session, message }: Origin, fault: RpcFault, lost = false): void {
    const error = { _: 'rpc_error', error_code: fault.code, error_message: fault.text }
    session.answer(message.messageId, rpcResult(message.messageId, encodeObject(MTPROTO, error)), lost)
  }

  // Never 500: mtcute repeats such a call for ever.
  private asFault(error: unknown): RpcFault {
    if (error instanceof RpcFault) return error
    this.journal.problem(error)
    return new RpcFault(400, 'HANDLER_FAILED')
  }
}
