import type { StoredEvent } from './stored-event.ts'
import type { Content, RoomVersion, StrippedEvent } from './types.ts'
import { text } from './types.ts'

/** State that an invited user gets to see (Client-Server API, "Stripped state"). */
const STRIPPED_TYPES =
  'm.room.create m.room.name m.room.avatar m.room.topic m.room.join_rules m.room.canonical_alias m.room.encryption'.split(
    ' ',
  )

/** The timeline of one room and the state that follows from it. */
export class Room {
  readonly id: string
  readonly version: RoomVersion
  readonly timeline: StoredEvent[] = []
  readonly joined = new Set<string>()
  readonly forgottenBy = new Set<string>()
  readonly aliases = new Set<string>()
  /** Events that others relate to by annotation: see `annotationKey`. */
  readonly annotations = new Map<string, string>()
  readonly #state = new Map<string, Map<string, StoredEvent>>()

  constructor(id: string, version: RoomVersion) {
    this.id = id
    this.version = version
  }

  /** Adds an event that was checked before. */
  apply(event: StoredEvent): void {
    this.timeline.push(event)
    if (event.stateKey === undefined) return
    let ofType = this.#state.get(event.type)
    if (ofType === undefined) this.#state.set(event.type, (ofType = new Map<string, StoredEvent>()))
    ofType.set(event.stateKey, event)
    if (event.type !== 'm.room.member') return
    if (event.content['membership'] === 'join') this.joined.add(event.stateKey)
    else this.joined.delete(event.stateKey)
    this.forgottenBy.delete(event.stateKey)
  }

  stateEvent(type: string, key = ''): StoredEvent | undefined {
    return this.#state.get(type)?.get(key)
  }

  stateContent(type: string, key = ''): Content | undefined {
    return this.stateEvent(type, key)?.content
  }

  *stateEvents(): Generator<StoredEvent> {
    for (const ofType of this.#state.values()) yield* ofType.values()
  }

  memberEvents(): StoredEvent[] {
    return [...(this.#state.get('m.room.member')?.values() ?? [])]
  }

  membership(userId: string): string | undefined {
    const content = this.stateContent('m.room.member', userId)
    return content === undefined ? undefined : text(content, 'membership')
  }

  /** Position of the join since which the user has been in the room without a break. */
  joinedSince(userId: string): number {
    let event = this.stateEvent('m.room.member', userId)
    while (event?.replaces !== undefined && event.replaces.content['membership'] === 'join')
      event = event.replaces
    return event?.position ?? Infinity
  }

  lastPosition(): number {
    return this.timeline.at(-1)?.position ?? 0
  }

  /** How many of the room's events are not later than `position`. */
  indexAt(position: number): number {
    let low = 0
    let high = this.timeline.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.timeline[middle]?.position ?? Infinity) <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  stripped(inviter: string): StrippedEvent[] {
    const events = STRIPPED_TYPES.map((type) => this.stateEvent(type))
    events.push(this.stateEvent('m.room.member', inviter))
    return events
      .filter((event) => event !== undefined)
      .map(({ type, stateKey, sender, content }) => ({ type, state_key: stateKey ?? '', sender, content }))
  }
}
