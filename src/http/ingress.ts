import type { Inbox } from '../store/inbox.ts'

export type IngressDeps = {
  inbox: Inbox
  /** There is something to route. */
  onStored(outcome: { fresh: boolean; bytes: number; ms: number }): void
  onInvalid(): void
  onFailed(): void
  /** Refuse one transaction after it was stored, so that the homeserver also repeats what it holds back. */
  nudge: { due: boolean; done(): void }
}

/**
 * What a homeserver's PUT gets: its raw bytes are committed, then it is answered. Content is never a reason to refuse: a
 * refused transaction is repeated for ever and holds up all that come after it.
 */
export function transactionHandler(deps: IngressDeps) {
  return async (txnId: string, raw: Buffer): Promise<'stored' | 'again' | 'invalid'> => {
    if (!isJson(raw)) {
      deps.onInvalid()
      return 'invalid'
    }
    const began = performance.now()
    let fresh: boolean
    try {
      fresh = await deps.inbox.store(txnId, raw)
    } catch (error) {
      deps.onFailed()
      throw error
    }
    deps.onStored({ fresh, bytes: raw.length, ms: performance.now() - began })
    if (deps.nudge.due) {
      deps.nudge.done()
      return 'again'
    }
    return 'stored'
  }
}

function isJson(raw: Buffer): boolean {
  try {
    JSON.parse(raw.toString('utf8'))
    return true
  } catch {
    return false
  }
}
