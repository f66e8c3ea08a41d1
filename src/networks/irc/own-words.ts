import { stripFormat } from './format-codes.ts'
import { timeOf } from './from-remote.ts'
import type { Said } from './from-remote.ts'
import type { Hub } from './hub.ts'
import { readProgress } from './progress.ts'
import type { ProgressPart } from './progress.ts'
import type { Session } from './session.ts'

/** How far the server's time of a line may be from ours. */
const EARLIER_MS = 10_000
const LATER_MS = 120_000

/** Nobody's words to services are shown: they hold passwords. */
export const isToService = (target: string) => /serv$/i.test(target)

/** Lines that the bridge wrote, as what was kept of their deliveries tells; each stands for one line of a history. */
export class Written {
  readonly #hub: Hub
  readonly #parts: ProgressPart[]

  constructor(hub: Hub, kept: unknown[]) {
    this.#hub = hub
    this.#parts = kept
      .flatMap((each) => readProgress(each)?.parts ?? [])
      .filter(({ state, text }) => state !== 'waiting' && text !== undefined)
  }

  /** Whether a line of a history is one of these; each answers for one line only. */
  take(said: Said): boolean {
    const id = said.tags['msgid']
    const at = this.#parts.findIndex((part) =>
      part.id === undefined ? this.#fits(part, said) : part.id === id,
    )
    if (at >= 0) this.#parts.splice(at, 1)
    return at >= 0
  }

  #fits(part: ProgressPart, said: Said): boolean {
    const { nick, text = '', at = '' } = part
    const lateMs = timeOf(said.tags, this.#hub.now, true).getTime() - Date.parse(at)
    return (
      nick !== undefined &&
      this.#hub.fold(nick) === this.#hub.fold(said.source.nick) &&
      stripFormat(text) === stripFormat(said.text) &&
      lateMs >= -EARLIER_MS &&
      lateMs <= LATER_MS
    )
  }
}

/** The session of ours whose nick a line carries, now or as it will have it. */
export function sessionOf(hub: Hub, nick: string): Session | undefined {
  const folded = hub.fold(nick)
  const named = (session: Session) => session.nick !== undefined && hub.fold(session.nick) === folded
  return hub.ownNick(nick) ?? hub.sessions().find(named)
}

/**
 * Whether another client of the same account said it. A nick alone proves nothing about a time when we did not hold it,
 * except to a bouncer, which held it for us.
 */
export function isSelf(session: Session, said: Said): boolean {
  if (session.loginId === undefined) return false
  const { account } = said.tags
  if (account !== undefined && account !== '')
    return session.account !== undefined && session.hub.fold(account) === session.hub.fold(session.account)
  return session.behindBouncer
}
