import type { tl } from '@mtcute/core'
import type { RoomPower } from '../../model/remote-event.ts'

/**
 * Levels of Matrix for Telegram's roles. All are below the bot's 100: nobody can take power from somebody who has as
 * much.
 */
export const OWNER_LEVEL = 95
export const CHIEF_LEVEL = 75
export const ADMIN_LEVEL = 50

/** The level of a member; administrators who may make others administrators are above those who may not. */
export function levelOf(participant: tl.TypeChatParticipant | tl.TypeChannelParticipant): number {
  switch (participant._) {
    case 'chatParticipantCreator':
    case 'channelParticipantCreator':
      return OWNER_LEVEL
    case 'chatParticipantAdmin':
      return ADMIN_LEVEL
    case 'channelParticipantAdmin':
      return participant.adminRights.addAdmins === true ? CHIEF_LEVEL : ADMIN_LEVEL
    default:
      return 0
  }
}

/** What a level that somebody gave on Matrix means; undefined takes the rights away. */
export function adminRightsFor(level: number): tl.RawChatAdminRights | undefined {
  if (level < ADMIN_LEVEL) return undefined
  return {
    _: 'chatAdminRights',
    changeInfo: true,
    deleteMessages: true,
    banUsers: true,
    inviteUsers: true,
    pinMessages: true,
    manageCall: true,
    manageTopics: true,
    other: true,
    ...(level >= CHIEF_LEVEL && { addAdmins: true }),
  }
}

/** What everybody may do, as levels of the room. In a channel only its administrators write. */
export function roomPower(
  rights: tl.RawChatBannedRights | undefined,
  options: { broadcast?: boolean } = {},
): Required<Omit<RoomPower, 'joinable'>> {
  const level = (denied: boolean | undefined) =>
    denied === true || options.broadcast === true ? ADMIN_LEVEL : 0
  const info = level(rights?.changeInfo)
  return {
    speak: level(rights?.sendMessages),
    topic: info,
    name: info,
    pin: level(rights?.pinMessages),
    invite: level(rights?.inviteUsers),
  }
}
