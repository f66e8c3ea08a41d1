import { isBatch } from './batch.ts'
import type { Batch } from './batch.ts'
import type { ConnectionNews } from './connection-news.ts'
import type { History } from './history.ts'
import type { Messages } from './incoming-messages.ts'
import type { Live } from './live.ts'
import type { Presence } from './presence.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

/** Sorts what a connection hears by what it is about. */
export class Incoming {
  readonly #messages: Messages
  readonly #presence: Presence
  readonly #history: History
  readonly #news: ConnectionNews

  constructor(o: { messages: Messages; presence: Presence; history: History; news: ConnectionNews }) {
    this.#messages = o.messages
    this.#presence = o.presence
    this.#history = o.history
    this.#news = o.news
  }

  handle(session: Session, live: Live, item: IrcMessage | Batch): void {
    if (isBatch(item)) return this.#batch(session, live, item)
    switch (item.command) {
      case 'PRIVMSG':
      case 'NOTICE':
      case 'TAGMSG':
      case 'REDACT':
        return this.#messages.handle(session, live, item)
      case '301':
        return this.#news.away(session, item)
      case '401':
      case '404':
        return undefined
      default:
        return this.#presence.handle(session, live, item)
    }
  }

  #batch(session: Session, live: Live, batch: Batch): void {
    switch (batch.batch) {
      case 'draft/multiline':
        return this.#messages.handle(session, live, batch)
      case 'chathistory':
        // Nobody asked for it: the server plays back what was said before we came in.
        return this.#history.playback(session, live, batch)
      case 'netsplit':
      case 'netjoin':
        return this.#presence.netsplit(session, live, batch)
      default:
        for (const item of batch.items) this.handle(session, live, item)
    }
  }
}
