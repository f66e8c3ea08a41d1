import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { MatrixEventId, MatrixRoomId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { MatrixSide } from '../matrix/index.ts'
import type { Database } from '../store/db.ts'
import { seenEvents } from '../store/event-log.ts'
import type { Puppets } from './puppets.ts'

/** A homeserver's queue settles within seconds after a failure; this much later it is trusted again. */
export const SUSPECT_MS = 60_000
/** Events that come this much after they were made tell of a backlog. */
const LATE_MS = 10_000
const PAGE = 20
const MOST_PAGES = 50
const PATIENCE = 5

export type FoundEvent = { event_id: string; sender: string; origin_server_ts: number }

export type ContinuityDeps = {
  db: Database
  matrix: Pick<MatrixSide, 'eventsBefore'>
  puppets: Pick<Puppets, 'isOurs'>
  clock: Clock
  log: Logger
  onFound: (count: number) => void
}

/**
 * For a while after a failure between us and the homeserver, looks in a room for what stands there before an event that
 * came. Synapse, when it has just repeated what we missed, can leave one transaction behind and send the next (its state
 * goes to "up" after it looked for more: `_TransactionController.on_recovered`), and a killed one forgets what waited
 * behind a transaction under way. What is found goes before the event, where it belongs.
 */
export class Continuity {
  readonly #deps: ContinuityDeps
  #until = 0
  #failures = 0

  constructor(deps: ContinuityDeps) {
    this.#deps = deps
  }

  /** Something may have been left behind. */
  suspect(): void {
    this.#until = this.#deps.clock.now().getTime() + SUSPECT_MS
  }

  get suspicious(): boolean {
    return this.#deps.clock.now().getTime() < this.#until
  }

  /** How late an event came says whether the homeserver still works off a backlog. */
  arrived(madeAt: Date, receivedAt: Date): void {
    if (this.suspicious && receivedAt.getTime() - madeAt.getTime() > LATE_MS) this.suspect()
  }

  /**
   * What people wrote in a room directly before an event and nobody handed over, oldest first.
   * @param known ids that are being routed now
   * @throws when the homeserver does not answer; after a few times in a row it gives up and finds nothing
   */
  async missingBefore(
    room: MatrixRoomId,
    event: MatrixEventId,
    since: Date,
    known: ReadonlySet<string>,
  ): Promise<FoundEvent[]> {
    try {
      const missing = await this.#look(room, event, since, known)
      this.#failures = 0
      if (missing.length === 0) return []
      this.#deps.onFound(missing.length)
      this.#deps.log.info(
        { room, events: missing.length },
        'events found that the homeserver had left behind',
      )
      return missing
    } catch (error) {
      this.#failures += 1
      if (this.#failures < PATIENCE) throw error
      this.#deps.log.warn(
        { room, error: messageOf(error) },
        'cannot look for what may be missing before an event',
      )
      this.#failures = 0
      this.suspect()
      return []
    }
  }

  async #look(
    room: MatrixRoomId,
    event: MatrixEventId,
    since: Date,
    known: ReadonlySet<string>,
  ): Promise<FoundEvent[]> {
    const { db, matrix, puppets } = this.#deps
    const missing: FoundEvent[] = []
    let from: string | undefined
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const found = await matrix.eventsBefore(room, event, {
        limit: PAGE,
        ...(from !== undefined && { from }),
      })
      if (found === undefined) return missing.reverse()
      const foreign = (found.events as unknown as FoundEvent[]).filter(
        ({ sender }) => !puppets.isOurs(sender),
      )
      const seen = await seenEvents(
        db,
        foreign.map(({ event_id: id }) => id),
      )
      for (const each of foreign) {
        const old = each.origin_server_ts < since.getTime()
        if (old || known.has(each.event_id) || seen.has(each.event_id)) return missing.reverse()
        missing.push(each)
      }
      if (found.end === undefined || found.events.length === 0) break
      from = found.end
    }
    return missing.reverse()
  }
}
