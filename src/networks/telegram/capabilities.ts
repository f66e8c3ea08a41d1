import type { Capabilities } from '../../model/capabilities.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import { parseChatId } from './ids.ts'
import { EDIT_WINDOW_MS, largestFileBytes, reactionsEach } from './limits.ts'
import { rightsIn } from './rights.ts'
import type { View } from './view.ts'

const NOTES = {
  reactions: 'Telegram takes one reaction of each person: another one replaces it.',
  edits: 'Telegram does not let old messages be edited: the correction was sent as a new message.',
}

/** What a conversation can do by the account that would speak in it; without one, what Telegram can do at all. */
export function capabilitiesOf(
  chat: RemoteChat,
  view: Pick<View, 'account' | 'user' | 'chat' | 'channel'> | undefined,
): Capabilities {
  const parsed = parseChatId(chat.id)
  const group = chat.type !== 'dm'
  const topic = parsed?.topic !== undefined
  const self = view?.user(view.account)
  const premium = self?.premium === true
  const bot = self?.bot === true
  const rights = view === undefined || parsed === undefined ? undefined : rightsIn(view, parsed)
  // What is not known of an account is left to the server, which says so.
  const may = (right: 'name' | 'pin' | 'invite' | 'promote') =>
    rights === undefined || !rights.member || rights[right]
  const forever = parsed?.kind === 'user' && parsed.id === view?.account
  return {
    formatting: 'native',
    media: 'native',
    location: 'native',
    liveLocation: true,
    contact: 'native',
    // Bots neither vote nor see what one person votes for in a poll that hides it.
    polls: bot ? 'text' : 'native',
    reactions: rights !== undefined && rights.member && !rights.react ? 'text' : 'native',
    edits: 'native',
    redactions: 'native',
    replies: 'native',
    typing: true,
    receipts: !bot,
    membership: group && !topic,
    topic: group && !topic && may('name'),
    name: group && may('name'),
    power: group && !topic && may('promote'),
    avatar: group && !topic && may('name'),
    pins: may('pin'),
    settings: !bot,
    reactionsEach: reactionsEach(premium),
    largestMediaBytes: largestFileBytes(premium),
    ...(!forever && { editWindowMs: EDIT_WINDOW_MS }),
    notes: NOTES,
  }
}
