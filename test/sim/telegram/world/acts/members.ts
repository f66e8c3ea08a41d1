import { RpcFault } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import { linkOf } from '../invite.ts'
import type { Invite } from '../invite.ts'
import { can, needAllowed, needPower } from '../may.ts'
import { channelParticipant, groupParticipant, participantsTl } from '../render/participants.ts'
import type { Ban, Power } from '../rights.ts'
import type { Turn } from '../turn.ts'
import { serve } from './publish.ts'

const added = (account: Account) => () => ({ _: 'messageActionChatAddUser', users: [account.id] })
const gone = (account: Account) => () => ({ _: 'messageActionChatDeleteUser', user_id: account.id })

/** Tells the members of a basic group who is in it; its `version` counts these. */
function emitGroupMembers(turn: Turn, group: Group, change: TlObject): void {
  group.version++
  const update = { ...change, chat_id: group.id, version: group.version }
  for (const member of group.members.keys()) turn.emit(member, () => update)
}

/**
 * Bots are told what becomes of themselves in a group, and its administrators among them what becomes of others
 * (https://core.telegram.org/constructor/updateChannelParticipant).
 */
function tellBots(turn: Turn, room: Group | Channel, account: Account, by: Account): void {
  const here = [...room.members.keys(), account].filter(
    (each, i, all) => each.bot && all.indexOf(each) === i && (each === account || isAdmin(room, each)),
  )
  for (const bot of here) {
    const common = {
      date: turn.realm.now(),
      actor_id: by.id,
      user_id: account.id,
      qts: bot.botUpdates.length + 1,
    }
    const update =
      room.kind === 'group'
        ? { _: 'updateChatParticipant', chat_id: room.id, ...common, ...newInGroup(room, account) }
        : {
            _: 'updateChannelParticipant',
            channel_id: room.id,
            ...common,
            new_participant: channelParticipant({ me: bot }, room, account),
          }
    bot.botUpdates.push(update)
    turn.emit(bot, () => update)
  }
}

const isAdmin = (room: Group | Channel, account: Account): boolean =>
  room.kind === 'group'
    ? room.members.get(account)?.admin === true
    : room.creator === account || room.members.get(account)?.powers !== undefined

const newInGroup = (group: Group, account: Account): object =>
  group.members.has(account) ? { new_participant: groupParticipant(group, account) } : {}

/** Whether the account's settings allow that it is added by `by`. */
const lets = (account: Account, by: Account): boolean =>
  account === by || ((!account.groupsByContactsOnly || account.contacts.has(by)) && !account.blocked.has(by))

/** Somebody enters a basic group. @returns false when their settings forbid it */
export function addToGroup(
  turn: Turn,
  group: Group,
  account: Account,
  by: Account,
  invite?: Invite,
): boolean {
  const { realm } = turn
  if (group.members.has(account)) throw new RpcFault(400, 'USER_ALREADY_PARTICIPANT')
  if (group.members.size >= realm.switches.groupSize) throw new RpcFault(400, 'USERS_TOO_MUCH')
  if (account.state !== 'active') throw new RpcFault(400, 'INPUT_USER_DEACTIVATED')
  if (invite === undefined && group.left.has(account) && account !== by && !can(group, by, 'invite_users')) {
    throw new RpcFault(400, 'USER_NOT_MUTUAL_CONTACT')
  }
  if (invite === undefined && account !== by) needAllowed(group, by, 'invite_users')
  if (invite === undefined && !lets(account, by)) return false
  const others = [...group.members.keys()]
  group.members.set(account, { inviter: invite?.by ?? by, date: realm.now(), admin: false })
  group.left.delete(account)
  group.version++
  const { version } = group
  for (const member of others) {
    turn.emit(member, () => ({
      _: 'updateChatParticipantAdd',
      chat_id: group.id,
      user_id: account.id,
      inviter_id: by.id,
      date: realm.now(),
      version,
    }))
  }
  turn.emit(account, (view) => ({ _: 'updateChatParticipants', participants: participantsTl(view, group) }))
  const action =
    invite === undefined
      ? added(account)
      : () => ({ _: 'messageActionChatJoinedByLink', inviter_id: invite.by.id })
  serve(turn, group, by, { action })
  tellBots(turn, group, account, by)
  turn.tell({ kind: 'room', room: group })
  return true
}

/** Somebody leaves a basic group, or is put out of it. */
export function removeFromGroup(turn: Turn, group: Group, account: Account, by: Account): void {
  if (!group.members.has(account)) throw new RpcFault(400, 'USER_NOT_PARTICIPANT')
  if (account !== by && group.members.get(account)?.inviter !== by) needPower(group, by, 'ban_users')
  serve(turn, group, by, { action: gone(account) })
  group.members.delete(account)
  if (account === by) group.left.add(account)
  emitGroupMembers(turn, group, { _: 'updateChatParticipantDelete', user_id: account.id })
  tellBots(turn, group, account, by)
  turn.tell({ kind: 'room', room: group })
}

export function setGroupAdmin(turn: Turn, group: Group, account: Account, by: Account, admin: boolean): void {
  const member = group.members.get(account)
  if (member === undefined) throw new RpcFault(400, 'USER_NOT_PARTICIPANT')
  if (group.creator !== by) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  member.admin = admin
  const change = { _: 'updateChatParticipantAdmin', user_id: account.id, is_admin: admin }
  emitGroupMembers(turn, group, change)
  tellBots(turn, group, account, by)
  turn.tell({ kind: 'room', room: group })
}

/** Tells somebody that they should look at a channel anew. */
export const emitChannel = (turn: Turn, channel: Channel, to: Account): void =>
  turn.emit(to, () => ({ _: 'updateChannel', channel_id: channel.id }))

/** Somebody enters a channel: added by another, by a link, or by themselves. @returns false when their settings forbid it */
export function addToChannel(
  turn: Turn,
  channel: Channel,
  account: Account,
  by: Account,
  invite?: Invite,
): boolean {
  if (channel.members.has(account)) throw new RpcFault(400, 'USER_ALREADY_PARTICIPANT')
  if (account.state !== 'active') throw new RpcFault(400, 'INPUT_USER_DEACTIVATED')
  if (channel.removed.has(account) && (account === by || !can(channel, by, 'ban_users'))) {
    throw new RpcFault(400, account === by ? 'CHANNEL_PRIVATE' : 'USER_KICKED')
  }
  if (invite === undefined && account !== by) {
    needAllowed(channel, by, 'invite_users')
    if (!lets(account, by)) return false
  }
  channel.enter(account, invite?.by ?? by, turn.realm.now())
  account.dialog(channel).readInbox = [...channel.posts.keys()].at(-1) ?? 0
  emitChannel(turn, channel, account)
  tellBots(turn, channel, account, by)
  if (!channel.broadcast) {
    const byLink = () => ({ _: 'messageActionChatJoinedByLink', inviter_id: invite?.by.id ?? by.id })
    serve(turn, channel, by, { action: invite === undefined ? added(account) : byLink })
  }
  turn.tell({ kind: 'room', room: channel })
  return true
}

export function leaveChannel(turn: Turn, channel: Channel, account: Account): void {
  if (!channel.members.has(account)) throw new RpcFault(400, 'USER_NOT_PARTICIPANT')
  channel.members.delete(account)
  emitChannel(turn, channel, account)
  tellBots(turn, channel, account, account)
  if (!channel.broadcast) serve(turn, channel, account, { action: gone(account) })
  turn.tell({ kind: 'room', room: channel })
}

/** Puts somebody out of a channel, takes rights from a member, or (without bans) lifts both. */
export function restrict(
  turn: Turn,
  channel: Channel,
  account: Account,
  by: Account,
  bans: ReadonlySet<Ban>,
  until = 0,
): void {
  needPower(channel, by, 'ban_users')
  const member = channel.members.get(account)
  if (account === channel.creator || (member?.powers !== undefined && by !== channel.creator)) {
    throw new RpcFault(400, 'USER_ADMIN_INVALID')
  }
  if (bans.has('view_messages')) {
    channel.members.delete(account)
    channel.removed.set(account, { by, date: turn.realm.now(), bans, until })
    if (member !== undefined && !channel.broadcast) serve(turn, channel, by, { action: gone(account) })
  } else {
    channel.removed.delete(account)
    if (member !== undefined)
      channel.members.set(account, { ...member, powers: undefined, bans, bannedBy: by })
  }
  emitChannel(turn, channel, account)
  tellBots(turn, channel, account, by)
  turn.tell({ kind: 'room', room: channel })
}

/** Makes an administrator, changes what they may, or (without powers) makes them a member again. */
export function promote(
  turn: Turn,
  channel: Channel,
  account: Account,
  by: Account,
  powers: ReadonlySet<Power>,
  rank?: string,
): void {
  needPower(channel, by, 'add_admins')
  if (channel.creator === account && by !== account) throw new RpcFault(400, 'USER_CREATOR')
  if (!channel.members.has(account)) addToChannel(turn, channel, account, by)
  const member = channel.members.get(account)
  if (member === undefined) throw new RpcFault(403, 'USER_PRIVACY_RESTRICTED')
  channel.members.set(account, {
    ...member,
    powers: powers.size === 0 ? undefined : powers,
    promotedBy: by,
    rank,
    bans: new Set(),
  })
  emitChannel(turn, channel, account)
  tellBots(turn, channel, account, by)
  turn.tell({ kind: 'room', room: channel })
}

/** Somebody comes by a link. @throws RpcFault INVITE_HASH_EXPIRED */
export function joinBy(turn: Turn, room: Group | Channel, account: Account, invite: Invite): void {
  const now = turn.realm.now()
  const over =
    invite.revoked ||
    (invite.expires !== undefined && invite.expires <= now) ||
    (invite.limit !== undefined && invite.usage >= invite.limit)
  if (over) throw new RpcFault(400, 'INVITE_HASH_EXPIRED')
  if (room.kind === 'group') addToGroup(turn, room, account, account, invite)
  else addToChannel(turn, room, account, account, invite)
  invite.usage++
}

/** Makes a link for a group or channel. */
export function invite(turn: Turn, room: Group | Channel, by: Account, fields: Partial<Invite> = {}): Invite {
  needAllowed(room, by, 'invite_users')
  const made: Invite = {
    hash: Buffer.from(`invite ${turn.realm.ids.long()}`).toString('base64url'),
    by,
    date: turn.realm.now(),
    expires: fields.expires,
    limit: fields.limit,
    title: fields.title,
    permanent: fields.expires === undefined && fields.limit === undefined,
    usage: 0,
    revoked: false,
  }
  room.invites.set(made.hash, made)
  return made
}

export const inviteTl = (made: Invite): TlObject => ({
  _: 'chatInviteExported',
  revoked: made.revoked,
  permanent: made.permanent,
  link: linkOf(made),
  admin_id: made.by.id,
  date: made.date,
  expire_date: made.expires,
  usage_limit: made.limit,
  usage: made.usage,
  title: made.title,
})
