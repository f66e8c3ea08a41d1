import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'

/** `in` from a client to the server, `out` to a client. */
export type Direction = 'in' | 'out'

/** The device behind a connection, once it has logged in. */
export type Who = { readonly phone: string; readonly device: number }

/** Which stanzas are meant; what is left out does not matter. */
export type Scope = {
  phone?: string
  device?: number
  tag?: string
  /** attributes that it must have */
  attrs?: Record<string, string>
  /** the tag of one of its children */
  child?: string
  /** the first one meant, counted from 1 among those that fit since the rule was made; default 1 */
  from?: number
  /** how many; default all */
  count?: number
}

/** Whether a stanza fits a scope, apart from its counting. */
export function fits(scope: Scope, who: Who | undefined, node: Node): boolean {
  if (scope.phone !== undefined && scope.phone !== who?.phone) return false
  if (scope.device !== undefined && scope.device !== who?.device) return false
  if (scope.tag !== undefined && scope.tag !== node.tag) return false
  if (scope.child !== undefined && !childrenOf(node).some((one) => one.tag === scope.child)) return false
  return Object.entries(scope.attrs ?? {}).every(([key, value]) => node.attrs[key] === value)
}
