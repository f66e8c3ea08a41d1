import type { FoundEvent } from './scan.ts'

/**
 * The key under which every event of ours says which delivery it is: by it we know our own echo from a puppeted
 * person's account, and what an interrupted attempt has left in a room.
 */
export const MARKER = 'app.viaduct.delivery'

/** The content with its mark. `mark` is opaque: nothing of the remote network is in it. */
export const marked = (content: Record<string, unknown>, mark: string): Record<string, unknown> => ({
  ...content,
  [MARKER]: { r: mark },
})

/** The mark in an event's content. */
export function markOf(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || !(MARKER in content)) return undefined
  const marker = content[MARKER]
  if (typeof marker !== 'object' || marker === null || !('r' in marker)) return undefined
  return typeof marker.r === 'string' ? marker.r : undefined
}

/** Whether an event is the one that was sent under a transaction id and a mark. */
export const isOurs = (event: FoundEvent, txn: string, mark: string): boolean =>
  event.unsigned?.['transaction_id'] === txn || markOf(event.content) === mark
