import type { tl } from '@mtcute/core'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent, RemoteUser } from '../../model/remote-event.ts'
import { personId } from './ids.ts'
import { personOf, senderOf } from './names.ts'
import { senderOfPeer } from './peer.ts'
import { levelOf } from './power.ts'
import type { View } from './view.ts'

type Participant = tl.TypeChatParticipant | tl.TypeChannelParticipant

export type MemberList = {
  chat: RemoteChat
  /** Of the list as it is now, such as its version; a list that came before has another. */
  id: RemoteMessageId
  at: Date
}

/**
 * The members of a group and their power. `complete`: there are no more than those; otherwise, as in large groups, the
 * others come in when they speak, and nobody is taken for gone.
 */
export function fromMembers(
  participants: readonly Participant[],
  view: View,
  list: MemberList,
  options: { complete: boolean },
): RemoteEvent[] {
  const members: { user: RemoteUser; level: number }[] = []
  for (const participant of participants) {
    const user = memberOf(participant, view)
    if (user !== undefined) members.push({ user, level: levelOf(participant) })
  }
  // Of a complete list, whoever has no power may have had some.
  const powerful = members.filter(({ level }) => options.complete || level > 0)
  return [
    ...(options.complete
      ? [{ ...list, kind: 'members' as const, users: members.map(({ user }) => user) }]
      : []),
    ...(powerful.length > 0 ? [{ ...list, kind: 'power' as const, users: powerful }] : []),
  ]
}

/** Who a row of the list is; undefined for those who are not in the group. */
function memberOf(participant: Participant, view: View): RemoteUser | undefined {
  switch (participant._) {
    case 'channelParticipantLeft':
    case 'channelParticipantBanned': {
      const sender = senderOfPeer(participant.peer)
      const inside = participant._ === 'channelParticipantBanned' && participant.left !== true
      return sender !== undefined && inside ? senderOf(view, sender) : undefined
    }
    default:
      return personOf(view, participant.userId)
  }
}

/** One administrator of a basic group more or less. */
export function fromAdminChange(
  update: tl.RawUpdateChatParticipantAdmin,
  view: View,
  list: MemberList,
): RemoteEvent {
  const level = update.isAdmin
    ? levelOf({ _: 'chatParticipantAdmin', userId: update.userId, inviterId: 0, date: 0 })
    : 0
  const user =
    view.user(update.userId) === undefined ? { id: personId(update.userId) } : personOf(view, update.userId)
  return { ...list, kind: 'power', users: [{ user, level }] }
}
