/** How far a delivery has come, as a chip shows it. */
export type Chip = {
  /** What was delivered: `message`, `edit`, `reaction` and so on. */
  what: string
  state: 'queued' | 'sending' | 'parked' | 'delivered' | 'rejected' | 'unknown' | 'expired' | 'missed'
  /** The reason, where there is one to tell. */
  why?: string
  /** The number of its row in the ledger. */
  row?: number
  attempts?: number
  /** Milliseconds from the commit of the row to its end. */
  tookMs?: number
}

export type Reaction = { key: string; by: string[]; mine: boolean }

export type PollView = {
  question: string
  options: { id: string; text: string; votes: number; mine: boolean }[]
  voters: number
  ended: boolean
}

/** A file of a message. */
export type MediaView = {
  /** Below the page's own address. */
  url: string
  name: string
  /** Of a voice message: heights from 0 to 1024. */
  waveform?: number[]
  durationMs?: number
}

/** One thing in a conversation, as the page shows it on either side. */
export type Item = {
  id: string
  kind: 'text' | 'notice' | 'emote' | 'image' | 'sticker' | 'voice' | 'file' | 'poll' | 'event'
  from: string
  /** Written by whoever the pane belongs to. */
  mine: boolean
  at: number
  /** Sanitised HTML. */
  html: string
  /** Plain text, for quotes and for editing. */
  text: string
  edited?: boolean
  redacted?: boolean
  reply?: { from: string; text: string }
  media?: MediaView
  poll?: PollView
  reactions: Reaction[]
  chips: Chip[]
  /** Who has seen it, of those who are not its author; absent where nobody can say. */
  readBy?: string[]
  /** Whether a device of somebody else has it; absent where nobody can say. */
  arrived?: boolean
  /** What it looks like on the wire. */
  raw: string
}

export type Conversation = {
  id: string
  /** On Matrix: the id of the same conversation on the other side. */
  twin?: string
  name: string
  kind: 'bot' | 'channel' | 'group' | 'topic' | 'dm'
  /** Where it is, for a list. */
  under: string
  /** What it is, in a few words. */
  about: string
  network?: string
  /** Who can write from the page, the owner of the pane first. */
  people: string[]
  members: string[]
  typing: string[]
  items: Item[]
  /** What people can do here, beside writing. */
  can: { react: boolean; reply: boolean; redact: boolean; edit: boolean; read: boolean }
}

/** A file on its way into a conversation. */
export type Attachment = {
  /** The room, or the place of a side. */
  to: string
  /** Who sends it, where there is a choice. */
  who: string
  name: string
  type: string
  caption: string
  bytes: Buffer
}

/** The newest of a conversation; older things scroll out of the demo. */
export const MOST_ITEMS = 150

const EXCERPT = 90

export const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= EXCERPT ? line : `${line.slice(0, EXCERPT - 1)}…`
}
