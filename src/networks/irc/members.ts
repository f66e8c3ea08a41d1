import type { NamesEntry } from './names-list.ts'

export type Member = {
  nick: string
  /** Rank modes, highest first. */
  modes: string
  /** May have a ghost in the room: has spoken, or was there before we could tell. */
  known: boolean
}

/** Who is in a channel and how it is set, as its leader sees it. Keys are casefolded nicks. */
export class Roster {
  readonly members = new Map<string, Member>()
  readonly settings = new Map<string, string>()
  readonly #fold: (name: string) => string
  #incoming: NamesEntry[] = []

  constructor(fold: (name: string) => string) {
    this.#fold = fold
  }

  get(nick: string): Member | undefined {
    return this.members.get(this.#fold(nick))
  }

  has(nick: string): boolean {
    return this.members.has(this.#fold(nick))
  }

  add(nick: string, modes = ''): Member {
    const member = this.get(nick) ?? { nick, modes, known: false }
    member.nick = nick
    this.members.set(this.#fold(nick), member)
    return member
  }

  /** @returns whom it took out */
  remove(nick: string): Member | undefined {
    const folded = this.#fold(nick)
    const member = this.members.get(folded)
    this.members.delete(folded)
    return member
  }

  rename(from: string, to: string): Member | undefined {
    const member = this.remove(from)
    if (member !== undefined) this.members.set(this.#fold(to), { ...member, nick: to })
    return member
  }

  /** Takes the names of one 353. */
  collect(names: NamesEntry[]): void {
    this.#incoming.push(...names)
  }

  /** 366: what was collected is the truth. @returns it */
  settle(): Member[] {
    const before = new Map(this.members)
    this.members.clear()
    for (const { nick, modes } of this.#incoming) {
      // Whoever was there before us may have a ghost from an earlier time.
      const known = before.get(this.#fold(nick))?.known ?? true
      this.members.set(this.#fold(nick), { nick, modes, known })
    }
    this.#incoming = []
    return [...this.members.values()]
  }

  clear(): void {
    this.members.clear()
    this.settings.clear()
    this.#incoming = []
  }
}
