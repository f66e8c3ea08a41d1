import { matrixEventId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { Serial } from './bounded.ts'
import { outcomeFor, settle } from './classify.ts'
import type { Client } from './client.ts'
import type { Reply } from './http.ts'
import type { Actor, MatrixOutcome } from './ports.ts'

/** How a person has a room in their own list; nobody else sees it. */
export type PersonalChange =
  | { kind: 'tag'; tag: 'm.favourite' | 'm.lowpriority'; on: boolean }
  /** No notifications of the room. */
  | { kind: 'mute'; on: boolean }
  | { kind: 'unread'; on: boolean }

/** MSC2867 and its name before. */
const UNREAD = ['m.marked_unread', 'com.famedly.marked_unread'] as const

/** What the bridge does for people in their own account data, by the double puppet registration. */
export class Person {
  readonly #client: Client
  readonly #directLock = new Serial<MatrixUserId>()

  constructor(client: Client) {
    this.#client = client
  }

  /** Changes how a person has a room in their own list. Never throws. */
  async change(user: MatrixUserId, room: MatrixRoomId, change: PersonalChange): Promise<MatrixOutcome> {
    const person: Actor = { user, puppet: 'double' }
    switch (change.kind) {
      case 'tag': {
        const params = [user, room, change.tag]
        return change.on
          ? ended(person, this.#client.call('putTag', params, person, { body: { order: 0.5 } }))
          : ended(person, this.#client.call('deleteTag', params, person))
      }
      case 'mute': {
        // Specification, "Push rules": a rule of the room without actions is silence.
        const body = { actions: [] }
        return change.on
          ? ended(person, this.#client.call('putRoomRule', [room], person, { body }))
          : ended(person, this.#client.call('deleteRoomRule', [room], person))
      }
      case 'unread': {
        for (const type of UNREAD) {
          const options = { body: { unread: change.on } }
          const written = this.#client.call('putRoomData', [user, room, type], person, options)
          const outcome = await ended(person, written)
          if (outcome.kind !== 'delivered') return outcome
        }
        return DONE
      }
    }
  }

  /** Notes in a person's `m.direct` that a room is their chat with somebody. Never throws. */
  directChat(user: MatrixUserId, other: MatrixUserId, room: MatrixRoomId): Promise<MatrixOutcome> {
    const person: Actor = { user, puppet: 'double' }
    const params = [user, 'm.direct']
    // Account data has no way to change a part: read, merge, write, one at a time for each person.
    return this.#directLock.run(user, async () => {
      const read = await settle(this.#client.call('getAccountData', params, person))
      if (read.kind !== 'ok' && read.kind !== 'not-found') return outcomeFor(person, read)
      const direct = read.kind === 'ok' ? read.body : {}
      const rooms = Array.isArray(direct[other]) ? (direct[other] as unknown[]) : []
      if (rooms.includes(room)) return DONE
      const body = { ...direct, [other]: [...rooms, room] }
      return ended(person, this.#client.call('putAccountData', params, person, { body }))
    })
  }
}

const DONE: MatrixOutcome = { kind: 'delivered', eventId: matrixEventId('') }

/** What is gone already need not be taken away. */
async function ended(person: Actor, request: Promise<Reply>): Promise<MatrixOutcome> {
  const verdict = await settle(request)
  return verdict.kind === 'ok' || verdict.kind === 'not-found' ? DONE : outcomeFor(person, verdict)
}
