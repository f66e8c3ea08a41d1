import type { EventLog } from './event-log.ts'
import type { Content } from './types.ts'

type Entry = { content: Content; position: number }

/** Account data of users, global (room id '') and per room. */
export class AccountData {
  readonly #log: EventLog
  readonly #entries = new Map<string, Map<string, Map<string, Entry>>>()
  readonly #listeners = new Set<(userId: string) => void>()

  constructor(log: EventLog) {
    this.#log = log
  }

  onChange(listener: (userId: string) => void): void {
    this.#listeners.add(listener)
  }

  get(userId: string, roomId: string, type: string): Content | undefined {
    return this.#entries.get(userId)?.get(roomId)?.get(type)?.content
  }

  set(userId: string, roomId: string, type: string, content: Content): void {
    let ofUser = this.#entries.get(userId)
    if (ofUser === undefined) this.#entries.set(userId, (ofUser = new Map<string, Map<string, Entry>>()))
    let ofRoom = ofUser.get(roomId)
    if (ofRoom === undefined) ofUser.set(roomId, (ofRoom = new Map<string, Entry>()))
    ofRoom.set(type, { content, position: this.#log.nextPosition() })
    for (const listener of this.#listeners) listener(userId)
  }

  changes(userId: string, roomId: string, since: number): { type: string; content: Content }[] {
    const entries = [...(this.#entries.get(userId)?.get(roomId) ?? [])]
    return entries
      .filter(([, entry]) => entry.position > since)
      .map(([type, { content }]) => ({ type, content }))
  }
}
