import type { ChatModification, LastMessageList } from '@whiskeysockets/baileys'
import type { RemoteChatId } from '../../model/ids.ts'
import type { ChatSettings } from '../../model/remote-event.ts'
import type { Connection } from './connection.ts'

/** Puts a conversation away as its owner did on Matrix. Each part is a change of WhatsApp's app state. */
export async function applySettings(
  { baileys, reader }: Connection,
  chat: RemoteChatId,
  { mute, archived, unread, favourite }: ChatSettings,
  now: Date,
): Promise<void> {
  // WhatsApp wants to know up to where it is meant.
  const last: LastMessageList = reader.lastOf(chat)
  const changes: ChatModification[] = [
    ...(mute === undefined ? [] : [{ mute: muteOf(mute, now) }]),
    ...(archived === undefined ? [] : [{ archive: archived, lastMessages: last }]),
    ...(unread === undefined ? [] : [{ markRead: !unread, lastMessages: last }]),
    ...(favourite === undefined ? [] : [{ pin: favourite }]),
  ]
  for (const change of changes) await baileys.chatModify(change, chat)
}

const ALWAYS_MS = -1

/** Baileys adds it to nothing: it is the end of the silence in milliseconds, and -1 for none. */
function muteOf(mute: NonNullable<ChatSettings['mute']>, now: Date): number | null {
  if (mute === 'off') return null
  if (mute === 'forever') return ALWAYS_MS
  return mute.untilMs > now.getTime() ? mute.untilMs : null
}
