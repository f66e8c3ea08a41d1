import type { Hub } from './hub.ts'
import type { Session } from './session.ts'
import type { IrcMessage } from './wire.ts'

const AWAY_EVERY_MS = 60 * 60_000

/** What a server tells about the people one writes to. */
export class ConnectionNews {
  readonly #hub: Hub
  readonly #toldAway = new Map<string, number>()

  constructor(hub: Hub) {
    this.#hub = hub
  }

  /** 301: shown once an hour at most, whatever the number of messages. */
  away(session: Session, { params }: IrcMessage): void {
    const { live, loginId } = session
    const [, nick, text = ''] = params
    if (live === undefined || loginId === undefined || nick === undefined) return
    const key = `${loginId} ${this.#hub.fold(nick)}`
    const now = this.#hub.now.getTime()
    for (const [each, at] of this.#toldAway) if (now - at >= AWAY_EVERY_MS) this.#toldAway.delete(each)
    if (this.#toldAway.has(key)) return
    this.#toldAway.set(key, now)
    this.#hub.info(this.#hub.directChat(loginId, nick), session.messageId(live), `${nick} is away: ${text}`)
  }
}
