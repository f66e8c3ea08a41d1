import type { Capabilities } from '../../model/capabilities.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import { isGroup } from './ids.ts'
import { LARGEST_FILE_BYTES } from './limits.ts'
import type { View } from './view.ts'

const NOTES = {
  reactions: 'WhatsApp takes one reaction of each person: another one replaces it.',
}

/** What a conversation can do by the account that would speak in it; without one, what WhatsApp can do at all. */
export function capabilitiesOf(
  chat: RemoteChat,
  view: Pick<View, 'self' | 'group'> | undefined,
): Capabilities {
  const group = isGroup(chat.id)
  const facts = group ? view?.group(chat.id) : undefined
  const role = view && facts && (facts.role(view.self.lid ?? view.self.phone) ?? facts.role(view.self.phone))
  const admin = role === 'admin' || role === 'owner'
  // What is not known is left to the server, which says so.
  const change = group && (facts?.restrict !== true || role === undefined || admin)
  return {
    formatting: 'native',
    media: 'native',
    location: 'native',
    contact: 'native',
    polls: 'native',
    reactions: 'native',
    edits: 'native',
    redactions: 'native',
    replies: 'native',
    typing: true,
    receipts: true,
    membership: group,
    topic: change,
    name: change,
    power: group && (role === undefined || admin),
    avatar: change,
    pins: !group || change,
    settings: true,
    reactionsEach: 1,
    largestMediaBytes: LARGEST_FILE_BYTES,
    notes: NOTES,
  }
}
