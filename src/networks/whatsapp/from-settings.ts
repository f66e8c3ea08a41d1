import { createHash } from 'node:crypto'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteChatId } from '../../model/ids.ts'
import type { ChatSettings, RemoteEvent } from '../../model/remote-event.ts'
import { canonicalChat, remoteChat } from './chats.ts'
import { numberOf } from './numbers.ts'
import type { LongLike } from './numbers.ts'
import type { View } from './view.ts'

/** What `chats.update` and `chats.upsert` of Baileys say of how a conversation was put away. */
export type ChatNews = {
  id?: string | null
  /** Milliseconds of Unix time; less than nothing: for ever; null: not at all. */
  muteEndTime?: LongLike
  archived?: boolean | null
  archive?: boolean | null
  /** -1: marked as unread. */
  unreadCount?: number | null
  /** When it was pinned; 0 and null: it is not. */
  pinned?: number | null
}

/** How the account has put a conversation away; only what is said changes. Nothing said, no event. */
export function settingsOf(news: ChatNews, view: View, now: Date): RemoteEvent[] {
  const chat = canonicalChat(view, news.id)
  const settings: ChatSettings = {
    ...('muteEndTime' in news && news.muteEndTime !== undefined && { mute: muteOf(news.muteEndTime, now) }),
    ...archivedIn(news),
    ...unreadIn(news),
    ...('pinned' in news && news.pinned !== undefined && { favourite: (news.pinned ?? 0) > 0 }),
  }
  if (chat === undefined || Object.keys(settings).length === 0) return []
  return [settingsEvent(view, chat, settings, now, now.getTime())]
}

/** @param what tells the change from an earlier one to the same */
export function settingsEvent(
  view: View,
  chat: RemoteChatId,
  settings: ChatSettings,
  at: Date,
  what: string | number,
): RemoteEvent {
  const text = JSON.stringify([view.self.phone, what, settings])
  const id = remoteMessageId(`settings.${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`)
  return { chat: remoteChat(view, chat), id, at, kind: 'settings', login: view.login, settings }
}

function muteOf(until: LongLike, now: Date): NonNullable<ChatSettings['mute']> {
  const ms = numberOf(until) ?? 0
  if (ms < 0) return 'forever'
  return ms > now.getTime() ? { untilMs: ms } : 'off'
}

function archivedIn({ archived, archive }: ChatNews): { archived?: boolean } {
  const value = archived ?? archive
  return typeof value === 'boolean' ? { archived: value } : {}
}

/** The number of unread messages is the room's own affair; only the mark is somebody's wish. */
function unreadIn({ unreadCount }: ChatNews): { unread?: boolean } {
  if (unreadCount === undefined || unreadCount === null || unreadCount > 0) return {}
  return { unread: unreadCount === -1 }
}
