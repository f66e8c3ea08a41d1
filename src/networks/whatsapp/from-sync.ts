import type { ChatSettings } from '../../model/remote-event.ts'
import { numberOf } from './numbers.ts'
import type { Mutation } from './sync-patches.ts'

/** What the owner of an account did on their phone, or on another device; as JSON keeps it. */
export type PhoneChange =
  | { kind: 'settings'; jid: string; settings: ChatSettings }
  /** A message was deleted for the account alone. `participant`: who wrote it in a group. */
  | { kind: 'forgotten'; jid: string; id: string; fromMe: boolean; participant?: string }
  | { kind: 'cleared'; jid: string }
  | { kind: 'deleted'; jid: string }
  /** An empty name: taken out of the address book. */
  | { kind: 'contact'; jid: string; name: string; lid?: string }

/**
 * Reads a value of app state (indexes as `chatModificationToAppPatch` of Baileys and whatsmeow's `appstate` package have
 * them). Undefined for what nobody sees on Matrix, such as stars, which are of one's own bookmarks, labels and the app's
 * own settings.
 */
export function changeOf({ index, value, removed }: Mutation): PhoneChange | undefined {
  const [what, jid = '', id = '', fromMe, participant = ''] = index
  if (jid === '') return undefined
  const settings = (changed: ChatSettings): PhoneChange => ({ kind: 'settings', jid, settings: changed })
  switch (what) {
    case 'mute':
      return settings({ mute: muteOf(value.muteAction, removed) })
    case 'archive':
      return settings({ archived: !removed && value.archiveChatAction?.archived === true })
    // A locked chat is out of the list of chats too. What Matrix shows of it can't be locked.
    case 'lock':
      return settings({ archived: !removed && value.lockChatAction?.locked === true })
    case 'pin_v1':
      return settings({ favourite: !removed && value.pinAction?.pinned === true })
    case 'markChatAsRead':
      return settings({ unread: !removed && value.markChatAsReadAction?.read === false })
    case 'contact': {
      const { fullName, firstName, lidJid } = value.contactAction ?? {}
      const name = removed ? '' : (fullName || firstName || '').trim()
      return { kind: 'contact', jid, name, ...(lidJid && { lid: lidJid }) }
    }
    case 'deleteMessageForMe': {
      if (removed || id === '') return undefined
      const author = /@/.test(participant) ? { participant } : {}
      return { kind: 'forgotten', jid, id, fromMe: fromMe === '1', ...author }
    }
    case 'clearChat':
      return removed ? undefined : { kind: 'cleared', jid }
    case 'deleteChat':
      return removed ? undefined : { kind: 'deleted', jid }
    default:
      return undefined
  }
}

/** Less than nothing is for ever, and so is nothing. The end of the silence is in milliseconds. */
function muteOf(mute: Mutation['value']['muteAction'], removed: boolean): NonNullable<ChatSettings['mute']> {
  if (removed || mute?.muted !== true) return 'off'
  const untilMs = numberOf(mute.muteEndTimestamp) ?? 0
  return untilMs > 0 ? { untilMs } : 'forever'
}
