import type { MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import type { MatrixOutcome, MatrixSide } from '../matrix/index.ts'

const CACHED_ROOMS = 2_000

/** Who of ours is in which room, so that a message costs one request and not three. */
export class RoomMembers {
  readonly #matrix: MatrixSide
  readonly #rooms = new Map<MatrixRoomId, Set<string>>()

  constructor(matrix: MatrixSide) {
    this.#matrix = matrix
  }

  /** Joined members. Asked of the homeserver once a room, kept up by events and by what we do ourselves. */
  async joined(room: MatrixRoomId): Promise<ReadonlySet<string>> {
    const known = this.#rooms.get(room)
    if (known) return known
    const members = new Set<string>((await this.#matrix.members(room)).map(({ user }) => user))
    if (this.#rooms.size >= CACHED_ROOMS) {
      const oldest = this.#rooms.keys().next().value
      if (oldest) this.#rooms.delete(oldest)
    }
    this.#rooms.set(room, members)
    return members
  }

  async ensureJoined(room: MatrixRoomId, user: MatrixUserId): Promise<MatrixOutcome | undefined> {
    if ((await this.joined(room)).has(user)) return undefined
    const outcome = await this.#matrix.membership({ room, user, action: 'join' })
    if (outcome.kind === 'delivered') this.#rooms.get(room)?.add(user)
    return outcome.kind === 'delivered' ? undefined : outcome
  }

  /** A membership event went through the room. */
  seen(room: MatrixRoomId, user: string, membership: string): void {
    // The invitation by which somebody of ours came in may be told after they are known to be there.
    if (membership === 'join') this.#rooms.get(room)?.add(user)
    else if (membership !== 'invite') this.#rooms.get(room)?.delete(user)
  }

  forget(room: MatrixRoomId): void {
    this.#rooms.delete(room)
  }
}
