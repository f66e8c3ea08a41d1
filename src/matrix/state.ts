import { isDeepStrictEqual } from 'node:util'
import { ViaductError } from '../model/errors.ts'
import { matrixEventId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { BoundedMap, Serial } from './bounded.ts'
import { outcomeOf, settle } from './classify.ts'
import type { Failure } from './classify.ts'
import type { Client } from './client.ts'
import type { Actor, MatrixOutcome } from './ports.ts'
import { applyPower, creatorsRule } from './power.ts'
import type { PowerChanges, PowerLevels, RoomVersionInfo } from './power.ts'
import type { Sender } from './sender.ts'

export type StateRequest = {
  room: MatrixRoomId
  as: MatrixUserId
  type: string
  key: string
  content: Record<string, unknown>
  at?: Date
}

type Envelope = { content: Record<string, unknown>; sender?: string; eventId?: string }

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads and writes the state of rooms. */
export class RoomState {
  readonly #client: Client
  readonly #sender: Sender
  readonly #bot: Actor
  readonly #versions = new BoundedMap<MatrixRoomId, RoomVersionInfo>(10_000)
  readonly #powerLock = new Serial<MatrixRoomId>()

  constructor(client: Client, sender: Sender, bot: MatrixUserId) {
    this.#client = client
    this.#sender = sender
    this.#bot = { user: bot }
  }

  /** A state event's content, or undefined when there is none. @throws ViaductError when it cannot be read. */
  async get(room: MatrixRoomId, type: string, key: string): Promise<Record<string, unknown> | undefined> {
    const found = await this.#read(this.#bot, room, type, key)
    if (found === undefined || !('kind' in found)) return found?.content
    throw errorOf(found)
  }

  /** Sets a state event unless it is so already. */
  async set(r: StateRequest): Promise<MatrixOutcome> {
    const actor = { user: r.as }
    const current = await this.#read(actor, r.room, r.type, r.key)
    if (current !== undefined && !('kind' in current) && isDeepStrictEqual(current.content, r.content))
      return { kind: 'delivered', eventId: matrixEventId(current.eventId ?? '') }
    return this.#sender.perform({
      actor,
      room: r.room,
      type: r.type,
      attempts: 0,
      firstAttemptAt: undefined,
      txn: `${r.type} ${r.key}`,
      call: () => this.#client.putState(actor, r),
      matches: () => false,
    })
  }

  /** What does not change in a room's life. @throws ViaductError when it cannot be read. */
  async versionInfo(room: MatrixRoomId, as: Actor = this.#bot): Promise<RoomVersionInfo> {
    const known = this.#versions.get(room)
    if (known !== undefined) return known
    const create = await this.#read(as, room, 'm.room.create', '')
    if (create === undefined) throw new ViaductError('homeserver_refused', 'the room has no create event')
    if ('kind' in create) throw errorOf(create)
    const { room_version: given, additional_creators: more, creator } = create.content
    const version = typeof given === 'string' ? given : '1'
    const sender = create.sender ?? (typeof creator === 'string' ? creator : this.#bot.user)
    const others = Array.isArray(more) ? more.filter((user) => typeof user === 'string') : []
    const creators = creatorsRule(version) ? ([sender, ...others] as MatrixUserId[]) : []
    const info = { version, creators }
    this.#versions.set(room, info)
    return info
  }

  /** The power levels of a room; what it does not say has the specification's defaults. @throws ViaductError */
  async powerLevels(room: MatrixRoomId): Promise<PowerLevels> {
    return (await this.get(room, 'm.room.power_levels', '')) ?? {}
  }

  /** Changes power levels by the bot; one change after the other, so that none is lost. */
  setPower(room: MatrixRoomId, changes: PowerChanges): Promise<MatrixOutcome> {
    return this.#powerLock.run(room, async () => {
      try {
        const info = await this.versionInfo(room)
        const after = applyPower(await this.powerLevels(room), info, changes)
        if (after === undefined) return { kind: 'delivered', eventId: matrixEventId('') }
        return await this.set({
          room,
          as: this.#bot.user,
          type: 'm.room.power_levels',
          key: '',
          content: after,
        })
      } catch (error) {
        return outcomeOfError(error)
      }
    })
  }

  /** Gives one of our users, who is in the room, a name there that differs from the public one. */
  async setMemberName(room: MatrixRoomId, user: MatrixUserId, displayname: string): Promise<MatrixOutcome> {
    const current = await this.#read({ user }, room, 'm.room.member', user)
    const member = current === undefined || 'kind' in current ? {} : current.content
    if (member['membership'] === 'join' && member['displayname'] === displayname)
      return { kind: 'delivered', eventId: matrixEventId((current as Envelope).eventId ?? '') }
    const avatar = typeof member['avatar_url'] === 'string' ? { avatar_url: member['avatar_url'] } : {}
    const content = { membership: 'join', displayname, ...avatar }
    return this.set({ room, as: user, type: 'm.room.member', key: user, content })
  }

  async #read(
    actor: Actor,
    room: MatrixRoomId,
    type: string,
    key: string,
  ): Promise<Envelope | Failure | undefined> {
    const verdict = await settle(this.#client.getState(actor, room, type, key))
    if (verdict.kind === 'not-found') return undefined
    return verdict.kind === 'ok' ? envelope(verdict.body) : verdict
  }
}

function envelope(body: Record<string, unknown>): Envelope {
  const { content, sender, event_id: eventId } = body
  if (!isRecord(content) || typeof sender !== 'string') return { content: body }
  return typeof eventId === 'string' ? { content, sender, eventId } : { content, sender }
}

/** A failed read as an error that says whether it passes. */
export function errorOf(verdict: Failure): ViaductError {
  const code = outcomeOf(verdict).kind === 'retry' ? 'homeserver_down' : 'homeserver_refused'
  return new ViaductError(code, verdict.why)
}

/** The same, as the outcome of the write that needed the read. */
export function outcomeOfError(error: unknown): Exclude<MatrixOutcome, { kind: 'delivered' }> {
  const why = error instanceof Error ? error.message : String(error)
  if (error instanceof ViaductError && !error.retryable)
    return { kind: 'rejected', code: 'homeserver_refused', why }
  return { kind: 'retry', why }
}
