import type { Bridge } from 'matrix-appservice-bridge'
import type { Clock } from '../model/clock.ts'
import { matrixRoomId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId, MxcUri } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import { BoundedMap } from './bounded.ts'
import { classifyError, outcomeOf, settle } from './classify.ts'
import type { Failure } from './classify.ts'
import type { Client } from './client.ts'
import type { Ghosts } from './ghosts.ts'
import { isVerdict } from './membership.ts'
import type { Membership } from './membership.ts'
import type { MatrixConfig, MatrixOutcome, RoomOutcome } from './ports.ts'
import { portalPower } from './power.ts'
import type { RoomState } from './state.ts'

/** So long may a homeserver still be at work on a room whose request we have given up. */
const HALF_MADE_MS = 4000

export type StateEvent = { type: string; key?: string; content: Record<string, unknown> }

export type RoomRequest = {
  /** The alias' localpart; one room exists per alias, however often it is asked for. */
  alias: string
  name?: string
  topic?: string
  avatar?: MxcUri
  invite: readonly MatrixUserId[]
  direct: boolean
  ghosts?: readonly MatrixUserId[]
  powerUsers: Readonly<Record<string, number>>
  /** Content of the bridge info state (MSC2346). */
  bridgeInfo?: Record<string, unknown>
  /** A space holds other rooms. */
  type?: 'm.space'
  /** Room version; the homeserver's default unless given. */
  version?: string
  initialState?: readonly StateEvent[]
}

export type RoomsDeps = {
  bridge: Bridge
  client: Client
  ghosts: Ghosts
  membership: Membership
  state: RoomState
  config: MatrixConfig
  bot: MatrixUserId
  clock: Clock
  log: Logger
}

type Created = { room: MatrixRoomId } | Failure

/** Makes portals. The specification's createRoom is not idempotent; the alias makes it so. */
export class Rooms {
  readonly #deps: RoomsDeps
  readonly #halfMade = new BoundedMap<string, number>(1000)
  #defaultVersion: string | undefined

  constructor(deps: RoomsDeps) {
    this.#deps = deps
  }

  /** Makes a room, finds the one that an earlier attempt made, or mends what it left half made. Never throws. */
  async create(r: RoomRequest): Promise<RoomOutcome> {
    for (const user of [this.#deps.bot, ...(r.ghosts ?? [])]) {
      const failure = await this.#deps.ghosts.register(user)
      if (failure !== undefined) return outcomeOf(failure)
    }
    const version = r.version ?? (await this.#versionByDefault())
    let created = await this.#post(r, version, [...r.invite, ...(r.ghosts ?? [])])
    // The guess of the version was wrong: see `portalPower`.
    if ('kind' in created && created.why.includes('must not appear')) created = await this.#post(r, '12', [])
    if (!('kind' in created)) return this.#finish(created.room, r, version, { whole: true })
    if (outcomeOf(created).kind === 'retry') return outcomeOf(created)
    if (created.kind === 'refused' && created.status === 409)
      return { kind: 'retry', why: created.why, afterMs: 1000 }
    return this.#recover(r, version, created)
  }

  /** After a refusal: the room of an earlier attempt, a new one in place of a broken one, or one without the invites. */
  async #recover(r: RoomRequest, version: string, refusal: Failure): Promise<RoomOutcome> {
    const { client, bot, clock, membership, config } = this.#deps
    const alias = `#${r.alias}:${config.serverName}`
    const resolved = await settle(client.call('resolveAlias', [alias], { user: bot }))
    if (resolved.kind === 'not-found') {
      // One invitee who cannot be invited fails the whole request.
      if (r.invite.length === 0) return outcomeOf(refusal)
      const created = await this.#post(r, version, [])
      return 'kind' in created ? outcomeOf(created) : this.#finish(created.room, r, version, { whole: false })
    }
    if (resolved.kind !== 'ok') return outcomeOf(resolved)
    const room = matrixRoomId(String(resolved.body['room_id']))
    const current = await membership.current(room, { user: bot })
    if (isVerdict(current)) return outcomeOf(current.kind === 'ok' ? refusal : current)
    if (current === 'join') return this.#finish(room, r, version, { whole: false })
    // Synapse writes the alias before the room's first event; a crash between leaves an alias to nothing.
    const now = clock.now().getTime()
    const since = this.#halfMade.get(alias)
    if (since === undefined || now - since < HALF_MADE_MS) {
      if (since === undefined) this.#halfMade.set(alias, now)
      return { kind: 'retry', why: 'the room is being made', afterMs: HALF_MADE_MS + 1000 }
    }
    const deleted = await settle(client.call('deleteAlias', [alias], { user: bot }))
    if (deleted.kind !== 'ok' && deleted.kind !== 'not-found') return outcomeOf(deleted)
    this.#halfMade.delete(alias)
    return { kind: 'retry', why: 'an alias without a room was removed', afterMs: 0 }
  }

  async #post(r: RoomRequest, version: string, invite: readonly MatrixUserId[]): Promise<Created> {
    const options = {
      room_alias_name: r.alias,
      visibility: 'private',
      preset: 'private_chat',
      is_direct: r.direct,
      ...(r.type !== undefined && { creation_content: { type: r.type } }),
      invite: [...invite],
      power_level_content_override: portalPower(version, this.#deps.bot, r.powerUsers),
      initial_state: wantedState(r).map(({ type, key, content }) => ({
        type,
        state_key: key ?? '',
        content,
      })),
      ...(r.version === undefined ? {} : { room_version: r.version }),
    }
    try {
      const intent = this.#deps.bridge.getIntent(this.#deps.bot)
      const { room_id: room } = await intent.createRoom({ createAsClient: true, options })
      if (typeof room === 'string') return { room: matrixRoomId(room) }
      return { kind: 'doubt', why: 'the homeserver gave no room id' }
    } catch (error) {
      const verdict = classifyError(error)
      return verdict.kind === 'ok' ? { kind: 'doubt', why: 'the answer was not understood' } : verdict
    }
  }

  /** Brings a room to what was asked for. A room that was just made whole lacks only its ghosts. */
  async #finish(
    room: MatrixRoomId,
    r: RoomRequest,
    version: string,
    made: { whole: boolean },
  ): Promise<RoomOutcome> {
    const { bot, state, membership, log } = this.#deps
    const steps: (() => Promise<MatrixOutcome>)[] = []
    if (!made.whole) {
      steps.push(() => this.#mendPower(room, r, version))
      for (const { type, key, content } of wantedState(r))
        steps.push(() => state.set({ room, as: bot, type, key: key ?? '', content }))
      for (const user of r.invite) steps.push(() => membership.change({ room, user, action: 'invite' }))
    }
    for (const user of r.ghosts ?? []) {
      if (made.whole) steps.push(() => membership.join(room, { user }, 'invite'))
      else steps.push(() => membership.ensureJoined(room, { user }))
    }
    for (const step of steps) {
      const outcome = await step()
      if (outcome.kind === 'retry') return outcome
      // One person who cannot come, or one state event refused, is no reason to have no room.
      if (outcome.kind === 'rejected')
        log.warn({ room, code: outcome.code }, 'a part of a new room was refused')
    }
    return { kind: 'delivered', room }
  }

  async #mendPower(room: MatrixRoomId, r: RoomRequest, version: string): Promise<MatrixOutcome> {
    const { users, events, ...rest } = portalPower(version, this.#deps.bot, r.powerUsers)
    const levels = Object.fromEntries(Object.entries(rest).filter((entry) => typeof entry[1] === 'number'))
    return this.#deps.state.setPower(room, {
      users: users as Record<string, number>,
      events: events as Record<string, number>,
      levels: levels as Record<string, number>,
    })
  }

  async #versionByDefault(): Promise<string> {
    if (this.#defaultVersion !== undefined) return this.#defaultVersion
    const verdict = await settle(this.#deps.client.call('capabilities', [], { user: this.#deps.bot }))
    // A homeserver that does not say: the error of a wrong guess names itself.
    if (verdict.kind !== 'ok') return '11'
    this.#defaultVersion = defaultVersionIn(verdict.body) ?? '11'
    return this.#defaultVersion
  }
}

function defaultVersionIn(body: Record<string, unknown>): string | undefined {
  const capabilities = body['capabilities'] as Record<string, unknown> | undefined
  const versions = capabilities?.['m.room_versions'] as Record<string, unknown> | undefined
  const version = versions?.['default']
  return typeof version === 'string' ? version : undefined
}

function wantedState(r: RoomRequest): StateEvent[] {
  const events: StateEvent[] = []
  if (r.name !== undefined) events.push({ type: 'm.room.name', content: { name: r.name } })
  if (r.topic !== undefined) events.push({ type: 'm.room.topic', content: { topic: r.topic } })
  if (r.avatar !== undefined) events.push({ type: 'm.room.avatar', content: { url: r.avatar } })
  if (r.bridgeInfo !== undefined) {
    const key = bridgeInfoKey(r.bridgeInfo)
    events.push({ type: 'm.bridge', key, content: r.bridgeInfo })
    events.push({ type: 'uk.half-shot.bridge', key, content: r.bridgeInfo })
  }
  events.push(...(r.initialState ?? []))
  return events
}

/** The state key of bridge info: it names the conversation (MSC2346). */
export function bridgeInfoKey(info: Record<string, unknown>): string {
  const id = (name: string): string => {
    const part = info[name] as { id?: unknown } | undefined
    return typeof part?.id === 'string' ? encodeURIComponent(part.id.toLowerCase()) : ''
  }
  return `app.viaduct://${id('protocol')}/${id('network')}/${id('channel')}`
}
