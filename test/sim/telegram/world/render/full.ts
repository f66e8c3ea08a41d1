import type { TlObject } from '../../contract.ts'
import { inviteTl } from '../acts/members.ts'
import { unreadIn } from '../acts/read.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import { can } from '../may.ts'
import type { Photo } from '../media.ts'
import { reactionTl } from '../reactions.ts'
import type { AllowedReactions } from '../reactions.ts'
import { historyOf } from '../room.ts'
import type { Room } from '../room.ts'
import type { View } from '../view.ts'
import { notifyTl } from './dialog.ts'
import { photoTl } from './media.ts'
import { participantsTl } from './participants.ts'

function allowedTl(allowed: AllowedReactions): TlObject {
  if (allowed === 'all') return { _: 'chatReactionsAll' }
  if (allowed === 'none') return { _: 'chatReactionsNone' }
  return { _: 'chatReactionsSome', reactions: allowed.map(reactionTl) }
}

const pinnedId = (room: Room, me: Account): number | undefined =>
  historyOf(room, me)
    .findLast((post) => post.isPinnedFor(me))
    ?.idFor(me)

const photoOf = (view: View, photo: Photo | undefined): TlObject | undefined =>
  photo === undefined ? undefined : photoTl(view, photo)

function exported(room: Group | Channel, me: Account): TlObject | undefined {
  const own = [...room.invites.values()].find((one) => one.permanent && !one.revoked)
  return own !== undefined && can(room, me, 'invite_users') ? inviteTl(own) : undefined
}

export function userFullTl(view: View, account: Account): TlObject {
  const { realm, me } = view
  const room = realm.direct(me, account)
  const entry = me.contacts.get(account)
  return {
    _: 'userFull',
    blocked: me.blocked.has(account),
    can_pin_message: true,
    voice_messages_forbidden: account.voicesForbidden,
    id: account.id,
    about: account.about === '' ? undefined : account.about,
    settings: { _: 'peerSettings', add_contact: entry === undefined && account !== me },
    personal_photo: photoOf(view, entry?.photo),
    profile_photo: photoOf(view, account.photo),
    notify_settings: notifyTl(me.dialog(room)),
    bot_info: account.bot ? { _: 'botInfo', user_id: account.id } : undefined,
    pinned_msg_id: pinnedId(room, me),
    common_chats_count: commonRooms(view, account).length,
    folder_id: me.dialog(room).folder === 0 ? undefined : me.dialog(room).folder,
    ttl_period: room.ttl === 0 ? undefined : room.ttl,
  }
}

/** Groups and channels that both are in. */
export const commonRooms = ({ me }: View, account: Account): (Group | Channel)[] =>
  [...me.dialogs.keys()]
    .filter((room) => room.kind !== 'direct')
    .filter((room) => room.members.has(me) && room.members.has(account))

export function groupFullTl(view: View, group: Group): TlObject {
  const { me } = view
  const dialog = me.dialog(group)
  return {
    _: 'chatFull',
    id: group.id,
    about: group.about,
    participants: participantsTl(view, group),
    chat_photo: photoOf(view, group.photo),
    notify_settings: notifyTl(dialog),
    exported_invite: exported(group, me),
    pinned_msg_id: pinnedId(group, me),
    folder_id: dialog.folder === 0 ? undefined : dialog.folder,
    ttl_period: group.ttl === 0 ? undefined : group.ttl,
    available_reactions: allowedTl(group.allowed),
  }
}

export function channelFullTl(view: View, channel: Channel): TlObject {
  const { me } = view
  const dialog = me.dialog(channel)
  const isAdmin = channel.creator === me || channel.members.get(me)?.powers !== undefined
  const members = [...channel.members.values()]
  const from = channel.migratedFrom
  return {
    _: 'channelFull',
    can_view_participants: !channel.broadcast || isAdmin,
    can_set_username: channel.creator === me,
    can_delete_channel: channel.creator === me,
    id: channel.id,
    about: channel.about,
    participants_count: members.length,
    admins_count: isAdmin ? members.filter(({ powers }) => powers !== undefined).length : undefined,
    ...(isAdmin
      ? {
          kicked_count: channel.removed.size,
          banned_count: members.filter(({ bans }) => bans.size > 0).length,
        }
      : {}),
    read_inbox_max_id: dialog.readInbox,
    read_outbox_max_id: dialog.readOutbox,
    unread_count: unreadIn(channel, me).length,
    chat_photo: photoOf(view, channel.photo) ?? { _: 'photoEmpty', id: 0n },
    notify_settings: notifyTl(dialog),
    exported_invite: exported(channel, me),
    bot_info: [],
    ...(from === undefined
      ? {}
      : { migrated_from_chat_id: from.group.id, migrated_from_max_id: from.maxIds.get(me) ?? 0 }),
    pinned_msg_id: pinnedId(channel, me),
    folder_id: dialog.folder === 0 ? undefined : dialog.folder,
    slowmode_seconds: channel.slowmode === 0 ? undefined : channel.slowmode,
    pts: channel.box.pts,
    ttl_period: channel.ttl === 0 ? undefined : channel.ttl,
    available_reactions: allowedTl(channel.allowed),
  }
}
