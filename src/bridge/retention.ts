import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import type { Database } from '../store/db.ts'
import { purgeDeliveries } from '../store/delivery.ts'
import { purgeEvents } from '../store/event-log.ts'
import type { Inbox } from '../store/inbox.ts'
import { purgeLiveLocations } from '../store/live-location.ts'
import { purgeExcerpts } from '../store/message.ts'
import { purgePastes } from '../store/paste.ts'
import type { BridgeSettings } from './settings.ts'

const EVERY_MS = 10 * 60_000

/** Forgets what was delivered: bodies soon, rows late enough that a repeat is still known as one. */
export class Retention {
  readonly #deps: { db: Database; inbox: Inbox; settings: BridgeSettings; clock: Clock; log: Logger }
  #cancel: (() => void) | undefined

  constructor(deps: { db: Database; inbox: Inbox; settings: BridgeSettings; clock: Clock; log: Logger }) {
    this.#deps = deps
  }

  start(): void {
    this.#cancel = this.#deps.clock.after(EVERY_MS, () => {
      void this.run()
        .catch((error: unknown) => this.#deps.log.warn({ error: messageOf(error) }, 'retention failed'))
        .finally(() => this.start())
    })
  }

  stop(): void {
    this.#cancel?.()
  }

  /** One round, in batches; what is left over comes with the next. */
  async run(): Promise<void> {
    const { db, inbox, settings, clock } = this.#deps
    const before = (ageMs: number) => new Date(clock.now().getTime() - ageMs)
    const { bodiesMs, rowsMs, excerptsMs } = settings.retention
    await inbox.purge(before(bodiesMs), before(rowsMs))
    await purgeDeliveries(db, before(bodiesMs), before(rowsMs))
    await purgeEvents(db, before(rowsMs))
    await purgeExcerpts(db, before(excerptsMs))
    await purgeLiveLocations(db, before(bodiesMs))
    await purgePastes(db, before(rowsMs))
  }
}
