import type { Live } from './live.ts'
import { sendsTag } from './voice.ts'

const EVERY_MS = 3_000

/** Passes on that somebody types: at most once in three seconds, as the typing specification asks, and its end. */
export class Typing {
  readonly #sentAt = new WeakMap<Live, Map<string, number>>()

  send(live: Live, target: string, typing: boolean, now: Date): void {
    if (!sendsTag(live, 'typing')) return
    const times = this.#sentAt.get(live) ?? new Map<string, number>()
    this.#sentAt.set(live, times)
    const last = times.get(target)
    if (typing && last !== undefined && now.getTime() - last < EVERY_MS) return
    if (!typing && !times.delete(target)) return
    if (typing) times.set(target, now.getTime())
    live.post(
      { command: 'TAGMSG', params: [target], tags: { '+typing': typing ? 'active' : 'done' } },
      'hint',
    )
  }
}
