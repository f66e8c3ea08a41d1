import type { Clock } from '../../model/clock.ts'

const KEPT = 500
const KEPT_MS = 60_000

type Mark = { key: string; at: number }
type Line = Mark & { take: () => void }
type Member = {
  /** Taken in from another connection, and not seen on this one yet. */
  behind: Mark[]
  /** Seen here, and not taken in from the leader yet. */
  ahead: Line[]
}

/**
 * The lines of one channel as several of our connections see them: exactly one, the leader, feeds Matrix. The others keep
 * what they saw beyond it, so that when the leader goes the next one goes on behind its last line: none lost, none twice.
 */
export class ChannelFeed<M extends object> {
  readonly #clock: Clock
  readonly #onLeader: (leader: M | undefined) => void
  readonly #members = new Map<M, Member>()
  #leader: M | undefined

  /** @param onLeader called when another connection leads, or none does */
  constructor(clock: Clock, onLeader: (leader: M | undefined) => void) {
    this.#clock = clock
    this.#onLeader = onLeader
  }

  get leader(): M | undefined {
    return this.#leader
  }

  get members(): M[] {
    return [...this.#members.keys()]
  }

  join(member: M): void {
    if (this.#members.has(member)) return
    this.#members.set(member, { behind: [], ahead: [] })
    if (this.#leader === undefined) this.#lead(member)
  }

  leave(member: M): void {
    if (!this.#members.delete(member) || this.#leader !== member) return
    const [next] = this.#members.keys()
    this.#lead(next)
    const missed = next === undefined ? undefined : this.#members.get(next)
    if (next === undefined || missed === undefined) return
    for (const line of fresh(missed.ahead.splice(0), this.#now())) this.#take(next, line)
  }

  /**
   * A line was seen by one of our connections. `key` is equal for all of them; `take` hands it in, and is called at most
   * once for all.
   */
  offer(member: M, key: string, take: () => void): void {
    const state = this.#members.get(member)
    if (state === undefined) return
    const line = { key, at: this.#now(), take }
    if (removeFirst(state.behind, key)) return
    if (member === this.#leader) this.#take(member, line)
    else keep(state.ahead, line)
  }

  #lead(member: M | undefined): void {
    this.#leader = member
    this.#onLeader(member)
  }

  #take(from: M, line: Line): void {
    for (const [member, { ahead, behind }] of this.#members) {
      if (member === from) continue
      if (!removeFirst(ahead, line.key)) keep(behind, { key: line.key, at: line.at })
    }
    line.take()
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

const fresh = <T extends Mark>(marks: T[], now: number) => marks.filter((mark) => now - mark.at < KEPT_MS)

function keep<T extends Mark>(marks: T[], mark: T): void {
  marks.push(mark)
  while (marks.length > KEPT || mark.at - (marks[0]?.at ?? mark.at) > KEPT_MS) marks.shift()
}

function removeFirst(marks: Mark[], key: string): boolean {
  const at = marks.findIndex((mark) => mark.key === key)
  if (at >= 0) marks.splice(at, 1)
  return at >= 0
}
