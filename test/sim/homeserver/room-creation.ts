import type { Directory } from './directory.ts'
import { badJson, MatrixError } from './errors.ts'
import type { EventLog } from './event-log.ts'
import type { Memberships } from './membership.ts'
import type { Posting } from './posting.ts'
import { additionalCreators, assertWithoutCreators, initialLevels } from './power.ts'
import type { Room } from './room.ts'
import type { Content, Requester, RoomVersion } from './types.ts'
import { isContent, text } from './types.ts'

export const ROOM_VERSIONS: readonly RoomVersion[] = ['10', '11', '12']

type Parts = { log: EventLog; directory: Directory; memberships: Memberships; posting: Posting }

/** Thrown where a crash was asked for between the alias and the room's events. */
export class CrashedCreation extends Error {}

/** `POST /createRoom`, in the order in which Synapse works: checks, alias, events. */
export class RoomCreation {
  readonly #parts: Parts
  readonly #defaultVersion: RoomVersion
  /** How many of the next creations stop after the alias was written, as a crash there would. */
  crashAfterAlias = 0

  constructor(parts: Parts, defaultVersion: RoomVersion) {
    this.#parts = parts
    this.#defaultVersion = defaultVersion
  }

  /** Returns the room id. `signal` aborts when the homeserver is killed. */
  async create(requester: Requester, config: Content, signal: AbortSignal): Promise<string> {
    const { log, directory } = this.#parts
    const version = this.#version(config)
    const preset =
      text(config, 'preset') ?? (config['visibility'] === 'public' ? 'public_chat' : 'private_chat')
    const create = createContent(requester, version, preset, config)
    const levels = levelsOf(requester.userId, version, preset, create, config)
    const localpart = text(config, 'room_alias_name')
    const alias = localpart === undefined ? undefined : directory.alias(localpart)
    const roomId = log.newRoomId(version)
    if (alias !== undefined) {
      directory.assertMayUse(alias, requester)
      if (directory.find(alias) !== undefined) throw inUse()
      // Two requests can both pass the check above; the second then fails on the database's constraint.
      await pause(signal)
      directory.add(alias, roomId, requester)
      if (this.crashAfterAlias > 0) {
        this.crashAfterAlias--
        throw new CrashedCreation(alias)
      }
      await pause(signal)
    }
    const room = log.addRoom(roomId, version)
    if (alias !== undefined) room.aliases.add(alias)
    log.append(room, { type: 'm.room.create', sender: requester.userId, content: create, stateKey: '' })
    this.#parts.memberships.join(requester, roomId)
    log.append(room, { type: 'm.room.power_levels', sender: requester.userId, content: levels, stateKey: '' })
    this.#initialState(requester, room, preset, alias, config)
    for (const target of strings(config['invite'])) this.#invite(requester, roomId, target, config)
    return roomId
  }

  #version(config: Content): RoomVersion {
    const wanted = text(config, 'room_version') ?? this.#defaultVersion
    const version = ROOM_VERSIONS.find((known) => known === wanted)
    if (version !== undefined) return version
    throw new MatrixError(
      400,
      'M_UNSUPPORTED_ROOM_VERSION',
      'Your homeserver does not support this room version',
    )
  }

  #initialState(
    requester: Requester,
    room: Room,
    preset: string,
    alias: string | undefined,
    config: Content,
  ): void {
    const put = (type: string, content: Content, key = ''): void => {
      this.#parts.posting.setState(requester, room.id, type, key, content)
    }
    const initial = (Array.isArray(config['initial_state']) ? config['initial_state'] : []).filter(isContent)
    const given = new Set(initial.map((event) => event['type']))
    if (alias !== undefined) put('m.room.canonical_alias', { alias })
    if (!given.has('m.room.join_rules')) {
      put('m.room.join_rules', { join_rule: preset === 'public_chat' ? 'public' : 'invite' })
    }
    if (!given.has('m.room.history_visibility'))
      put('m.room.history_visibility', { history_visibility: 'shared' })
    if (!given.has('m.room.guest_access') && preset !== 'public_chat') {
      put('m.room.guest_access', { guest_access: 'can_join' })
    }
    for (const event of initial) {
      const [type, content] = [text(event, 'type'), event['content']]
      if (type === undefined || !isContent(content)) throw badJson('Malformed initial_state')
      put(type, content, text(event, 'state_key') ?? '')
    }
    const name = text(config, 'name')
    if (name !== undefined) put('m.room.name', { name })
    const topic = text(config, 'topic')
    if (topic !== undefined) put('m.room.topic', { topic })
  }

  #invite(requester: Requester, roomId: string, target: string, config: Content): void {
    const content = config['is_direct'] === true ? { is_direct: true } : {}
    this.#parts.memberships.invite(requester, roomId, target, { content })
  }
}

function createContent(requester: Requester, version: RoomVersion, preset: string, config: Content): Content {
  const given = isContent(config['creation_content']) ? config['creation_content'] : {}
  const content: Content = { ...given, room_version: version }
  if (version === '10') content['creator'] = requester.userId
  if (version !== '12') return content
  // MSC4289: those whom a trusted private chat would give power become creators.
  const trusted = preset === 'trusted_private_chat' ? strings(config['invite']) : []
  const additional = [...new Set([...additionalCreators(given), ...trusted])]
  return additional.length > 0 ? { ...content, additional_creators: additional } : content
}

function levelsOf(
  creator: string,
  version: RoomVersion,
  preset: string,
  create: Content,
  config: Content,
): Content {
  const levels = initialLevels(version, creator, preset)
  const override = isContent(config['power_level_content_override'])
    ? config['power_level_content_override']
    : {}
  if (version === '12') {
    assertWithoutCreators(override['users'], [creator, ...additionalCreators(create)])
    return { ...levels, ...override }
  }
  const users = override['users']
  if (isContent(users) && !(creator in users)) {
    throw badJson(`Not a valid power_level_content_override: 'users' did not contain ${creator}`)
  }
  if (preset === 'trusted_private_chat') {
    const invited = strings(config['invite']).map((id) => [id, 100] as const)
    levels['users'] = { [creator]: 100, ...Object.fromEntries(invited) }
  }
  return { ...levels, ...override }
}

function inUse(): MatrixError {
  return new MatrixError(400, 'M_ROOM_IN_USE', 'Room alias already taken')
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}
