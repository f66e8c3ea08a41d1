import { setTimeout as delay } from 'node:timers/promises'
import { Watch } from './watch.ts'

type Json = Record<string, unknown>

/** An event of a room, as `/sync` gives it, with its room. Invite state is stripped: it has no event_id. */
export interface RoomEvent {
  readonly room_id: string
  readonly type: string
  readonly sender: string
  readonly content: Json
  readonly event_id?: string
  readonly state_key?: string
  readonly origin_server_ts?: number
  readonly redacts?: string
  readonly unsigned?: Json
}

export type SyncRequest = (query: Record<string, string>, signal: AbortSignal) => Promise<Json>

interface RoomUpdate {
  readonly state?: { readonly events: readonly RoomEvent[] }
  readonly timeline?: { readonly events: readonly RoomEvent[]; readonly limited?: boolean }
  readonly ephemeral?: { readonly events: readonly RoomEvent[] }
  readonly invite_state?: { readonly events: readonly RoomEvent[] }
}

const filter = JSON.stringify({ room: { timeline: { limit: 10_000 } } })

/** The sync loop of one device: keeps everything it saw, in order, and lets a test wait for more. */
export class MatrixSync {
  /** State before the timeline and timeline of joined and left rooms, in the order of arrival. */
  readonly events = new Watch<RoomEvent>()
  /** Stripped state of rooms this user was invited to. */
  readonly invites = new Watch<RoomEvent>()
  /** Typing and receipts. */
  readonly ephemeral = new Watch<RoomEvent>()
  readonly #request: SyncRequest
  readonly #ended = new AbortController()
  #loop: Promise<void> | undefined
  #since: string | undefined

  constructor(request: SyncRequest) {
    this.#request = request
  }

  /** Makes the first request, so that everything from now on is seen, then loops. */
  async start(): Promise<void> {
    await this.#once('0')
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#loop
  }

  /** Events of one room so far, in order. */
  room(roomId: string): RoomEvent[] {
    return this.events.all.filter((event) => event.room_id === roomId)
  }

  /** The first event, past or to come, that satisfies `wanted`. */
  async waitForEvent(wanted: (event: RoomEvent) => boolean, timeoutMs?: number): Promise<RoomEvent> {
    return this.events.waitFor(wanted, timeoutMs === undefined ? {} : { timeoutMs })
  }

  /** The room id of the first invite to this user that satisfies `wanted`. */
  async waitForInvite(userId: string, wanted: (event: RoomEvent) => boolean = () => true): Promise<string> {
    const invite = await this.invites.waitFor(
      (event) => event.type === 'm.room.member' && event.state_key === userId && wanted(event),
    )
    return invite.room_id
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      try {
        await this.#once('30000')
      } catch {
        // The homeserver is away or was killed: this device simply asks again.
        if (!this.#ended.signal.aborted) await delay(100)
      }
    }
  }

  async #once(timeout: string): Promise<void> {
    const query = { timeout, filter, ...(this.#since === undefined ? {} : { since: this.#since }) }
    const answer = await this.#request(query, this.#ended.signal)
    const rooms = (answer['rooms'] ?? {}) as Record<string, Record<string, RoomUpdate>>
    for (const kind of ['join', 'leave']) {
      for (const [roomId, update] of Object.entries(rooms[kind] ?? {})) this.#accept(roomId, update)
    }
    for (const [roomId, update] of Object.entries(rooms['invite'] ?? {})) {
      this.invites.push(...inRoom(roomId, update.invite_state?.events))
    }
    this.#since = String(answer['next_batch'])
  }

  #accept(roomId: string, update: RoomUpdate): void {
    this.events.push(...inRoom(roomId, update.state?.events), ...inRoom(roomId, update.timeline?.events))
    this.ephemeral.push(...inRoom(roomId, update.ephemeral?.events))
  }
}

const inRoom = (roomId: string, events: readonly RoomEvent[] = []): RoomEvent[] =>
  events.map((event) => ({ ...event, room_id: roomId }))
