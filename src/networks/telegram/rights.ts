import type { tl } from '@mtcute/core'
import type { TgChat } from './ids.ts'
import type { View } from './view.ts'

type Looks = Pick<View, 'account' | 'user' | 'chat' | 'channel'>

/** What an account may do in a conversation, as far as the objects that it was given tell. */
export type Rights = {
  /** It is in there. False also where nothing is known. */
  member: boolean
  speak: boolean
  react: boolean
  name: boolean
  pin: boolean
  invite: boolean
  ban: boolean
  promote: boolean
  /** It may delete what others wrote. */
  deleteOthers: boolean
}

const NONE: Rights = {
  member: false,
  speak: false,
  react: false,
  name: false,
  pin: false,
  invite: false,
  ban: false,
  promote: false,
  deleteOthers: false,
}

const OWNER: Rights = {
  member: true,
  speak: true,
  react: true,
  name: true,
  pin: true,
  invite: true,
  ban: true,
  promote: true,
  deleteOthers: true,
}

/** Rights by what the server says of the account itself (core.telegram.org/api/rights). */
export function rightsIn(view: Looks, chat: TgChat): Rights {
  switch (chat.kind) {
    case 'user': {
      const gone = view.user(chat.id)?.deleted === true
      return { ...NONE, member: true, speak: !gone, react: !gone, pin: !gone, deleteOthers: true }
    }
    case 'chat':
      return inGroup(view.chat(chat.id))
    case 'channel':
      return inChannel(view.channel(chat.id))
  }
}

function inGroup(group: tl.RawChat | tl.RawChatForbidden | undefined): Rights {
  if (group?._ !== 'chat' || group.left === true || group.deactivated === true) return NONE
  if (group.creator === true) return OWNER
  return withRights(group.adminRights, undefined, group.defaultBannedRights, false)
}

function inChannel(channel: tl.RawChannel | tl.RawChannelForbidden | undefined): Rights {
  if (channel?._ !== 'channel' || channel.left === true) return NONE
  if (channel.creator === true) return OWNER
  const { adminRights, bannedRights, defaultBannedRights, broadcast } = channel
  return withRights(adminRights, bannedRights, defaultBannedRights, broadcast === true)
}

function withRights(
  admin: tl.RawChatAdminRights | undefined,
  banned: tl.RawChatBannedRights | undefined,
  byDefault: tl.RawChatBannedRights | undefined,
  broadcast: boolean,
): Rights {
  const denied = (right: 'sendMessages' | 'sendReactions' | 'changeInfo' | 'pinMessages' | 'inviteUsers') =>
    banned?.[right] === true || byDefault?.[right] === true
  return {
    member: banned?.viewMessages !== true,
    speak: broadcast ? admin?.postMessages === true : admin !== undefined || !denied('sendMessages'),
    react: admin !== undefined || !denied('sendReactions'),
    name: admin === undefined ? !broadcast && !denied('changeInfo') : admin.changeInfo === true,
    pin: admin === undefined ? !broadcast && !denied('pinMessages') : admin.pinMessages === true,
    invite: admin === undefined ? !broadcast && !denied('inviteUsers') : admin.inviteUsers === true,
    ban: admin?.banUsers === true,
    promote: admin?.addAdmins === true,
    deleteOthers: admin?.deleteMessages === true,
  }
}
