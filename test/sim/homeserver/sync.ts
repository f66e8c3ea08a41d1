import type { AccountData } from './account-data.ts'
import type { Ephemeral } from './ephemeral.ts'
import type { EventLog } from './event-log.ts'
import type { Room } from './room.ts'
import type { StoredEvent } from './stored-event.ts'
import { clientForm } from './stored-event.ts'
import type { Content, Requester } from './types.ts'
import { isContent } from './types.ts'

const DEFAULT_TIMELINE = 10

type Sections = { join: Content; invite: Content; leave: Content }

/** `GET /sync`: full answers, increments and long polling. */
export class Sync {
  readonly #log: EventLog
  readonly #ephemeral: Ephemeral
  readonly #accountData: AccountData
  readonly #waiting = new Set<{ userId: string; wake: () => void }>()

  constructor(log: EventLog, ephemeral: Ephemeral, accountData: AccountData) {
    this.#log = log
    this.#ephemeral = ephemeral
    this.#accountData = accountData
    log.onAppend((event, room) => this.#wake((id) => room.joined.has(id) || event.stateKey === id))
    ephemeral.onChange((event) => this.#wake((id) => log.room(event.room_id).joined.has(id)))
    accountData.onChange((userId) => this.#wake((id) => id === userId))
  }

  /** Answers at once if there is anything, else when there is or after `timeoutMs`. */
  async poll(
    requester: Requester,
    query: URLSearchParams,
    filter: Content,
    signal: AbortSignal,
  ): Promise<Content> {
    const since = Number((query.get('since') ?? 's0').slice(1))
    const deadline = Date.now() + Math.min(Number(query.get('timeout') ?? 0), 60_000)
    for (;;) {
      const { answer, isEmpty } = this.#build(requester, since, filter)
      if (!isEmpty || since === 0 || Date.now() >= deadline) return answer
      await this.#change(requester.userId, deadline - Date.now(), signal)
    }
  }

  /** True while a request of the user waits for news. */
  isWaiting(userId: string): boolean {
    return [...this.#waiting].some((waiting) => waiting.userId === userId)
  }

  #build(requester: Requester, since: number, filter: Content): { answer: Content; isEmpty: boolean } {
    const sections: Sections = { join: {}, invite: {}, leave: {} }
    const { accepts, limit } = roomFilter(filter)
    for (const room of this.#log.roomsOf(requester.userId)) {
      if (accepts(room.id)) this.#addRoom(requester, room, since, limit, sections)
    }
    const accountData = this.#accountData.changes(requester.userId, '', since)
    const isEmpty =
      accountData.length === 0 && Object.values(sections).every((part) => Object.keys(part).length === 0)
    const answer = {
      next_batch: `s${this.#log.position}`,
      rooms: sections,
      account_data: { events: accountData },
      presence: { events: [] },
      to_device: { events: [] },
      device_lists: { changed: [], left: [] },
      device_one_time_keys_count: {},
    }
    return { answer, isEmpty }
  }

  #addRoom(requester: Requester, room: Room, since: number, limit: number, sections: Sections): void {
    const { userId } = requester
    const member = room.stateEvent('m.room.member', userId)
    if (member === undefined || room.forgottenBy.has(userId)) return
    switch (member.content['membership']) {
      case 'join': {
        const part = this.#joined(requester, room, since, limit)
        if (part !== undefined) sections.join[room.id] = part
        return
      }
      case 'invite': {
        const events = [...room.stripped(member.sender), { ...clientForm(member, null), unsigned: undefined }]
        if (member.position > since) sections.invite[room.id] = { invite_state: { events } }
        return
      }
      default:
        if (since === 0 || member.position <= since) return
        sections.leave[room.id] = timelineOf(requester, room, since, limit, member.index + 1)
    }
  }

  #joined(requester: Requester, room: Room, since: number, limit: number): Content | undefined {
    const { userId } = requester
    const ephemeral = this.#ephemeral.changes(room.id, userId, since)
    const accountData = this.#accountData.changes(userId, room.id, since)
    if (room.lastPosition() <= since && ephemeral.length === 0 && accountData.length === 0) return undefined
    // A room joined after `since` is new to the client: it gets everything.
    const from = room.joinedSince(userId) > since ? 0 : since
    return {
      ...timelineOf(requester, room, from, limit, room.timeline.length),
      ephemeral: { events: ephemeral.map(({ type, content }) => ({ type, content })) },
      account_data: { events: accountData },
      summary: { 'm.joined_member_count': room.joined.size },
      unread_notifications: {},
    }
  }

  #change(userId: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', aborted)
        finish()
      }
      const waiting = { userId, wake: () => done(resolve) }
      const aborted = (): void => done(() => reject(new Error('the homeserver was killed')))
      const timer = setTimeout(waiting.wake, timeoutMs)
      this.#waiting.add(waiting)
      signal.addEventListener('abort', aborted, { once: true })
    })
  }

  #wake(concerns: (userId: string) => boolean): void {
    for (const waiting of this.#waiting) if (concerns(waiting.userId)) waiting.wake()
  }
}

/** Timeline between `since` and the index `end`, with the state before it that the client does not have. */
function timelineOf(requester: Requester, room: Room, since: number, limit: number, end: number): Content {
  const first = room.indexAt(since)
  const start = Math.max(first, end - limit)
  const view = (event: StoredEvent): object => clientForm(event, requester)
  const state: StoredEvent[] = []
  if (start > first) {
    for (const current of room.stateEvents()) {
      let event: StoredEvent | undefined = current
      while (event !== undefined && event.index >= start) event = event.replaces
      if (event !== undefined && event.position > since) state.push(event)
    }
  }
  return {
    timeline: {
      events: room.timeline.slice(start, end).map(view),
      limited: start > first,
      prev_batch: `t${start}`,
    },
    state: { events: state.map(view) },
  }
}

function roomFilter(filter: Content): { accepts: (roomId: string) => boolean; limit: number } {
  const room = isContent(filter['room']) ? filter['room'] : {}
  const timeline = isContent(room['timeline']) ? room['timeline'] : {}
  const limit = timeline['limit']
  const { rooms, not_rooms: notRooms } = room
  const accepts = (roomId: string): boolean =>
    (!Array.isArray(rooms) || rooms.includes(roomId)) &&
    !(Array.isArray(notRooms) && notRooms.includes(roomId))
  return { accepts, limit: typeof limit === 'number' ? limit : DEFAULT_TIMELINE }
}
