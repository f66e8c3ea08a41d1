import type { Appservice } from './appservice.ts'

export type Content = Record<string, unknown>

/** An event as clients see it. */
export type SimEvent = {
  type: string
  event_id: string
  room_id: string
  sender: string
  origin_server_ts: number
  content: Content
  state_key?: string
  redacts?: string
  unsigned: Unsigned
}

export type Unsigned = {
  age?: number
  /** Only for the same user and device that sent it (Client-Server API, "Local echo"). */
  transaction_id?: string
  replaces_state?: string
  prev_content?: Content
  prev_sender?: string
  redacted_because?: SimEvent
  redacted_by?: string
  invite_room_state?: StrippedEvent[]
}

export type StrippedEvent = { type: string; state_key: string; sender: string; content: Content }

/** What a registration file says. Namespaces are exclusive unless `url` is null (double puppets). */
export type Registration = {
  id: string
  url: string | null
  asToken: string
  hsToken: string
  senderLocalpart: string
  userRegexes: string[]
  aliasRegexes: string[]
}

/** Who asks: a person with a token, or an appservice acting as a user. */
export type Requester = { userId: string; deviceId: string | null; appservice: Appservice | null }

/** An ephemeral event (typing, receipts) as appservices and /sync see it. */
export type EphemeralEvent = { type: string; room_id: string; content: Content }

export type RoomVersion = '10' | '11' | '12'

export function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The string under `key`, or undefined if it is missing or something else. */
export function text(content: Content, key: string): string | undefined {
  const value = content[key]
  return typeof value === 'string' ? value : undefined
}
