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

/** What a group is called and what it says about itself, for a room that does not know. */
export function groupNames(view: View, id: RemoteChatId, at: Date): RemoteEvent[] {
  const chat = remoteChat(view, id)
  const { name, topic } = chat
  const base = (words: string) => ({
    chat,
    at,
    id: remoteMessageId(`named/${stampOf(words)}/${at.getTime()}`),
  })
  return [
    ...(name === undefined ? [] : [{ ...base(name), kind: 'name' as const, name }]),
    ...(topic === undefined ? [] : [{ ...base(topic), kind: 'topic' as const, topic }]),
  ]
}

const stampOf = (state: string): string => createHash('sha256').update(state).digest('base64url').slice(0, 16)

/** How a group is now: who is in it, and who administers it. `stamp`: the same for the same state. */
export type GroupState = { stamp: string; events: RemoteEvent[] }

export function groupState(
  view: View,
  id: RemoteChatId,
  group: GroupMetadata,
  at: Date,
): GroupState | undefined {
  const facts = view.group(id)
  if (facts === undefined) return undefined
  const chat = remoteChat(view, id)
  const members = membersOf(group)
  const people = [...new Set(members.map((user) => canonical(view, user)))]
  const users = people.map((user) => ({
    user: personOf(view, user),
    level: levelOf(view, user, facts.role(user) ?? facts.role(view.aliasOf(user) ?? user) ?? 'member'),
  }))
  const room = roomPower({
    ...facts,
    ...(group.memberAddMode !== undefined && { adminsAdd: !group.memberAddMode }),
  })
  // Each account tells it, so that its owner is invited as soon as it is known that they are there.
  const stamp = stampOf(
    JSON.stringify([view.login, people.toSorted(), users.map(({ level }) => level), room]),
  )
  // A group can come back to what it was.
  const base = { chat, at, id: remoteMessageId(`state/${stamp}/${at.getTime()}`) }
  const power: RemoteEvent = { ...base, kind: 'power', users, room }
  // An incomplete list would make leave who is there.
  if (members.length < group.participants.length) return { stamp, events: [power] }
  const all: RemoteEvent = {
    ...base,
    kind: 'members',
    users: users.map(({ user }) => user),
    ...(people.length > MOST_SHOWN && { lazy: true }),
  }
  return { stamp, events: [all, power] }
}
