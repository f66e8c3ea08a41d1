import type { SideId } from './side.ts'

export type OutageKind = SideId | 'homeserver'

/** Something that can be taken away, and comes back. */
export type Breakable = { cut(): Promise<void> | void; mend(): Promise<void> | void }

/** What the page can break, and how long it stays broken. Everything mends by itself. */
export class Outages {
  readonly #parts: Readonly<Record<OutageKind, Breakable>>
  readonly #changed: () => void
  readonly #until = new Map<OutageKind, { at: number; timer: NodeJS.Timeout }>()

  constructor(parts: Readonly<Record<OutageKind, Breakable>>, changed: () => void) {
    this.#parts = parts
    this.#changed = changed
  }

  /** When each that is under way ends, in milliseconds since 1970. */
  get until(): Partial<Record<OutageKind, number>> {
    return Object.fromEntries([...this.#until].map(([kind, { at }]) => [kind, at]))
  }

  isDown(kind: OutageKind): boolean {
    return this.#until.has(kind)
  }

  /** Breaks something for `ms` milliseconds; one that is broken already stays so for that long from now. */
  async begin(kind: OutageKind, ms: number): Promise<void> {
    const before = this.#until.get(kind)
    clearTimeout(before?.timer)
    const timer = setTimeout(() => void this.#end(kind), ms)
    this.#until.set(kind, { at: Date.now() + ms, timer })
    if (before === undefined) await this.#parts[kind].cut()
    this.#changed()
  }

  stop(): void {
    for (const { timer } of this.#until.values()) clearTimeout(timer)
    this.#until.clear()
  }

  async #end(kind: OutageKind): Promise<void> {
    this.#until.delete(kind)
    await this.#parts[kind].mend()
    this.#changed()
  }
}
