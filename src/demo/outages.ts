import type { World } from './world.ts'

export type OutageKind = 'irc' | 'homeserver'

/** What the page can break, and how long it stays broken. Everything mends by itself. */
export class Outages {
  readonly #world: World
  readonly #changed: () => void
  readonly #until = new Map<OutageKind, { at: number; timer: NodeJS.Timeout }>()

  constructor(world: World, changed: () => void) {
    this.#world = world
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
    if (before === undefined) await this.#break(kind)
    this.#changed()
  }

  stop(): void {
    for (const { timer } of this.#until.values()) clearTimeout(timer)
    this.#until.clear()
  }

  async #break(kind: OutageKind): Promise<void> {
    if (kind === 'homeserver') return this.#world.homeserver.kill()
    for (const cable of this.#world.cables) cable.cut()
  }

  async #end(kind: OutageKind): Promise<void> {
    this.#until.delete(kind)
    if (kind === 'homeserver') await this.#world.homeserver.restart()
    else for (const cable of this.#world.cables) cable.mend()
    this.#changed()
  }
}
