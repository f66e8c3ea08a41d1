import type { Appservice } from './appservice.ts'
import type { EventLog } from './event-log.ts'
import type { Room } from './room.ts'
import type { StoredEvent } from './stored-event.ts'

/** Which appservices get the events of a room; counts instead of looking at every member each time. */
export class Interests {
  readonly #log: EventLog
  readonly #appservices: Appservice[] = []
  /** Joined users of each appservice's namespace, by room. */
  readonly #members = new Map<Room, Map<Appservice, number>>()

  constructor(log: EventLog) {
    this.#log = log
    log.onAppend((event, room) => this.#follow(event, room))
  }

  add(appservice: Appservice): void {
    this.#appservices.push(appservice)
    for (const room of this.#log.rooms.values()) {
      for (const userId of room.joined) if (appservice.ownsUser(userId)) this.#count(room, appservice, 1)
    }
  }

  /** Synapse's rule: sender or target of a membership in the namespace, a member of the room, or an alias. */
  inEvent(event: StoredEvent, room: Room): Appservice[] {
    return this.#appservices.filter(
      (appservice) =>
        this.#hasMember(room, appservice) ||
        appservice.ownsUser(event.sender) ||
        (event.type === 'm.room.member' && appservice.ownsUser(event.stateKey ?? '')) ||
        hasAlias(room, appservice),
    )
  }

  inRoom(room: Room): Appservice[] {
    return this.#appservices.filter((one) => this.#hasMember(room, one) || hasAlias(room, one))
  }

  #hasMember(room: Room, appservice: Appservice): boolean {
    return (this.#members.get(room)?.get(appservice) ?? 0) > 0
  }

  #follow(event: StoredEvent, room: Room): void {
    if (event.type !== 'm.room.member' || event.stateKey === undefined) return
    const was = event.replaces?.content['membership'] === 'join' ? 1 : 0
    const is = event.content['membership'] === 'join' ? 1 : 0
    if (was === is) return
    for (const appservice of this.#appservices) {
      if (appservice.ownsUser(event.stateKey)) this.#count(room, appservice, is - was)
    }
  }

  #count(room: Room, appservice: Appservice, change: number): void {
    let ofRoom = this.#members.get(room)
    if (ofRoom === undefined) this.#members.set(room, (ofRoom = new Map<Appservice, number>()))
    ofRoom.set(appservice, (ofRoom.get(appservice) ?? 0) + change)
  }
}

function hasAlias(room: Room, appservice: Appservice): boolean {
  for (const alias of room.aliases) if (appservice.ownsAlias(alias)) return true
  return false
}
