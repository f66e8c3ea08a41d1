import { createHash } from 'node:crypto'
import type { GroupMetadata, GroupParticipant } from '@whiskeysockets/baileys'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent, RemoteUser } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { isLid, isPhone, toChatId, toUserId } from './ids.ts'
import { cleanName, personOf } from './names.ts'
import { levelOf, roleOf, roomPower } from './power.ts'
import type { View } from './view.ts'

/**
 * A group as it is now: who is in it with which power, its name and description. Each event has an id made of what it
 * says, so that one who hears the same again has heard nothing.
 */
export function fromGroup(group: GroupMetadata, view: View, now: Date): RemoteEvent[] {
  const id = toChatId(group.id)
  if (id === undefined) return []
  const chat = remoteChat(view, id)
  const members = group.participants.flatMap((each) => memberOf(each, view) ?? [])
  const base = (what: string, content: unknown) => ({
    chat,
    at: now,
    id: remoteMessageId(`group.${what}.${hash([now.getTime(), content])}`),
  })
  const name = cleanName(group.subject)
  const topic = group.desc?.toWellFormed().trim()
  const users = members.map(({ user }) => user)
  const levels = members.map(({ user, level }) => ({ user, level }))
  const room = roomPower({
    announce: group.announce === true,
    restrict: group.restrict === true,
    ...(group.memberAddMode !== undefined && { adminsAdd: !group.memberAddMode }),
  })
  return [
    // An incomplete list would make leave who is there.
    ...(members.length > 0 && members.length === group.participants.length
      ? [
          {
            ...base(
              'members',
              users.map((user) => user.id),
            ),
            kind: 'members' as const,
            users,
          },
        ]
      : []),
    {
      ...base('power', [levels.map(({ user, level }) => [user.id, level]), room]),
      kind: 'power',
      users: levels,
      room,
    },
    ...(name === '' ? [] : [{ ...base('name', name), kind: 'name' as const, name }]),
    ...(topic === undefined ? [] : [{ ...base('topic', topic), kind: 'topic' as const, topic }]),
  ]
}

const hash = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16)

function memberOf(member: GroupParticipant, view: View): { user: RemoteUser; level: number } | undefined {
  const ids = [member.id, member.lid, member.phoneNumber].flatMap((jid) => toUserId(jid) ?? [])
  const [first] = ids
  if (first === undefined) return undefined
  const [lid, phone] = [ids.find(isLid), ids.find(isPhone)]
  const role =
    member.isSuperAdmin === true ? 'owner' : member.isAdmin === true ? 'admin' : roleOf(member.admin)
  const known: View =
    lid === undefined || phone === undefined
      ? view
      : {
          ...view,
          aliasOf: (user) => (user === lid ? phone : user === phone ? lid : view.aliasOf(user)),
        }
  return { user: personOf(known, lid ?? first), level: levelOf(role) }
}
