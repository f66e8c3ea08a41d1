import { RpcFault } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Channel, ChannelOptions } from '../channel.ts'
import type { Group } from '../group.ts'
import { LIMITS, lengthOf } from '../limits.ts'
import { needAllowed } from '../may.ts'
import type { Photo } from '../media.ts'
import { photoTl } from '../render/media.ts'
import { peerOf } from '../render/peer.ts'
import { ALL_POWERS } from '../rights.ts'
import { audience } from '../room.ts'
import type { Room } from '../room.ts'
import type { Turn } from '../turn.ts'
import type { View } from '../view.ts'
import { emitChannel } from './members.ts'
import { serve } from './publish.ts'

function checkTitle(title: string): string {
  const trimmed = title.trim()
  if (trimmed === '' || lengthOf(trimmed) > LIMITS.title) throw new RpcFault(400, 'CHAT_TITLE_EMPTY')
  return trimmed
}

export function createGroup(turn: Turn, title: string, creator: Account, others: readonly Account[]): Group {
  const { realm } = turn
  if (others.length + 1 > realm.switches.groupSize) throw new RpcFault(400, 'USERS_TOO_MUCH')
  const group = realm.addGroup(checkTitle(title), creator)
  const members = [...new Set([creator, ...others])]
  for (const account of members) {
    group.members.set(account, { inviter: creator, date: realm.now(), admin: account === creator })
  }
  const users = members.map(({ id }) => id)
  serve(turn, group, creator, { action: () => ({ _: 'messageActionChatCreate', title: group.title, users }) })
  return group
}

/** Its first message has number 1, which in forums is the General topic. */
export function createChannel(
  turn: Turn,
  creator: Account,
  options: ChannelOptions,
  others: readonly Account[] = [],
): Channel {
  const { realm } = turn
  const channel = realm.addChannel(creator, { ...options, title: checkTitle(options.title) })
  for (const account of new Set([creator, ...others])) {
    const member = channel.enter(account, creator, realm.now())
    if (account === creator) member.powers = ALL_POWERS
    account.dialog(channel)
    emitChannel(turn, channel, account)
  }
  const action = () => ({ _: 'messageActionChannelCreate', title: channel.title })
  serve(turn, channel, creator, { action })
  return channel
}

/** Basic groups and channels are told by a message, in channels everyone is told to look anew as well. */
function changed(turn: Turn, room: Group | Channel): void {
  if (room.kind === 'channel') for (const member of room.members.keys()) emitChannel(turn, room, member)
  turn.tell({ kind: 'room', room })
}

export function rename(turn: Turn, room: Group | Channel, by: Account, title: string): void {
  needAllowed(room, by, 'change_info')
  const wanted = checkTitle(title)
  if (wanted === room.title) throw new RpcFault(400, 'CHAT_NOT_MODIFIED')
  room.title = wanted
  serve(turn, room, by, { action: () => ({ _: 'messageActionChatEditTitle', title: wanted }) })
  changed(turn, room)
}

/** @param photo undefined removes it */
export function setPhoto(turn: Turn, room: Group | Channel, by: Account, photo: Photo | undefined): void {
  needAllowed(room, by, 'change_info')
  room.photo = photo
  serve(turn, room, by, {
    action: (view: View) =>
      photo === undefined
        ? { _: 'messageActionChatDeletePhoto' }
        : { _: 'messageActionChatEditPhoto', photo: photoTl(view, photo) },
  })
  changed(turn, room)
}

/** Nobody is told of a description: it is only in the full object. */
export function setAbout(turn: Turn, room: Group | Channel, by: Account, about: string): void {
  needAllowed(room, by, 'change_info')
  if (lengthOf(about) > LIMITS.about) throw new RpcFault(400, 'CHAT_ABOUT_TOO_LONG')
  if (about === room.about) throw new RpcFault(400, 'CHAT_ABOUT_NOT_MODIFIED')
  room.about = about
  turn.tell({ kind: 'room', room })
}

/** After how many seconds new messages disappear; 0 is never. */
export function setTtl(turn: Turn, room: Room, by: Account, period: number): void {
  if (room.kind !== 'direct') needAllowed(room, by, 'change_info')
  if (room.ttl === period) throw new RpcFault(400, 'CHAT_NOT_MODIFIED')
  room.ttl = period
  for (const account of audience(room)) {
    turn.emit(account, ({ me }) => ({
      _: 'updatePeerHistoryTTL',
      peer: peerOf(room, me),
      ttl_period: period === 0 ? undefined : period,
    }))
  }
  serve(turn, room, by, { action: () => ({ _: 'messageActionSetMessagesTTL', period }) })
}

/** A basic group becomes a supergroup: new id, new numbers; the old messages stay in the old chat. */
export function migrate(turn: Turn, group: Group, by: Account): Channel {
  const { realm } = turn
  if (group.creator !== by) throw new RpcFault(400, 'CHAT_ADMIN_REQUIRED')
  if (group.migratedTo !== undefined) return group.migratedTo
  const channel = realm.addChannel(group.creator, { title: group.title, broadcast: false, forum: false })
  channel.about = group.about
  channel.photo = group.photo
  channel.bans = new Set(group.bans)
  channel.allowed = group.allowed
  channel.ttl = group.ttl
  for (const [account, { inviter, admin }] of group.members) {
    const member = channel.enter(account, inviter, realm.now())
    if (admin || account === group.creator) member.powers = ALL_POWERS
    account.dialog(channel)
  }
  group.migratedTo = channel
  const channel_id = channel.id
  serve(turn, group, by, { action: () => ({ _: 'messageActionChatMigrateTo', channel_id }) })
  const maxIds = new Map(
    [...group.members.keys()].map((one) => [one, [...one.dialog(group).posts.keys()].at(-1) ?? 0]),
  )
  channel.migratedFrom = { group, maxIds }
  for (const member of channel.members.keys()) emitChannel(turn, channel, member)
  const { title, id: chat_id } = group
  serve(turn, channel, by, { action: () => ({ _: 'messageActionChannelMigrateFrom', title, chat_id }) })
  turn.tell({ kind: 'room', room: channel })
  return channel
}
