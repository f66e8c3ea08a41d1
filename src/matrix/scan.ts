import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { outcomeOf, settle } from './classify.ts'
import type { Client } from './client.ts'
import type { Actor, MatrixOutcome } from './ports.ts'

const PAGES = 10
const PAGE_SIZE = 100

export type FoundEvent = {
  event_id: MatrixEventId
  type?: unknown
  content?: Record<string, unknown>
  redacts?: unknown
  unsigned?: Record<string, unknown>
}

export type ScanResult =
  | { kind: 'found'; eventId: MatrixEventId }
  /** `complete` is false when the room goes back further than was read. */
  | { kind: 'none'; complete: boolean }
  | Exclude<MatrixOutcome, { kind: 'delivered' }>

export type ScanRequest = {
  room: MatrixRoomId
  sender: Actor
  type: string
  matches: (event: FoundEvent) => boolean
}

/**
 * Looks for an event that an earlier attempt may have left in the room, newest first. Only the sender's own device is
 * shown transaction ids; whoever else looks has to know the event by its content.
 */
export async function scanRoom(client: Client, bot: MatrixUserId, request: ScanRequest): Promise<ScanResult> {
  const own = await scanAs(client, request.sender, request, true)
  if (own.kind !== 'rejected' || request.sender.user === bot) return own
  // The sender may have left since.
  const byBot = await scanAs(client, { user: bot }, request, false)
  return byBot.kind === 'rejected' ? { kind: 'none', complete: false } : byBot
}

async function scanAs(
  client: Client,
  viewer: Actor,
  request: ScanRequest,
  device: boolean,
): Promise<ScanResult> {
  const filter = { senders: [request.sender.user], types: [request.type] }
  let from: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const options = { limit: PAGE_SIZE, from, filter, device }
    const verdict = await settle(client.messages(viewer, request.room, options))
    // The device went with the transaction ids that only it could see.
    if (verdict.kind === 'unknown-device' && device) return scanAs(client, viewer, request, false)
    if (verdict.kind !== 'ok') return outcomeOf(verdict)
    for (const event of eventsIn(verdict.body['chunk']))
      if (request.matches(event)) return { kind: 'found', eventId: event.event_id }
    const { end } = verdict.body
    if (typeof end !== 'string' || end === from) return { kind: 'none', complete: true }
    from = end
  }
  return { kind: 'none', complete: false }
}

/** The events of a page of messages that have an id. */
export function eventsIn(chunk: unknown): FoundEvent[] {
  if (!Array.isArray(chunk)) return []
  return chunk.filter(
    (event: unknown): event is FoundEvent =>
      typeof event === 'object' &&
      event !== null &&
      'event_id' in event &&
      typeof event.event_id === 'string',
  )
}
