import type { Clock } from '../model/clock.ts'
import type { DeliveryKind, Direction } from '../model/delivery.ts'
import { messageOf } from '../model/errors.ts'
import { matrixEventId, matrixRoomId, matrixUserId } from '../model/ids.ts'
import type { MatrixRoomId, PortalId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { readEvent } from '../matrix/event.ts'
import type { RawEvent } from '../matrix/event.ts'
import { fromEvent } from '../matrix/from-event.ts'
import type { MatrixAct } from '../matrix/from-event.ts'
import { markOf } from '../matrix/marker.ts'
import type { Database } from '../store/db.ts'
import { deliveriesInsert } from '../store/delivery.ts'
import type { Lane, NewDelivery } from '../store/delivery.ts'
import { eventsInsert, seenEvents } from '../store/event-log.ts'
import type { LoggedEvent } from '../store/event-log.ts'
import { routedUpdate } from '../store/inbox.ts'
import type { Inbox, InboxRow } from '../store/inbox.ts'
import type { Portal } from '../store/portal.ts'
import type { AddressBook } from './address-book.ts'
import type { Continuity } from './continuity.ts'
import type { Ephemeral } from './ephemeral.ts'
import type { Invitations } from './invitations.ts'
import type { Names } from './names.ts'
import { noteDelivery } from './notes.ts'
import type { Portals } from './portals.ts'
import type { Puppets } from './puppets.ts'
import type { RoomMembers } from './room-members.ts'
import type { StoredMatrixEvent } from './stored.ts'
import type { BridgeSettings } from './settings.ts'
import { quarantined, readTransaction } from './transaction.ts'
import type { ParsedEvent } from './transaction.ts'

const BATCH = 50
const RETRY_MS = 1_000

type Fate = Pick<LoggedEvent, 'outcome' | 'reason'> & { deliveries?: NewDelivery[] }

/** Turns stored transactions into ledger rows, in order. Every event gets an outcome, also "ignored, because". */
export class Router {
  readonly #deps: RouterDeps
  #dirty = false
  #running: Promise<void> | undefined
  #stopped = false

  constructor(deps: RouterDeps) {
    this.#deps = deps
  }

  /** There may be transactions to route. */
  wake(): void {
    this.#dirty = true
    this.#running ??= this.#drain()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#dirty && !this.#stopped) {
      this.#dirty = false
      try {
        while (!this.#stopped && (await this.#routeBatch())) continue
      } catch (error) {
        this.#deps.log.warn({ error: messageOf(error) }, 'routing paused')
        this.#deps.clock.after(RETRY_MS, () => this.wake())
      }
    }
    this.#running = undefined
  }

  /** @returns whether there may be more */
  async #routeBatch(): Promise<boolean> {
    const { db, inbox, clock, wake, ephemeral } = this.#deps
    const rows = await inbox.unrouted(BATCH)
    if (rows.length === 0) return false
    const parsed = rows.map((row) => ({ row, ...readTransaction(row) }))
    const ids = parsed.flatMap(({ events }) =>
      events.map(({ event }) => ('bad' in event ? '' : event.event_id)),
    )
    const seen = await seenEvents(db, ids)
    const log: LoggedEvent[] = []
    const deliveries: NewDelivery[] = []
    for (const { row, events } of parsed) {
      for (const { event, json } of await this.#withMissing(events, row, seen)) {
        if ('bad' in event) {
          this.#deps.onQuarantined(event.bad)
          log.push(quarantined(row, json, event.bad))
          continue
        }
        if (seen.has(event.event_id)) continue
        seen.add(event.event_id)
        const fate = await this.#route(event, row.id)
        deliveries.push(...(fate.deliveries ?? []))
        log.push({
          eventId: event.event_id,
          roomId: event.room_id,
          type: event.type,
          sender: event.sender,
          outcome: fate.outcome,
          ...(fate.reason !== undefined && { reason: fate.reason }),
        })
      }
    }
    const at = clock.now()
    const lanes = await db.once<Lane>([
      routedUpdate(
        rows.map((row) => row.id),
        at,
      ),
      ...(log.length > 0 ? [eventsInsert(log, at)] : []),
      ...(deliveries.length > 0 ? [deliveriesInsert(deliveries)] : []),
    ])
    if (deliveries.length > 0) for (const lane of lanes) wake(lane.direction, lane.portal)
    for (const { row, hints } of parsed) ephemeral.take(hints, row.receivedAt)
    return rows.length === BATCH
  }

  /** The events of a transaction, with what the homeserver left behind before the first of each room. */
  async #withMissing(events: ParsedEvent[], row: InboxRow, seen: Set<string>): Promise<ParsedEvent[]> {
    const { continuity, portals, puppets } = this.#deps
    if (!continuity.suspicious) return events
    const looked = new Set<string>()
    const all: ParsedEvent[] = []
    for (const each of events) {
      const { event } = each
      if (!('bad' in event) && !seen.has(event.event_id) && !puppets.isOurs(event.sender)) {
        continuity.arrived(new Date(event.origin_server_ts), row.receivedAt)
        const room = matrixRoomId(event.room_id)
        const portal = looked.has(room) ? undefined : await portals.ofRoom(room)
        looked.add(room)
        if (portal) {
          const missing = await continuity.missingBefore(
            room,
            matrixEventId(event.event_id),
            portal.createdAt,
            seen,
          )
          all.push(...missing.map((json) => ({ event: readEvent(json), json })))
        }
      }
      all.push(each)
    }
    return all
  }

  async #route(event: RawEvent, inbox: number): Promise<Fate> {
    const { portals, puppets, settings, members, names, invitations } = this.#deps
    const room = matrixRoomId(event.room_id)
    const act = fromEvent(event)
    if (act.kind === 'membership') {
      // Leaves of our own making are known, and the echo of one may come after the next join.
      if (act.membership === 'join' || !puppets.isOurs(event.sender))
        members.seen(room, act.user, act.membership)
      if (act.membership === 'join' && act.displayname !== undefined)
        names.seen(room, act.user, act.displayname)
    }
    if (puppets.isOurs(event.sender)) return this.#routeOwn(event, act)
    if (markOf(event.content) !== undefined) return ignored('sent by the bridge for a user')
    const invited = act.kind === 'membership' && act.membership === 'invite' && puppets.isOurs(act.user)
    const portal = await portals.ofRoom(room)
    if (invited && (!portal || portal.type === 'dm' || act.user === settings.bot)) {
      await invitations.take({
        room,
        inviter: matrixUserId(event.sender),
        invited: act.user,
        direct: act.direct === true,
        current: portal,
      })
      return { outcome: 'routed', reason: 'invitation' }
    }
    if (!portal) return ignored('not a room of the bridge')
    if (act.kind === 'ignored') return ignored(act.why)
    if (act.kind === 'tombstone') return this.#routeUpgrade(portal, act, room)
    const kind = kindOf(portal, act)
    if (typeof kind !== 'string') return ignored(kind.why)
    const acting =
      act.kind === 'membership' && act.user !== event.sender && !puppets.isGhost(act.user)
        ? act.user
        : event.sender
    const command = act.kind === 'message' ? commandIn(act.text, settings.commandPrefix) : undefined
    const stored: StoredMatrixEvent = { event, inbox, ...(command !== undefined && { command }) }
    const delivery: NewDelivery = {
      direction: 'to_remote',
      portal: portal.id,
      sourceId: event.event_id,
      kind,
      sender: acting,
      body: stored,
      at: new Date(event.origin_server_ts),
    }
    return { outcome: 'routed', deliveries: act.kind === 'pins' ? pinsOf(act, delivery, stored) : [delivery] }
  }

  /** A new public name of a ghost spreads to all of its rooms, also to those where somebody knows it by another. */
  async #routeOwn(event: RawEvent, act: MatrixAct): Promise<Fate> {
    const { addressBook, portals, clock } = this.#deps
    const named = act.kind === 'membership' && act.membership === 'join' && act.user === event.sender
    const portal = named ? await portals.ofRoom(matrixRoomId(event.room_id)) : undefined
    if (
      !named ||
      portal?.type !== 'dm' ||
      !(await addressBook.differs(portal, act.user, act.displayname ?? ''))
    )
      return ignored('sent by the bridge')
    const where = { portal: portal.id, sourceId: `names:${event.event_id}`, at: clock.now() }
    return { outcome: 'routed', reason: 'another name', deliveries: [noteDelivery(where, { kind: 'names' })] }
  }

  async #routeUpgrade(
    portal: Portal,
    act: Extract<MatrixAct, { kind: 'tombstone' }>,
    room: MatrixRoomId,
  ): Promise<Fate> {
    this.#deps.members.forget(room)
    await this.#deps.portals.update(portal, { roomId: act.replacement })
    return { outcome: 'routed', reason: 'room upgraded' }
  }
}

export type RouterDeps = {
  db: Database
  inbox: Inbox
  portals: Portals
  puppets: Puppets
  addressBook: AddressBook
  members: RoomMembers
  names: Names
  invitations: Invitations
  ephemeral: Ephemeral
  continuity: Continuity
  settings: BridgeSettings
  clock: Clock
  log: Logger
  wake: (direction: Direction, portal: PortalId) => void
  onQuarantined: (why: string) => void
}

const ignored = (reason: string): Fate => ({ outcome: 'ignored', reason })

function kindOf(portal: Portal, act: MatrixAct): DeliveryKind | { why: string } {
  switch (act.kind) {
    case 'message':
    case 'encrypted':
    case 'live-begin':
    case 'live-end':
      return 'message'
    case 'live-place':
      return 'edit'
    case 'edit':
    case 'redaction':
    case 'reaction':
    case 'poll-vote':
    case 'poll-end':
    case 'topic':
    case 'name':
    case 'avatar':
    case 'power':
      return portal.network === 'viaduct' ? { why: 'not a command' } : act.kind
    case 'pins':
      return portal.network === 'viaduct' ? { why: 'not a command' } : 'pin'
    case 'membership':
      if (portal.network === 'viaduct') return { why: 'membership of a room with the bot' }
      return act.membership === 'join' && act.previous === 'join'
        ? { why: 'a change of profile' }
        : 'membership'
    default:
      return { why: 'nothing of the conversation' }
  }
}

/** One event changes any number of pins, and each is a matter of its own. */
function pinsOf(
  { pinned, unpinned }: Extract<MatrixAct, { kind: 'pins' }>,
  delivery: NewDelivery,
  stored: StoredMatrixEvent,
): NewDelivery[] {
  const pins = [
    ...pinned.map((event) => ({ event, pinned: true })),
    ...unpinned.map((event) => ({ event, pinned: false })),
  ]
  return pins.map((pin, part) => ({ ...delivery, part, body: { ...stored, pin } }))
}

function commandIn(text: string, prefix: string): string | undefined {
  if (text !== prefix && !text.startsWith(`${prefix} `)) return undefined
  return text.slice(prefix.length).trim()
}
