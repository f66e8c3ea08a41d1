import type { Clock } from '../model/clock.ts'
import type { MatrixRoomId, MatrixUserId, NetworkName, RemoteUserId } from '../model/ids.ts'
import type { MatrixSide } from '../matrix/index.ts'
import { bareId } from './puppets.ts'
import type { Puppets } from './puppets.ts'

const FRESH_MS = 5 * 60_000
const CACHED = 10_000

/** What to call people in words, on either side. */
export class Names {
  readonly #matrix: MatrixSide
  readonly #puppets: Puppets
  readonly #clock: Clock
  readonly #cache = new Map<string, { name: string; at: number }>()

  constructor(matrix: MatrixSide, puppets: Puppets, clock: Clock) {
    this.#matrix = matrix
    this.#puppets = puppets
    this.#clock = clock
  }

  /** The name of a Matrix user in a room; their localpart when the homeserver does not say. */
  async ofUser(room: MatrixRoomId, user: MatrixUserId): Promise<string> {
    const key = `${room}\n${user}`
    const now = this.#clock.now().getTime()
    const cached = this.#cache.get(key)
    if (cached && now - cached.at < FRESH_MS) return cached.name
    const name = await this.#ask(room, user)
    if (this.#cache.size >= CACHED) this.#cache.clear()
    this.#cache.set(key, { name, at: now })
    return name
  }

  async ofRemote(network: NetworkName, id: RemoteUserId): Promise<string> {
    const ghost = await this.#puppets.ghostOf(network, { id })
    return ghost.name ?? ghost.handle ?? bareId(id)
  }

  /** A member event said so. */
  seen(room: MatrixRoomId, user: MatrixUserId, name: string): void {
    this.#cache.set(`${room}\n${user}`, { name, at: this.#clock.now().getTime() })
  }

  async #ask(room: MatrixRoomId, user: MatrixUserId): Promise<string> {
    try {
      const member = await this.#matrix.getState(room, 'm.room.member', user)
      const name = member?.['displayname']
      if (typeof name === 'string' && name.trim() !== '') return name.trim()
    } catch {
      // A name is a nicety: without an answer the localpart serves.
    }
    return user.slice(1).split(':')[0] ?? user
  }
}
