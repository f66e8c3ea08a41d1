import { createHash } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { sleep } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { MatrixRoomId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { seenEvents } from '../store/event-log.ts'
import type { Inbox } from '../store/inbox.ts'
import type { Puppets } from './puppets.ts'

/** At most 20 requests a second, so that the scan is no load of its own. */
const PAUSE_MS = 50
const PAGE = 50
const MOST_PAGES = 20

type ScannedEvent = { event_id: string; sender: string; origin_server_ts: number }

export type GapScanDeps = {
  db: Database
  matrix: MatrixSide
  inbox: Inbox
  puppets: Puppets
  clock: Clock
  log: Logger
  wakeRouter: () => void
  onFound: (count: number) => void
}

/**
 * Looks for events that the homeserver never handed over: what it held in memory behind an open transaction is lost to
 * appservices when it is killed, but stands in the rooms. Found ones go through the inbox like any other.
 */
export class GapScan {
  readonly #deps: GapScanDeps
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: GapScanDeps) {
    this.#deps = deps
  }

  /**
   * Scans portal rooms with traffic since `since`, after a scan that is under way: what is suspected now may be lost
   * where that one has been. @returns whether every room could be read
   */
  run(since: Date, signal?: AbortSignal): Promise<boolean> {
    const scan = this.#last.then(() => this.#scan(since, signal))
    this.#last = scan.catch(() => {})
    return scan
  }

  async #scan(since: Date, signal?: AbortSignal): Promise<boolean> {
    const rooms = await this.#deps.db.query<{ room: MatrixRoomId; first: Date }>(
      `select p.room_id as room, p.created_at as first from portal p
       where p.room_id is not null
         and exists (select 1 from delivery d where d.portal_id = p.id and d.created_at > $1)`,
      [since],
    )
    let found = 0
    let complete = true
    for (const { room, first } of rooms) {
      if (signal?.aborted === true) return false
      try {
        found += await this.#room(room, first > since ? first : since, signal)
      } catch (error) {
        complete = false
        this.#deps.log.warn({ room, error: messageOf(error) }, 'gap scan of a room failed')
      }
    }
    if (found > 0) this.#deps.onFound(found)
    return complete
  }

  async #room(room: MatrixRoomId, from: Date, signal?: AbortSignal): Promise<number> {
    const { matrix, clock, puppets, db } = this.#deps
    const missing: ScannedEvent[] = []
    let next: string | undefined
    for (let page = 0; page < MOST_PAGES && signal?.aborted !== true; page += 1) {
      const { events, end } = await matrix.roomMessages(
        room,
        next === undefined ? { limit: PAGE } : { limit: PAGE, from: next },
      )
      const foreign = (events as unknown as ScannedEvent[]).filter((event) => !puppets.isOurs(event.sender))
      const seen = await seenEvents(
        db,
        foreign.map((event) => event.event_id),
      )
      const unseen = foreign.filter(
        (event) => !seen.has(event.event_id) && event.origin_server_ts >= from.getTime(),
      )
      missing.push(...unseen)
      const old = foreign.some((event) => event.origin_server_ts < from.getTime())
      if (old || end === undefined || events.length === 0 || (foreign.length > 0 && unseen.length === 0))
        break
      next = end
      await sleep(clock, PAUSE_MS, signal)
    }
    if (missing.length > 0) await this.#store(missing.reverse())
    return missing.length
  }

  async #store(events: ScannedEvent[]): Promise<void> {
    const raw = Buffer.from(JSON.stringify({ events }))
    await this.#deps.inbox.store(`gap:${createHash('sha256').update(raw).digest('hex').slice(0, 32)}`, raw)
    this.#deps.log.info({ events: events.length }, 'events found that the homeserver had not handed over')
    this.#deps.wakeRouter()
  }
}
