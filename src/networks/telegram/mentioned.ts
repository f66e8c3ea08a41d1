/** Peers that an object of Telegram names, by number. */
export type Mentioned = { users: Set<number>; chats: Set<number>; channels: Set<number>; emoji: Set<string> }

const USER_FIELDS = new Set(['userId', 'inviterId', 'viaBotId', 'adminId', 'fromUserId', 'actorId', 'botId'])

/** Everybody whom an update may speak of, found by the names of its fields, so that they can be looked up beforehand. */
export function mentionedIn(value: unknown): Mentioned {
  const found: Mentioned = { users: new Set(), chats: new Set(), channels: new Set(), emoji: new Set() }
  walk(value, found, 0)
  return found
}

const DEEPEST = 12

function walk(value: unknown, found: Mentioned, depth: number): void {
  if (depth > DEEPEST || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (Array.isArray(value)) {
    for (const each of value) walk(each, found, depth + 1)
    return
  }
  for (const [field, part] of Object.entries(value)) {
    if (typeof part === 'number') {
      if (USER_FIELDS.has(field)) found.users.add(part)
      else if (field === 'chatId') found.chats.add(part)
      else if (field === 'channelId') found.channels.add(part)
    } else if (field === 'users' && Array.isArray(part)) {
      for (const id of part) {
        if (typeof id === 'number') found.users.add(id)
        else walk(id, found, depth + 1)
      }
    } else if (field === 'documentId') found.emoji.add(String(part))
    else walk(part, found, depth + 1)
  }
}
