import { createHash } from 'node:crypto'
import type { GroupMetadata } from '@whiskeysockets/baileys'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteChatId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { membersOf } from './groups.ts'
import { canonical, personOf } from './names.ts'
import { levelOf, roomPower } from './power.ts'
import type { View } from './view.ts'

/** In groups of more people whoever speaks comes in, and nobody before. */
const MOST_SHOWN = 200

/** How a group is now: who is in it, who administers it, what it is called. The same state has the same ids. */
export function groupState(view: View, id: RemoteChatId, group: GroupMetadata, at: Date): RemoteEvent[] {
  const facts = view.group(id)
  if (facts === undefined) return []
  const chat = remoteChat(view, id)
  const people = [...new Set(membersOf(group).map((user) => canonical(view, user)))]
  const users = people.map((user) => ({
    user: personOf(view, user),
    level: levelOf(facts.role(user) ?? facts.role(view.aliasOf(user) ?? user) ?? 'member'),
  }))
  const room = roomPower({
    ...facts,
    ...(group.memberAddMode !== undefined && { adminsAdd: !group.memberAddMode }),
  })
  const state = JSON.stringify([people.toSorted(), users.map(({ level }) => level), room])
  const stamp = createHash('sha256').update(state).digest('base64url').slice(0, 16)
  const base = { chat, at, id: remoteMessageId(`state/${stamp}`) }
  return [
    {
      ...base,
      kind: 'members',
      users: users.map(({ user }) => user),
      ...(people.length > MOST_SHOWN && { lazy: true }),
    },
    { ...base, kind: 'power', users, room },
  ]
}
