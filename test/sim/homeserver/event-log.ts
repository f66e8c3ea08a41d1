import { randomBytes } from 'node:crypto'
import { MatrixError } from './errors.ts'
import type { EventDraft, StoredEvent } from './stored-event.ts'
import { assertAcceptable } from './stored-event.ts'
import { Room } from './room.ts'
import type { RoomVersion } from './types.ts'

type Listener = (event: StoredEvent, room: Room) => void

/** All rooms and all their events in order of arrival. Survives a kill, like the homeserver's database. */
export class EventLog {
  readonly events: StoredEvent[] = []
  readonly rooms = new Map<string, Room>()
  readonly #serverName: string
  readonly #byId = new Map<string, StoredEvent>()
  readonly #roomsOfUser = new Map<string, Set<Room>>()
  readonly #listeners = new Set<Listener>()
  readonly #idPrefix = randomBytes(24).toString('base64url')
  #position = 0

  constructor(serverName: string) {
    this.#serverName = serverName
  }

  /** Place of the newest thing in the stream: events, typing, receipts and account data share it. */
  get position(): number {
    return this.#position
  }

  nextPosition(): number {
    return ++this.#position
  }

  /** Calls back after each stored event, in the same tick. Returns how to stop it. */
  onAppend(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  newRoomId(version: RoomVersion): string {
    // Room version 12 names a room by the hash of its create event: no server name in it (MSC4291).
    return version === '12' ? `!${randomBytes(32).toString('base64url')}` : `!${token()}:${this.#serverName}`
  }

  addRoom(id: string, version: RoomVersion): Room {
    const room = new Room(id, version)
    this.rooms.set(id, room)
    return room
  }

  room(roomId: string): Room {
    const room = this.rooms.get(roomId)
    if (room === undefined) {
      throw new MatrixError(404, 'M_NOT_FOUND', `Could not find room with id ${roomId}`)
    }
    return room
  }

  event(eventId: string): StoredEvent | undefined {
    return this.#byId.get(eventId)
  }

  /** Every room in which the user has or had a membership. */
  roomsOf(userId: string): ReadonlySet<Room> {
    return this.#roomsOfUser.get(userId) ?? new Set()
  }

  /** Stores an event whose permissions were checked before. Throws if it is malformed or too large. */
  append(room: Room, draft: EventDraft): StoredEvent {
    assertAcceptable(room.id, draft)
    const position = this.nextPosition()
    const event: StoredEvent = {
      id: `$${this.#idPrefix}${position.toString(36).padStart(11, '0')}`,
      position,
      index: room.timeline.length,
      roomId: room.id,
      type: draft.type,
      sender: draft.sender,
      timestampMs: draft.timestampMs ?? Date.now(),
      stateKey: draft.stateKey,
      redacts: draft.redacts,
      transaction: draft.transaction,
      replaces: draft.stateKey === undefined ? undefined : room.stateEvent(draft.type, draft.stateKey),
      content: draft.content,
      redactedBy: undefined,
    }
    this.#byId.set(event.id, event)
    this.events.push(event)
    room.apply(event)
    if (event.type === 'm.room.member' && event.stateKey !== undefined) this.#index(event.stateKey, room)
    for (const listener of this.#listeners) listener(event, room)
    return event
  }

  #index(userId: string, room: Room): void {
    const rooms = this.#roomsOfUser.get(userId)
    if (rooms === undefined) this.#roomsOfUser.set(userId, new Set([room]))
    else rooms.add(room)
  }
}

function token(): string {
  return randomBytes(13).toString('base64url')
}
