import type { Capabilities } from '../../model/capabilities.ts'
import type { RemoteChat } from '../../model/remote-event.ts'
import type { Session } from './session.ts'
import { sendsReactions, sendsReplies } from './to-remote.ts'

/** Without a connection: nothing is promised beyond text. */
const TEXT_ONLY: Capabilities = {
  formatting: 'native',
  media: 'text',
  location: 'text',
  contact: 'text',
  polls: 'text',
  reactions: 'text',
  edits: 'text',
  redactions: 'text',
  replies: 'text',
  typing: false,
  receipts: false,
  membership: true,
  topic: true,
  name: false,
  power: true,
  notes: {
    edits: 'IRC cannot edit messages: the correction was sent as a new line.',
    polls: 'IRC has no polls: it was written out as text.',
  },
}

const NOTES = {
  reactions: 'This IRC network cannot show reactions as such: it was told in words.',
  redactions: 'IRC keeps what was said: the text stays there.',
}

/** What a conversation can do by the connection that would speak in it. */
export function capabilitiesOf(chat: RemoteChat, session: Session | undefined): Capabilities {
  const channel = chat.type !== 'dm'
  const base = { ...TEXT_ONLY, membership: channel, topic: channel, power: channel }
  const link = session?.live?.link
  const has = (cap: string) => link?.has(cap) ?? session?.caps.has(cap) ?? false
  const voice = {
    sendsTag: (tag: string) => has('message-tags') && (link?.isupport.clientTagDeny.allows(tag) ?? true),
  }
  // The bot speaks for many: a reaction by tag would be its own.
  const reactions = session?.login !== undefined && sendsReactions(voice)
  const redactions = has('draft/message-redaction')
  return {
    ...base,
    reactions: reactions ? 'native' : 'text',
    redactions: redactions ? 'native' : 'text',
    replies: sendsReplies(voice) ? 'native' : 'text',
    typing: session?.login !== undefined && voice.sendsTag('typing'),
    notes: {
      ...base.notes,
      ...(!reactions && { reactions: NOTES.reactions }),
      ...(!redactions && { redactions: NOTES.redactions }),
    },
  }
}
