import { isDeepStrictEqual } from 'node:util'
import { badJson, forbidden } from './errors.ts'
import type { Room } from './room.ts'
import type { Content } from './types.ts'
import { isContent } from './types.ts'

const DEFAULTS = {
  ban: 50,
  kick: 50,
  redact: 50,
  invite: 0,
  users_default: 0,
  events_default: 0,
  state_default: 50,
}
type LevelName = keyof typeof DEFAULTS

/** Those whose power is infinite: only from room version 12 on (MSC4289). */
export function creators(room: Room): string[] {
  if (room.version !== '12') return []
  const create = room.stateEvent('m.room.create')
  return create === undefined ? [] : [create.sender, ...additionalCreators(create.content)]
}

export function additionalCreators(create: Content): string[] {
  const list = create['additional_creators']
  return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []
}

export function powerOf(room: Room, userId: string): number {
  if (creators(room).includes(userId)) return Infinity
  const levels = room.stateContent('m.room.power_levels')
  if (levels === undefined) return room.stateEvent('m.room.create')?.sender === userId ? 100 : 0
  return integer(map(levels, 'users')[userId]) ?? level(levels, 'users_default')
}

/** The level an action needs. */
export function required(room: Room, name: LevelName): number {
  return level(room.stateContent('m.room.power_levels') ?? {}, name)
}

export function assertMaySend(room: Room, userId: string, type: string, isState: boolean): void {
  const levels = room.stateContent('m.room.power_levels') ?? {}
  const needed =
    integer(map(levels, 'events')[type]) ?? level(levels, isState ? 'state_default' : 'events_default')
  const power = powerOf(room, userId)
  if (power < needed) {
    throw forbidden(
      `You don't have permission to post that to the room. user_level (${power}) < send_level (${needed})`,
    )
  }
}

/** Power levels of a new room before any override (Synapse's defaults). */
export function initialLevels(version: string, creatorId: string, preset: string): Content {
  return {
    users: version === '12' ? {} : { [creatorId]: 100 },
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.canonical_alias': 50,
      'm.room.avatar': 50,
      'm.room.tombstone': version === '12' ? 150 : 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: preset === 'public_chat' ? 50 : 0,
    historical: 100,
  }
}

/** Room version 12: creators must not be in the power levels (MSC4289). */
export function assertWithoutCreators(users: unknown, creatorIds: string[]): void {
  const named = creatorIds.find((id) => isContent(users) && id in users)
  if (named !== undefined) throw badJson(`Creator user ${named} must not appear in content.users`)
}

/** Throws unless `sender` may replace the power levels by `next` (room version 11, authorization rule 9). */
export function assertLevelChange(room: Room, sender: string, next: Content): void {
  assertIntegers(next)
  assertWithoutCreators(next['users'], creators(room))
  const before = room.stateContent('m.room.power_levels')
  if (before === undefined) return
  const own = powerOf(room, sender)
  for (const name of Object.keys(DEFAULTS)) assertStep(before[name], next[name], own)
  for (const part of ['events', 'users', 'notifications']) {
    const [was, will] = [map(before, part), map(next, part)]
    for (const key of new Set([...Object.keys(was), ...Object.keys(will)])) {
      assertStep(was[key], will[key], own)
      const demotesPeer =
        part === 'users' && key !== sender && integer(was[key]) === own && was[key] !== will[key]
      if (demotesPeer) throw forbidden("You don't have permission to remove ops level equal to your own")
    }
  }
}

function assertStep(before: unknown, next: unknown, own: number): void {
  if (isDeepStrictEqual(before, next)) return
  if ((integer(before) ?? 0) > own || (integer(next) ?? 0) > own) {
    throw forbidden("You don't have permission to add ops level greater than your own")
  }
}

function assertIntegers(levels: Content): void {
  const values = Object.keys(DEFAULTS).map((name) => levels[name])
  for (const part of ['events', 'users']) values.push(...Object.values(map(levels, part)))
  const wrong = values.find((value) => value !== undefined && !Number.isSafeInteger(value))
  if (wrong !== undefined) throw badJson(`Not an integer power level: ${JSON.stringify(wrong)}`)
}

function level(levels: Content, name: LevelName): number {
  return integer(levels[name]) ?? DEFAULTS[name]
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function map(levels: Content, name: string): Content {
  const value = levels[name]
  return isContent(value) ? value : {}
}
