import { createHash } from 'node:crypto'
import type { tl } from '@mtcute/core'
import { remoteMessageId } from '../../model/ids.ts'
import type { ChatSettings, RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import { GENERAL_TOPIC } from './ids.ts'
import type { TgChat } from './ids.ts'
import { chatOfPeer } from './peer.ts'
import { isForum } from './view.ts'
import type { View } from './view.ts'

/** Folder number 1 is the archive (core.telegram.org/api/folders). */
const ARCHIVE = 1
/** Later than this is for ever; clients write the largest number there is. */
const FOREVER = 2_000_000_000

/** How the account has put conversations away: mute, archive, mark as unread, keep at the top. */
export function settingsOf(update: tl.TypeUpdate, view: View, now: Date): RemoteEvent[] {
  switch (update._) {
    case 'updateNotifySettings': {
      const chat = mutedChat(update.peer, view)
      const { muteUntil } = update.notifySettings
      return chat === undefined ? [] : [settings(view, chat, { mute: muteOf(muteUntil, now) }, now)]
    }
    case 'updateFolderPeers':
      return update.folderPeers.map(({ peer, folderId }) =>
        settings(view, chatOfPeer(peer), { archived: folderId === ARCHIVE }, now),
      )
    case 'updateDialogUnreadMark':
      return dialog(update.peer).map((chat) => settings(view, chat, { unread: update.unread === true }, now))
    case 'updateDialogPinned':
      return dialog(update.peer).map((chat) =>
        settings(view, chat, { favourite: update.pinned === true }, now),
      )
    default:
      return []
  }
}

/** Settings of a conversation as its dialog has them, all at once. */
export function settingsOfDialog(dialogue: tl.RawDialog, view: View, now: Date): RemoteEvent {
  return settings(
    view,
    chatOfPeer(dialogue.peer),
    {
      mute: muteOf(dialogue.notifySettings.muteUntil, now),
      archived: dialogue.folderId === ARCHIVE,
      unread: dialogue.unreadMark === true,
      favourite: dialogue.pinned === true,
    },
    now,
  )
}

function settings(view: View, chat: TgChat, changed: ChatSettings, now: Date): RemoteEvent {
  const whole: TgChat =
    chat.kind === 'channel' && isForum(view, chat.id) ? { topic: GENERAL_TOPIC, ...chat } : chat
  const text = JSON.stringify([view.account, now.getTime(), changed])
  const id = remoteMessageId(`settings.${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`)
  return {
    chat: remoteChat(view, whole),
    id,
    at: now,
    kind: 'settings',
    login: view.login,
    settings: changed,
  }
}

function muteOf(until: number | undefined, now: Date): NonNullable<ChatSettings['mute']> {
  if (until === undefined || until * 1000 <= now.getTime()) return 'off'
  return until >= FOREVER ? 'forever' : { untilMs: until * 1000 }
}

function mutedChat(peer: tl.TypeNotifyPeer, view: View): TgChat | undefined {
  switch (peer._) {
    case 'notifyPeer':
      return chatOfPeer(peer.peer)
    case 'notifyForumTopic': {
      const chat = chatOfPeer(peer.peer)
      return chat.kind === 'channel' && isForum(view, chat.id) ? { ...chat, topic: peer.topMsgId } : undefined
    }
    default:
      return undefined
  }
}

const dialog = (peer: tl.TypeDialogPeer): TgChat[] => (peer._ === 'dialogPeer' ? [chatOfPeer(peer.peer)] : [])
