import { isDeepStrictEqual } from 'node:util'
import type { Accounts } from './accounts.ts'
import { badJson, forbidden, MatrixError } from './errors.ts'
import type { EventLog } from './event-log.ts'
import { powerOf, required } from './power.ts'
import type { Room } from './room.ts'
import type { Content, Requester } from './types.ts'
import { text } from './types.ts'

export const MEMBERSHIPS = ['join', 'invite', 'leave', 'ban'] as const
export type Membership = (typeof MEMBERSHIPS)[number]

type Change = { content?: Content | undefined; timestampMs?: number | undefined }

/** Who is in which room, and the rules for changing it (room version 11, authorization rule 4). */
export class Memberships {
  readonly #log: EventLog
  readonly #accounts: Accounts

  constructor(log: EventLog, accounts: Accounts) {
    this.#log = log
    this.#accounts = accounts
  }

  join(requester: Requester, roomId: string, change: Change = {}): string {
    const room = this.#joinable(roomId)
    const userId = requester.userId
    const current = room.membership(userId)
    if (current === 'ban') throw forbidden('You are banned from this room')
    const isFirst = room.timeline.length === 1
    const isPublic = room.stateContent('m.room.join_rules')?.['join_rule'] === 'public'
    const mayJoin = isFirst || isPublic || current === 'join' || current === 'invite'
    if (!mayJoin) throw forbidden('You are not invited to this room.')
    return this.#change(requester, room, userId, 'join', change)
  }

  invite(requester: Requester, roomId: string, target: string, change: Change = {}): string {
    const room = this.#log.room(roomId)
    this.#assertInRoom(room, requester.userId)
    const current = room.membership(target)
    if (current === 'join') throw forbidden(`${target} is already in the room.`)
    if (current === 'ban') throw forbidden(`${target} is banned from the room`)
    if (powerOf(room, requester.userId) < required(room, 'invite')) {
      throw forbidden("You don't have permission to invite users")
    }
    return this.#change(requester, room, target, 'invite', change)
  }

  leave(requester: Requester, roomId: string, change: Change = {}): string {
    const room = this.#log.room(roomId)
    const current = room.membership(requester.userId)
    if (current === undefined || current === 'ban') throw notIn(room, requester.userId)
    return this.#change(requester, room, requester.userId, 'leave', change)
  }

  kick(requester: Requester, roomId: string, target: string, change: Change = {}): string {
    const room = this.#log.room(roomId)
    this.#assertInRoom(room, requester.userId)
    const current = room.membership(target)
    if (current !== 'join' && current !== 'invite') throw forbidden('The target user is not in the room')
    this.#assertOutranks(room, requester.userId, target, 'kick')
    return this.#change(requester, room, target, 'leave', change)
  }

  ban(requester: Requester, roomId: string, target: string, change: Change = {}): string {
    const room = this.#log.room(roomId)
    this.#assertInRoom(room, requester.userId)
    this.#assertOutranks(room, requester.userId, target, 'ban')
    return this.#change(requester, room, target, 'ban', change)
  }

  unban(requester: Requester, roomId: string, target: string, change: Change = {}): string {
    const room = this.#log.room(roomId)
    this.#assertInRoom(room, requester.userId)
    if (room.membership(target) !== 'ban') throw forbidden(`${target} was not banned`)
    this.#assertOutranks(room, requester.userId, target, 'ban')
    return this.#change(requester, room, target, 'leave', change)
  }

  forget(requester: Requester, roomId: string): void {
    const room = this.#log.room(roomId)
    const { userId } = requester
    if (['join', 'invite'].includes(room.membership(userId) ?? '')) {
      throw new MatrixError(400, 'M_UNKNOWN', `User ${userId} in room ${roomId}`)
    }
    room.forgottenBy.add(userId)
  }

  /** `PUT /state/m.room.member`: the content says what to do; a join keeps the names it brings. */
  put(requester: Requester, roomId: string, target: string, content: Content, timestampMs?: number): string {
    const change = { content, timestampMs }
    switch (content['membership']) {
      case 'join':
        if (target !== requester.userId) throw forbidden('Cannot force another user to join.')
        return this.join(requester, roomId, change)
      case 'invite':
        return this.invite(requester, roomId, target, change)
      case 'ban':
        return this.ban(requester, roomId, target, change)
      case 'leave':
        if (target === requester.userId) return this.leave(requester, roomId, change)
        return this.#log.room(roomId).membership(target) === 'ban'
          ? this.unban(requester, roomId, target, change)
          : this.kick(requester, roomId, target, change)
      default:
        throw badJson('Invalid membership')
    }
  }

  /** After a profile change: a new member event in every joined room, which wipes per-room names. */
  spreadProfile(userId: string): void {
    const requester = { userId, deviceId: null, appservice: null }
    for (const room of this.#log.roomsOf(userId)) {
      if (room.joined.has(userId)) this.#change(requester, room, userId, 'join', {})
    }
  }

  #change(requester: Requester, room: Room, target: string, membership: Membership, change: Change): string {
    const profile: Content = {}
    if (membership === 'join' || membership === 'invite') {
      const { displayname, avatar_url: avatarUrl } = this.#accounts.profile(target)
      if (displayname !== undefined) profile['displayname'] = displayname
      if (avatarUrl !== undefined) profile['avatar_url'] = avatarUrl
    }
    const content = { ...profile, ...change.content, membership }
    const current = room.stateEvent('m.room.member', target)
    if (current?.sender === requester.userId && isDeepStrictEqual(current.content, content)) return current.id
    // Leaving twice changes nothing, whatever the reason given.
    if (membership === 'leave' && current?.content['membership'] === 'leave') return current.id
    const draft = { type: 'm.room.member', sender: requester.userId, content, stateKey: target }
    return this.#log.append(room, { ...draft, timestampMs: change.timestampMs }).id
  }

  #joinable(roomId: string): Room {
    const room = this.#log.rooms.get(roomId)
    if (room !== undefined) return room
    throw new MatrixError(404, 'M_UNKNOWN', "Can't join remote room because no servers that are in the room")
  }

  #assertInRoom(room: Room, userId: string): void {
    if (!room.joined.has(userId)) throw notIn(room, userId)
  }

  #assertOutranks(room: Room, userId: string, target: string, action: 'kick' | 'ban'): void {
    const power = powerOf(room, userId)
    if (power < required(room, action) || powerOf(room, target) >= power) {
      throw forbidden(`You cannot ${action} user ${target}.`)
    }
  }
}

function notIn(room: Room, userId: string): MatrixError {
  return forbidden(`${userId} not in room ${room.id}.`)
}

/** The optional reason of a request body as content. */
export function reasonOf(body: Content): Content {
  const reason = text(body, 'reason')
  return reason === undefined ? {} : { reason }
}
