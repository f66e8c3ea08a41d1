/** Whether an ability exists on the network (`native`) or is said in words by the shared renderer (`text`). */
export type Ability = 'native' | 'text'

/** What a conversation can do at this moment; the core asks this value, never the type of the connector. */
export type Capabilities = {
  formatting: Ability
  media: Ability
  location: Ability
  contact: Ability
  polls: Ability
  reactions: Ability
  edits: Ability
  redactions: Ability
  replies: Ability
  /** A location that moves, as one message. Absent: no. */
  liveLocation?: boolean
  typing: boolean
  receipts: boolean
  /** Kick, ban, invite and leave. */
  membership: boolean
  topic: boolean
  name: boolean
  power: boolean
  /** The picture of the conversation. Absent: no. */
  avatar?: boolean
  /** Pinned messages. Absent: no. */
  pins?: boolean
  /** Mute, archive, unread and favourite of a login. Absent: no. */
  settings?: boolean
  /** Different reactions that one person can have on a message; one more takes the oldest away. Absent: no limit. */
  reactionsEach?: number
  /** The largest attachment, in bytes. Absent: no limit is known. */
  largestMediaBytes?: number
  /** After this many milliseconds an edit is said in words; absent: no limit. */
  editWindowMs?: number
  /** Words shown once to a sender whose reaction, edit or redaction went as text or not at all. */
  notes?: Partial<Record<'reactions' | 'edits' | 'redactions' | 'polls', string>>
}
