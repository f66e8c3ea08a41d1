import { RpcFault } from '../contract.ts'

export type FloodOptions = {
  /** How many calls are refused; else all until the time is over. */
  times?: number
  /** For one account only. */
  userId?: bigint
  /** As premium accounts would not have to wait. */
  premium?: boolean
}

type Rule = {
  method: string
  userId: bigint | undefined
  left: number
  until: number
  fault: (left: number) => RpcFault
}

/** Refusals that a test asks for. */
export class Faults {
  private readonly rules = new Set<Rule>()
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  /** `420 FLOOD_WAIT_n` for a method, for the next calls or until `seconds` have passed. */
  flood(method: string, seconds: number, { times, userId, premium = false }: FloodOptions = {}): void {
    const name = premium ? 'FLOOD_PREMIUM_WAIT' : 'FLOOD_WAIT'
    const until = times === undefined ? this.now() + seconds : Infinity
    this.rules.add({
      method,
      userId,
      left: times ?? Infinity,
      until,
      fault: (left) => new RpcFault(420, `${name}_${Number.isFinite(left) ? left : seconds}`),
    })
  }

  /** Refuses the next `times` calls of a method with an error, before anything is done. */
  refuse(method: string, code: number, text: string, times = 1, userId?: bigint): void {
    this.rules.add({ method, userId, left: times, until: Infinity, fault: () => new RpcFault(code, text) })
  }

  clear(): void {
    this.rules.clear()
  }

  /** Throws when a rule refuses the call. */
  check(method: string, userId: bigint): void {
    for (const rule of this.rules) {
      if (rule.method !== method || (rule.userId !== undefined && rule.userId !== userId)) continue
      const seconds = rule.until - this.now()
      if (rule.left <= 0 || seconds <= 0) {
        this.rules.delete(rule)
        continue
      }
      rule.left--
      throw rule.fault(Math.ceil(seconds))
    }
  }
}
