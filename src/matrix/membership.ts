import { matrixEventId } from '../model/ids.ts'
import type { MatrixRoomId, MatrixUserId } from '../model/ids.ts'
import { outcomeFor, outcomeOf, settle } from './classify.ts'
import type { Verdict } from './classify.ts'
import type { Client } from './client.ts'
import type { Ghosts } from './ghosts.ts'
import type { Actor, MatrixOutcome } from './ports.ts'

export const MEMBERSHIP_ACTIONS = ['invite', 'join', 'leave', 'kick', 'ban', 'unban'] as const
export type MembershipAction = (typeof MEMBERSHIP_ACTIONS)[number]

export type MembershipState = 'join' | 'invite' | 'leave' | 'ban' | 'knock'

export type MembershipRequest = {
  room: MatrixRoomId
  user: MatrixUserId
  action: MembershipAction
  /** Who does it to the user; the bot unless given, and whenever they lack the power. */
  by?: MatrixUserId
  reason?: string
  /** The user acts through the double puppet registration. */
  puppet?: 'double'
}

/** In these states there is nothing left to do. */
const ALREADY: Readonly<Record<MembershipAction, readonly MembershipState[]>> = {
  invite: ['invite', 'join'],
  join: ['join'],
  leave: ['leave', 'ban'],
  kick: ['leave', 'ban'],
  ban: ['ban'],
  unban: ['invite', 'join', 'leave', 'knock'],
}

/** Who is in which room. Every change asks first: joining again would wipe the per-room name. */
export class Membership {
  readonly #client: Client
  readonly #ghosts: Ghosts
  readonly #bot: Actor

  constructor(client: Client, ghosts: Ghosts, bot: MatrixUserId) {
    this.#client = client
    this.#ghosts = ghosts
    this.#bot = { user: bot }
  }

  /** Where a user stands in a room, seen by the bot or else by themselves; undefined when neither can see. */
  async current(room: MatrixRoomId, actor: Actor): Promise<MembershipState | undefined | Verdict> {
    const seen = await this.#seenBy(this.#bot, room, actor.user)
    if (typeof seen === 'string' || seen.kind !== 'forbidden') return seen
    if (actor.user === this.#bot.user || (actor.puppet === undefined && !this.#ghosts.isOwn(actor.user)))
      return undefined
    const own = await this.#seenBy(actor, room, actor.user)
    return typeof own !== 'string' && own.kind === 'forbidden' ? undefined : own
  }

  /** Brings one of our users, or a puppeted person, into a room, with an invite by the bot where it is needed. */
  async ensureJoined(room: MatrixRoomId, actor: Actor): Promise<MatrixOutcome> {
    const failure = await this.#ghosts.register(actor.user)
    if (failure !== undefined) return outcomeOf(failure)
    const current = await this.current(room, actor)
    if (isVerdict(current)) return current.kind === 'ok' ? DONE : outcomeFor(actor, current)
    return this.join(room, actor, current)
  }

  /** Joins from a known state. */
  async join(room: MatrixRoomId, actor: Actor, current: MembershipState | undefined): Promise<MatrixOutcome> {
    if (current === 'join') return DONE
    if (current === 'ban') return { kind: 'rejected', code: 'not_a_member', why: 'banned from the room' }
    if (current !== undefined && current !== 'invite' && actor.user !== this.#bot.user) {
      const invited = await settle(
        this.#client.call('invite', [room], this.#bot, { body: { user_id: actor.user } }),
      )
      // The answer to inviting somebody who is there already; and in a public room nobody needs the invite.
      if (invited.kind !== 'ok' && invited.kind !== 'forbidden') return outcomeOf(invited)
    }
    const joined = await settle(this.#client.call('join', [room], actor, { body: {} }))
    if (joined.kind === 'ok') return DONE
    if (joined.kind === 'forbidden') return { kind: 'rejected', code: 'not_a_member', why: joined.why }
    return outcomeFor(actor, joined)
  }

  /** Brings a membership to the wanted state; done already is done. */
  async change(request: MembershipRequest): Promise<MatrixOutcome> {
    const { room, user, action } = request
    const actor: Actor = request.puppet === undefined ? { user } : { user, puppet: request.puppet }
    if (action === 'join') return this.ensureJoined(room, actor)
    const current = await this.current(room, actor)
    if (isVerdict(current)) return current.kind === 'ok' ? DONE : outcomeFor(actor, current)
    if (current !== undefined && ALREADY[action].includes(current)) return DONE
    if (action === 'invite' && current === 'ban')
      return { kind: 'rejected', code: 'not_permitted', why: 'the user is banned from the room' }
    const reason = request.reason === undefined ? {} : { reason: request.reason }
    if (action === 'leave') {
      const left = await settle(this.#client.call('leave', [room], actor, { body: reason }))
      return left.kind === 'ok' || left.kind === 'not-found' ? DONE : outcomeFor(actor, left)
    }
    const body = { user_id: user, ...reason }
    const by: Actor = request.by === undefined ? this.#bot : { user: request.by }
    let verdict = await settle(this.#client.call(action, [room], by, { body }))
    if (verdict.kind === 'forbidden' && by.user !== this.#bot.user)
      verdict = await settle(this.#client.call(action, [room], this.#bot, { body }))
    return verdict.kind === 'ok' ? DONE : outcomeOf(verdict)
  }

  async #seenBy(viewer: Actor, room: MatrixRoomId, user: MatrixUserId): Promise<MembershipState | Verdict> {
    const verdict = await settle(this.#client.getState(viewer, room, 'm.room.member', user))
    if (verdict.kind === 'not-found') return 'leave'
    if (verdict.kind === 'unregistered') return { kind: 'forbidden', why: verdict.why }
    if (verdict.kind !== 'ok') return verdict
    return membershipIn(verdict.body) ?? 'leave'
  }
}

export const isVerdict = (value: MembershipState | Verdict | undefined): value is Verdict =>
  typeof value === 'object'

// With `format=event` the content is one level down; a homeserver that does not know it sends the content alone.
function membershipIn(body: Record<string, unknown>): MembershipState | undefined {
  const content = body['content']
  const holder = typeof content === 'object' && content !== null ? content : body
  const membership = 'membership' in holder ? holder.membership : undefined
  switch (membership) {
    case 'join':
    case 'invite':
    case 'leave':
    case 'ban':
    case 'knock':
      return membership
    default:
      return undefined
  }
}

const DONE: MatrixOutcome = { kind: 'delivered', eventId: matrixEventId('') }
