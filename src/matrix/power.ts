import type { MatrixUserId } from '../model/ids.ts'

/** A room's version, and whose power there is infinite (version 12 and later: its creators). */
export type RoomVersionInfo = { version: string; creators: readonly MatrixUserId[] }

/** The content of `m.room.power_levels`. */
export type PowerLevels = Record<string, unknown>

export type PowerChanges = {
  /** undefined takes a person's own entry away. */
  users?: Readonly<Record<string, number | undefined>>
  events?: Readonly<Record<string, number | undefined>>
  /** `events_default`, `invite`, `ban` and the like. */
  levels?: Readonly<Record<string, number>>
}

const CREATORS_SINCE = 12
/** The power of those who give ranks in a conversation; networks map their operators to it. */
const OPERATOR = 75
/** Redactions name their target in the content since version 11, and can be sent like other events. */
const CONTENT_REDACTS_SINCE = 11

/** Versions that are not plain numbers are experiments, built on one that we cannot know. */
const atLeast = (version: string, wanted: number): boolean =>
  /^\d+$/.test(version) && Number(version) >= wanted

export const creatorsRule = (version: string): boolean => atLeast(version, CREATORS_SINCE)
export const redactsInContent = (version: string): boolean => atLeast(version, CONTENT_REDACTS_SINCE)

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

// Rooms before version 10 may hold numbers as strings.
function level(value: unknown, fallback: number): number {
  const number = typeof value === 'string' ? Number.parseInt(value, 10) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : fallback
}

/** A user's power; infinite for a creator in rooms where creators rule. */
export function powerOf(levels: PowerLevels, info: RoomVersionInfo, user: string): number {
  if (info.creators.some((creator) => creator === user)) return Infinity
  return level(record(levels['users'])[user], level(levels['users_default'], 0))
}

/** The power that an event type needs. */
export function requiredFor(levels: PowerLevels, type: string, isState: boolean): number {
  const fallback = isState ? level(levels['state_default'], 50) : level(levels['events_default'], 0)
  return level(record(levels['events'])[type], fallback)
}

/** The levels after a change, or undefined when nothing changes. Creators are left out: a homeserver refuses their entries. */
export function applyPower(
  levels: PowerLevels,
  info: RoomVersionInfo,
  changes: PowerChanges,
): PowerLevels | undefined {
  const users = merged(levels['users'], changes.users)
  for (const creator of info.creators) delete users[creator]
  const after = { ...levels, ...changes.levels, users, events: merged(levels['events'], changes.events) }
  const before = { ...levels, users: record(levels['users']), events: record(levels['events']) }
  return same(before, after) ? undefined : after
}

function merged(
  current: unknown,
  changes: Readonly<Record<string, number | undefined>> = {},
): Record<string, unknown> {
  const result = { ...record(current) }
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete result[key]
    else result[key] = value
  }
  return result
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => key in b && same(record(a)[key], record(b)[key]))
}

/** The levels of a new portal: the bot can mend everything, people can talk, what would break the bridge is the bot's. */
export function portalPower(
  version: string,
  bot: MatrixUserId,
  powerUsers: Readonly<Record<string, number>>,
  options: { direct?: boolean } = {},
): PowerLevels {
  const { [bot]: _bot, ...others } = powerUsers
  const creators = creatorsRule(version)
  return {
    users: creators ? others : { ...others, [bot]: 100 },
    users_default: 0,
    events_default: 0,
    state_default: 50,
    invite: 50,
    kick: 50,
    ban: 50,
    redact: 50,
    events: {
      'm.room.encryption': 100,
      'm.room.server_acl': 100,
      // An operator of a channel gives ranks on either side; nobody raises above what they have themselves.
      'm.room.power_levels': OPERATOR,
      // Version 12 demands more than a moderator could ever have, by default 150.
      'm.room.tombstone': creators ? 150 : 100,
      // Whoever may talk may also say where they are (MSC3672).
      'm.beacon_info': 0,
      'org.matrix.msc3672.beacon_info': 0,
      // In a chat of two each of them pins what they like.
      ...(options.direct === true && { 'm.room.pinned_events': 0 }),
    },
  }
}
