import type { TlObject } from '../../contract.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import { ALL_POWERS, adminRights, bannedRights } from '../rights.ts'
import type { View } from '../view.ts'
import { peerUser } from './peer.ts'

export function groupParticipant(group: Group, account: Account): TlObject {
  const member = group.members.get(account)
  if (group.creator === account) return { _: 'chatParticipantCreator', user_id: account.id }
  return {
    _: member?.admin === true ? 'chatParticipantAdmin' : 'chatParticipant',
    user_id: account.id,
    inviter_id: member?.inviter.id ?? group.creator.id,
    date: member?.date ?? group.date,
  }
}

/** The members of a basic group; those who are not in it don't see them. */
export function participantsTl({ me }: View, group: Group): TlObject {
  if (!group.members.has(me)) return { _: 'chatParticipantsForbidden', chat_id: group.id }
  return {
    _: 'chatParticipants',
    chat_id: group.id,
    participants: [...group.members.keys()].map((account) => groupParticipant(group, account)),
    version: group.version,
  }
}

/** What somebody is in a channel; undefined when they have nothing to do with it. */
export function channelParticipant(
  { me }: Pick<View, 'me'>,
  channel: Channel,
  account: Account,
): TlObject | undefined {
  const removed = channel.removed.get(account)
  if (removed !== undefined) {
    return {
      _: 'channelParticipantBanned',
      left: true,
      peer: peerUser(account),
      kicked_by: removed.by.id,
      date: removed.date,
      banned_rights: bannedRights(removed.bans, removed.until),
    }
  }
  const member = channel.members.get(account)
  if (member === undefined) return undefined
  const { date, rank } = member
  const user_id = account.id
  if (channel.creator === account) {
    return { _: 'channelParticipantCreator', user_id, admin_rights: adminRights(ALL_POWERS), rank }
  }
  if (member.powers !== undefined) {
    return {
      _: 'channelParticipantAdmin',
      can_edit: channel.creator === me || member.promotedBy === me,
      ...(account === me ? { self: true, inviter_id: member.inviter.id } : {}),
      user_id,
      promoted_by: member.promotedBy.id,
      date,
      admin_rights: adminRights(member.powers),
      rank,
    }
  }
  if (member.bans.size > 0) {
    return {
      _: 'channelParticipantBanned',
      peer: peerUser(account),
      kicked_by: (member.bannedBy ?? channel.creator).id,
      date,
      banned_rights: bannedRights(member.bans),
    }
  }
  return account === me
    ? { _: 'channelParticipantSelf', user_id, inviter_id: member.inviter.id, date }
    : { _: 'channelParticipant', user_id, date }
}
