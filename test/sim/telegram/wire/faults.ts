import type { Authorization, TlObject, TlValue } from '../contract.ts'
import { RpcFault } from '../contract.ts'
import type { HandshakeFault } from './handshake.ts'
import type { CallFilter } from './journal.ts'
import { matchesMethod } from './journal.ts'

/** The call stays without an answer for ever. */
export const NO_ANSWER: unique symbol = Symbol('no answer')

/** An answer that exists and doesn't reach the socket: it comes when the client asks for it, or comes back. */
export class LostAnswer {
  readonly value: TlValue

  constructor(value: TlValue) {
    this.value = value
  }
}

export type FaultyCall = {
  readonly who: Authorization
  readonly method: string
  readonly args: TlObject
  /** Ends the connection that the call came over. */
  kill(): void
  /** Forgets the MTProto session of the call, as a server that was restarted. */
  forgetSession(): void
}

export type FaultAnswer = TlValue | LostAnswer | typeof NO_ANSWER

/** Stands around a call: may run it or not, wait, answer something else, throw an RpcFault, lose the answer. */
export type FaultFn = (call: FaultyCall, run: () => Promise<TlValue>) => FaultAnswer | Promise<FaultAnswer>

export type Kill = CallFilter & {
  /** Before: as if the call had never arrived. After: it was executed, and its answer is lost with the connection. */
  readonly when: 'before' | 'after'
  /** The how-manieth matching call from now on, from 1. */
  readonly call: number
  /** Forget the session too, so that the client must send the call again. */
  readonly forget?: boolean
}

type Rule = CallFilter & { readonly fn: FaultFn; left: number }
type PushFault = 'drop' | 'duplicate' | 'reorder'

const matches = (filter: CallFilter, { who, method }: FaultyCall) =>
  (filter.userId === undefined || filter.userId === who.userId) && matchesMethod(filter.method, method)

/** What goes wrong below the world: a test sets it up, calls and pushes ask for it. */
export class Faults {
  /** Milliseconds that everything the server sends is late. */
  latencyMs = 0
  /** The messages of key exchanges that came so far, e.g. `req_pq_multi`. */
  readonly keyExchange: string[] = []
  private rules: Rule[] = []
  private kills: (Kill & { seen: number })[] = []
  private pushes: { userId: bigint | undefined; kind: PushFault; left: number }[] = []
  private brokenHandshakes: HandshakeFault[] = []
  private badMessages: number[] = []

  /** Stands around the next `times` calls of a method (or of those that match). */
  fault(method: string | RegExp | CallFilter, fn: FaultFn, times = 1): void {
    const filter = typeof method === 'string' || method instanceof RegExp ? { method } : method
    this.rules.push({ ...filter, fn, left: times })
  }

  /** The next calls of the method are answered with that error and not executed. */
  fail(method: string | RegExp | CallFilter, code: number, text: string, times = 1): void {
    this.fault(method, () => Promise.reject(new RpcFault(code, text)), times)
  }

  /** The next calls are executed, their answers don't reach the socket. */
  dropReply(method: string | RegExp | CallFilter, times = 1): void {
    this.fault(method, (_, run) => run().then((value) => new LostAnswer(value)), times)
  }

  kill(kill: Kill): void {
    this.kills.push({ ...kill, seen: 0 })
  }

  /** The next `count` pushes to that account (or to anybody) are lost. */
  dropPush(count = 1, userId?: bigint): void {
    this.pushes.push({ userId, kind: 'drop', left: count })
  }

  /** The next `count` pushes come twice, with the same message id. */
  duplicatePush(count = 1, userId?: bigint): void {
    this.pushes.push({ userId, kind: 'duplicate', left: count })
  }

  /** The next push is sent after the one that follows it. */
  reorderPush(userId?: bigint): void {
    this.pushes.push({ userId, kind: 'reorder', left: 1 })
  }

  /** The next key exchange goes wrong. */
  breakHandshake(fault: HandshakeFault): void {
    this.brokenHandshakes.push(fault)
  }

  /** The next encrypted message is answered with `bad_msg_notification` of that code. */
  rejectMessage(code: number): void {
    this.badMessages.push(code)
  }

  /** A key exchange begins: what goes wrong with it. */
  takeHandshake(): HandshakeFault | undefined {
    return this.brokenHandshakes.shift()
  }

  takeBadMessage(): number | undefined {
    return this.badMessages.shift()
  }

  takePush(userId: bigint | undefined): PushFault | undefined {
    const fault = this.pushes.find((one) => one.userId === undefined || one.userId === userId)
    if (fault === undefined) return undefined
    fault.left--
    this.pushes = this.pushes.filter(({ left }) => left > 0)
    return fault.kind
  }

  takeKill(call: FaultyCall): Kill | undefined {
    for (const kill of this.kills.filter((one) => matches(one, call))) kill.seen++
    const due = this.kills.find((kill) => kill.seen >= kill.call)
    this.kills = this.kills.filter((kill) => kill !== due)
    return due
  }

  takeRule(call: FaultyCall): FaultFn | undefined {
    const rule = this.rules.find((one) => matches(one, call))
    if (rule === undefined) return undefined
    rule.left--
    this.rules = this.rules.filter(({ left }) => left > 0)
    return rule.fn
  }
}
