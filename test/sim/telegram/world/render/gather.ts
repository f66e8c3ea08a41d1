import type { TlObject, TlValue } from '../../contract.ts'
import { isList, isObject } from '../args.ts'
import type { Account } from '../account.ts'
import type { Channel } from '../channel.ts'
import type { Group } from '../group.ts'
import type { View } from '../view.ts'
import { chatTl } from './chat.ts'
import { userTl } from './user.ts'

const USER_FIELDS = new Set([
  'user_id',
  'from_id',
  'inviter_id',
  'admin_id',
  'kicked_by',
  'promoted_by',
  'via_bot_id',
  'users',
  'recent_requesters',
])
const GROUP_FIELDS = new Set(['chat_id', 'migrated_from_chat_id'])

type Found = { users: Set<Account>; rooms: Set<Group | Channel> }

function walk(view: View, value: TlValue, field: string, found: Found): void {
  const { realm } = view
  if (typeof value === 'bigint') {
    const user = USER_FIELDS.has(field) ? realm.users.get(value) : undefined
    const group = GROUP_FIELDS.has(field) ? realm.groups.get(value) : undefined
    const channel = field === 'channel_id' ? realm.channels.get(value) : undefined
    if (user !== undefined) found.users.add(user)
    if (group !== undefined) found.rooms.add(group)
    if (channel !== undefined) found.rooms.add(channel)
  } else if (isList(value)) {
    for (const item of value) walk(view, item, field, found)
  } else if (value !== undefined && isObject(value)) {
    for (const [name, inner] of Object.entries(value)) walk(view, inner, name, found)
  }
}

/**
 * The `users` and `chats` that an answer or push must bring along: one full object for every id that the given objects
 * mention, by the names of the fields (ids of users and channels overlap).
 */
export function gather(view: View, values: TlValue, push = false): { users: TlObject[]; chats: TlObject[] } {
  const found: Found = { users: new Set(), rooms: new Set() }
  walk(view, values, '', found)
  const chats = [...found.rooms].map((room) => chatTl(view, room))
  const known = new Set(found.rooms)
  // A migrated group names its supergroup.
  walk(view, chats, '', found)
  for (const room of found.rooms) if (!known.has(room)) chats.push(chatTl(view, room))
  return { users: [...found.users].map((account) => userTl(view, account, push)), chats }
}
