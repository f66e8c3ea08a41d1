import { performance } from 'node:perf_hooks'
import { matrixEventId, matrixRoomId, matrixUserId } from '../model/ids.ts'
import type { MatrixEventId, MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { outcomeFor, settle } from './classify.ts'
import type { Client } from './client.ts'
import { senderOf } from './client.ts'
import type { Reply } from './http.ts'
import type { Actor, MatrixConfig, MatrixOutcome } from './ports.ts'
import { eventsIn } from './scan.ts'
import { errorOf } from './state.ts'

export type Member = { user: MatrixUserId; name?: string; avatar?: string }
export type PingResult = { ok: boolean; why?: string; ms: number }
/** `end` is where the next page begins; absent at the beginning of the room. */
export type Page = { events: Record<string, unknown>[]; end?: string }

/** The homeserver calls that need nothing around them. */
export class Homeserver {
  readonly #client: Client
  readonly #config: MatrixConfig
  readonly #bot: Actor
  /** The registration's own user: it acts also when no user of ours is registered yet. */
  readonly #sender: Actor

  constructor(client: Client, config: MatrixConfig, bot: MatrixUserId) {
    this.#client = client
    this.#config = config
    this.#bot = { user: bot }
    this.#sender = { user: senderOf(config) }
  }

  async members(room: MatrixRoomId): Promise<Member[]> {
    const { joined } = await ask(this.#client.call('members', [room], this.#bot))
    return Object.entries(recordOf(joined)).map(([user, profile]) => {
      const { display_name: name, avatar_url: avatar } = recordOf(profile)
      const member: Member = { user: matrixUserId(user) }
      if (typeof name === 'string') member.name = name
      if (typeof avatar === 'string') member.avatar = avatar
      return member
    })
  }

  async joinedRooms(user: MatrixUserId): Promise<MatrixRoomId[]> {
    const { joined_rooms: rooms } = await ask(this.#client.call('joinedRooms', [], { user }))
    return Array.isArray(rooms) ? rooms.filter((room) => typeof room === 'string').map(matrixRoomId) : []
  }

  async forget(room: MatrixRoomId, actor: Actor): Promise<boolean> {
    return (await settle(this.#client.call('forget', [room], actor, { body: {} }))).kind === 'ok'
  }

  async ping(): Promise<PingResult> {
    const began = performance.now()
    const id = this.#config.appserviceId
    const verdict = await settle(this.#client.call('ping', [id], this.#sender, { body: {}, always: true }))
    const ms = Math.round(performance.now() - began)
    return verdict.kind === 'ok' ? { ok: true, ms } : { ok: false, why: verdict.why, ms }
  }

  async versions(): Promise<{ versions: string[]; unstable: Record<string, boolean> }> {
    const body = await ask(this.#client.call('versions', [], this.#sender))
    const { versions, unstable_features: unstable } = body
    return {
      versions: Array.isArray(versions) ? versions.filter((version) => typeof version === 'string') : [],
      unstable: Object.fromEntries(
        Object.entries(recordOf(unstable)).map(([name, on]): [string, boolean] => [name, on === true]),
      ),
    }
  }

  async whoami(): Promise<MatrixUserId> {
    const { user_id: user } = await ask(this.#client.call('whoami', [], this.#sender))
    return matrixUserId(String(user))
  }

  /** Gives a room one more alias; an alias that leads there already is as good as made. */
  async alias(alias: string, room: MatrixRoomId): Promise<MatrixOutcome> {
    const body = { room_id: room }
    const written = await settle(this.#client.call('putAlias', [alias], this.#bot, { body }))
    if (written.kind === 'ok') return DONE
    const read = await settle(this.#client.call('resolveAlias', [alias], this.#bot))
    return read.kind === 'ok' && read.body['room_id'] === room ? DONE : outcomeFor(this.#bot, written)
  }

  async roomMessages(room: MatrixRoomId, page: { from?: string; limit?: number }): Promise<Page> {
    const options = { limit: page.limit ?? 100, from: page.from }
    const { chunk, end } = await ask(this.#client.messages(this.#bot, room, options))
    const events: Record<string, unknown>[] = eventsIn(chunk)
    return typeof end === 'string' && end !== page.from ? { events, end } : { events }
  }

  /** What stands in a room before an event, newest first; undefined when the bot may not see it. @throws ViaductError */
  async eventsBefore(
    room: MatrixRoomId,
    event: MatrixEventId,
    page: { from?: string; limit: number },
  ): Promise<Page | undefined> {
    if (page.from !== undefined) return this.roomMessages(room, page)
    // The specification shares the limit between what was before and what came after.
    const query = { limit: String(page.limit * 2), filter: '{"lazy_load_members":true}' }
    const verdict = await settle(this.#client.call('context', [room, event], this.#bot, { query }))
    if (verdict.kind === 'doubt' || verdict.kind === 'limited') throw errorOf(verdict)
    if (verdict.kind !== 'ok') return undefined
    const { events_before: before, start } = verdict.body
    return typeof start === 'string' ? { events: eventsIn(before), end: start } : { events: eventsIn(before) }
  }
}

const DONE: MatrixOutcome = { kind: 'delivered', eventId: matrixEventId('') }

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** The body of a successful answer. @throws ViaductError */
async function ask(request: Promise<Reply>): Promise<Record<string, unknown>> {
  const verdict = await settle(request)
  if (verdict.kind !== 'ok') throw errorOf(verdict)
  return verdict.body
}
