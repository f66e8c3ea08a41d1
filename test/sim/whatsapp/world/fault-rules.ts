import type { Node } from '../contract.ts'
import type { SimDevice } from './account.ts'

/** Which stanzas a fault means; what is not said fits all. */
export type Scope = {
  /** of the account whose stanza it is, or that gets it */
  readonly phone?: string
  readonly device?: number
  /** `message`, `receipt`, `notification`, `call`, `presence`, `chatstate` */
  readonly tag?: string
  /** the stanza's type: `read`, `retry`, `w:gp2`; `''` for none, as of a delivery receipt */
  readonly type?: string
  readonly id?: string
  /** how many times it happens, default 1 */
  readonly count?: number
}

type Simple = 'no-ack' | 'lose' | 'cut' | 'vanish' | 'drop' | 'twice' | 'corrupt' | 'swap' | 'keyless'

export type Fault =
  | { [K in Simple]: { readonly kind: K } }[Simple]
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'hold'; readonly held: (() => void)[] }

export type Rule = { readonly fault: Fault; readonly scope: Scope; left: number }

/** Faults that wait for stanzas, first come first served. */
export class FaultRules {
  private readonly rules = new Set<Rule>()

  add(fault: Fault, scope: Scope): Rule {
    const rule = { fault, scope, left: scope.count ?? 1 }
    this.rules.add(rule)
    return rule
  }

  remove(rule: Rule): void {
    this.rules.delete(rule)
  }

  clear(): void {
    this.rules.clear()
  }

  /** The fault that this stanza meets, of the given kinds; counts it down. */
  take<K extends Fault['kind']>(
    kinds: readonly K[],
    device: SimDevice,
    node: Node,
  ): Extract<Fault, { kind: K }> | undefined {
    for (const rule of this.rules) {
      if (!isOf(rule.fault, kinds) || !fits(rule.scope, device, node)) continue
      if (--rule.left <= 0) this.rules.delete(rule)
      return rule.fault
    }
    return undefined
  }
}

function isOf<K extends Fault['kind']>(
  fault: Fault,
  kinds: readonly K[],
): fault is Extract<Fault, { kind: K }> {
  return kinds.some((kind) => kind === fault.kind)
}

function fits(scope: Scope, device: SimDevice, node: Node): boolean {
  if (scope.phone !== undefined && scope.phone !== device.account.phone) return false
  if (scope.device !== undefined && scope.device !== device.number) return false
  if (scope.tag !== undefined && scope.tag !== node.tag) return false
  if (scope.type !== undefined && scope.type !== (node.attrs['type'] ?? '')) return false
  return scope.id === undefined || scope.id === node.attrs['id']
}
