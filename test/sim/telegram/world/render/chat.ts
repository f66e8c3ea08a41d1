import { DC_ID } from '../../contract.ts'
import type { TlObject } from '../../contract.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import type { Photo } from '../media.ts'
import { ALL_POWERS, adminRights, bannedRights } from '../rights.ts'
import type { View } from '../view.ts'
import { hashFor } from './peer.ts'

const chatPhoto = (photo: Photo | undefined): TlObject =>
  photo === undefined ? { _: 'chatPhotoEmpty' } : { _: 'chatPhoto', photo_id: photo.id, dc_id: DC_ID }

export const inputChannel = (view: View, channel: Channel): TlObject => ({
  _: 'inputChannel',
  channel_id: channel.id,
  access_hash: hashFor(view, channel),
})

export function groupTl(view: View, group: Group): TlObject {
  const { me } = view
  const member = group.members.get(me)
  if (member === undefined && !group.left.has(me) && group.migratedTo === undefined) {
    return { _: 'chatForbidden', id: group.id, title: group.title }
  }
  return {
    _: 'chat',
    creator: group.creator === me,
    left: member === undefined,
    deactivated: group.migratedTo !== undefined,
    noforwards: group.noForwards,
    id: group.id,
    title: group.title,
    photo: chatPhoto(group.photo),
    participants_count: group.members.size,
    date: member?.date ?? group.date,
    version: group.version,
    migrated_to: group.migratedTo === undefined ? undefined : inputChannel(view, group.migratedTo),
    admin_rights: group.creator === me || member?.admin === true ? adminRights(ALL_POWERS) : undefined,
    default_banned_rights: bannedRights(group.bans),
  }
}

/** Whether somebody may see a channel at all. */
export const maySee = (channel: Channel, { me }: View): boolean =>
  channel.members.has(me) || (channel.username !== undefined && !channel.removed.has(me))

export function channelTl(view: View, channel: Channel): TlObject {
  const { me } = view
  const member = channel.members.get(me)
  const kind = { broadcast: channel.broadcast, megagroup: !channel.broadcast }
  if (!maySee(channel, view)) {
    const access_hash = hashFor(view, channel)
    return { _: 'channelForbidden', ...kind, id: channel.id, access_hash, title: channel.title }
  }
  return {
    _: 'channel',
    ...kind,
    creator: channel.creator === me,
    left: member === undefined,
    signatures: channel.signatures,
    slowmode_enabled: channel.slowmode > 0,
    noforwards: channel.noForwards,
    forum: channel.forum,
    id: channel.id,
    access_hash: hashFor(view, channel),
    title: channel.title,
    username: channel.username,
    photo: chatPhoto(channel.photo),
    date: member?.date ?? channel.date,
    admin_rights: member?.powers === undefined ? undefined : adminRights(member.powers),
    banned_rights: member === undefined || member.bans.size === 0 ? undefined : bannedRights(member.bans),
    default_banned_rights: channel.broadcast ? undefined : bannedRights(channel.bans),
    participants_count: channel.members.size,
  }
}

export const chatTl = (view: View, room: Group | Channel): TlObject =>
  room.kind === 'group' ? groupTl(view, room) : channelTl(view, room)
