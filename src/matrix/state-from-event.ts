import type { MatrixEventId } from '../model/ids.ts'
import { isEventId, isRoomId, isUserId } from './event.ts'
import type { RawEvent } from './event.ts'
import type { MatrixAct, Membership } from './from-event.ts'
import { BEACON_INFO, readBeaconInfo } from './live-location.ts'
import { arrayAt, isMxc, isObject, objectAt, stringAt, valueAt } from './untrusted.ts'
import type { Json } from './untrusted.ts'

const MEMBERSHIPS: readonly string[] = ['join', 'leave', 'invite', 'ban', 'knock'] satisfies Membership[]
const isMembership = (value: unknown): value is Membership =>
  typeof value === 'string' && MEMBERSHIPS.includes(value)

/** What a change of a room's state means to the bridge. */
export function readState(event: RawEvent, stateKey: string): MatrixAct {
  const content = event.content
  if (event.type === 'm.room.member') return member(event, stateKey)
  if (BEACON_INFO.includes(event.type)) return readBeaconInfo(event, stateKey)
  if (stateKey !== '') return ignored(`state of type ${event.type} does not cross the bridge`)
  switch (event.type) {
    case 'm.room.topic':
      return { kind: 'topic', topic: topicOf(content) }
    case 'm.room.name':
      return { kind: 'name', name: stringAt(content, 'name') ?? '' }
    case 'm.room.avatar': {
      const mxc = valueAt(content, 'url')
      return isMxc(mxc) ? { kind: 'avatar', mxc } : { kind: 'avatar' }
    }
    case 'm.room.pinned_events':
      return pins(event)
    case 'm.room.power_levels':
      return power(content)
    case 'm.room.tombstone': {
      const replacement = valueAt(content, 'replacement_room')
      return isRoomId(replacement) ? { kind: 'tombstone', replacement } : ignored('the room has no successor')
    }
    default:
      return ignored(`state of type ${event.type} does not cross the bridge`)
  }
}

const ignored = (why: string): MatrixAct => ({ kind: 'ignored', why })

function member(event: RawEvent, stateKey: string): MatrixAct {
  const { content } = event
  const membership = valueAt(content, 'membership')
  if (!isUserId(stateKey)) return ignored('the membership is of no user')
  if (!isMembership(membership)) return ignored('the membership is of no known kind')
  const before = objectAt(event.unsigned ?? {}, 'prev_content')
  const previous = before === undefined ? undefined : valueAt(before, 'membership')
  const reason = stringAt(content, 'reason')
  const displayname = stringAt(content, 'displayname')
  return {
    kind: 'membership',
    user: stateKey,
    membership,
    ...(isMembership(previous) ? { previous } : {}),
    ...(reason === undefined || reason === '' ? {} : { reason }),
    ...(valueAt(content, 'is_direct') === true ? { direct: true } : {}),
    ...(displayname === undefined ? {} : { displayname }),
  }
}

/** The plain topic, or the one of MSC3765. */
function topicOf(content: Json): string {
  const plain = stringAt(content, 'topic')
  if (plain !== undefined) return plain
  for (const one of arrayAt(objectAt(content, 'm.topic') ?? {}, 'm.text')) {
    if (isObject(one) && (stringAt(one, 'mimetype') ?? 'text/plain') === 'text/plain') {
      return stringAt(one, 'body') ?? ''
    }
  }
  return ''
}

/** Nobody pins more than this at once. */
const MOST_PINS = 50

function pins({ content, unsigned }: RawEvent): MatrixAct {
  const now = pinnedIn(content)
  const before = pinnedIn(objectAt(unsigned ?? {}, 'prev_content') ?? {})
  const pinned = now.filter((id) => !before.includes(id)).slice(0, MOST_PINS)
  const unpinned = before.filter((id) => !now.includes(id)).slice(0, MOST_PINS)
  return pinned.length + unpinned.length === 0
    ? ignored('nothing else is pinned than before')
    : { kind: 'pins', pinned, unpinned }
}

export const pinnedIn = (content: Json): MatrixEventId[] => arrayAt(content, 'pinned').filter(isEventId)

function power(content: Json): MatrixAct {
  const users: [string, number][] = []
  for (const [user, value] of Object.entries(objectAt(content, 'users') ?? {})) {
    const level = levelOf(value)
    if (isUserId(user) && level !== undefined) users.push([user, level])
  }
  return {
    kind: 'power',
    users: Object.fromEntries(users),
    usersDefault: levelOf(valueAt(content, 'users_default')) ?? 0,
    raw: content,
  }
}

/** Room versions before 10 also take whole numbers in a string. */
function levelOf(value: unknown): number | undefined {
  const level = typeof value === 'string' && /^\s*[+-]?\d{1,16}\s*$/.test(value) ? Number(value) : value
  return typeof level === 'number' && Number.isSafeInteger(level) ? level : undefined
}
