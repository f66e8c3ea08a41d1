import type { Clock } from '../../model/clock.ts'

type Seen = { by: object; nick: string; text?: string; msgid?: string; gone?: boolean; at: number }
/** `msgid`: that of the line, where the witness was told one. */
type Answer = { seen: 'yes' | 'no' | 'unknown'; msgid?: string }
type Accepted = { nick: string; text: string; at: number }

const KEPT = 200
const KEPT_MS = 10 * 60_000

/**
 * What our connections in a channel saw of each other. When one of them is lost, the others know whether its last line
 * came through: a server relays what somebody says and that they are gone in that order.
 */
export class Witnesses {
  readonly #clock: Clock
  readonly #seen: Seen[] = []
  readonly #accepted: Accepted[] = []
  readonly #since = new Map<object, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  joined(by: object): void {
    this.#since.set(by, this.#now())
  }

  left(by: object): void {
    this.#since.delete(by)
  }

  /** One of our connections saw the line of another. Nicks are casefolded, texts without formats. */
  saw(by: object, nick: string, text: string, msgid?: string): void {
    keep(this.#seen, { by, nick, text, at: this.#now(), ...(msgid !== undefined && { msgid }) })
  }

  sawGone(by: object, nick: string): void {
    keep(this.#seen, { by, nick, gone: true, at: this.#now() })
  }

  /** A line is known to have been taken, so that a sighting of it proves nothing about another of the same text. */
  accepted(nick: string, text: string): void {
    keep(this.#accepted, { nick, text, at: this.#now() })
  }

  /**
   * Whether a line written at `at` came through: `yes` when somebody saw it; `no` when somebody who was there all the
   * time saw its writer go and did not see the line; `unknown` otherwise.
   */
  ask(writer: object, nick: string, text: string, at: Date): Answer {
    let answer: 'no' | 'unknown' = 'unknown'
    for (const [by, since] of this.#since) {
      if (by === writer) continue
      const seen = this.#seen.filter((s) => s.by === by && s.nick === nick && s.at >= since)
      const sightings = seen.filter((s) => s.text === text)
      const others = this.#accepted.filter((a) => a.nick === nick && a.text === text && a.at >= since).length
      const sighting = sightings[others]
      if (sighting !== undefined) {
        const { msgid } = sighting
        return { seen: 'yes', ...(msgid !== undefined && { msgid }) }
      }
      if (since < at.getTime() && seen.some((s) => s.gone === true && s.at >= at.getTime())) answer = 'no'
    }
    return { seen: answer }
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

function keep<T extends { at: number }>(list: T[], item: T): void {
  list.push(item)
  while (list.length > KEPT || item.at - (list[0]?.at ?? item.at) > KEPT_MS) list.shift()
}
