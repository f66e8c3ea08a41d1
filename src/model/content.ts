import type { MatrixUserId, MxcUri, RemoteUserId } from './ids.ts'

/** Text as both worlds can show it. `html` is a subset of Matrix HTML; whoever sends it to a homeserver sanitises it again. */
export type RichText = {
  body: string
  html?: string
  /** Pictures in lines of `html`, such as custom emoji. */
  images?: InlineImage[]
}

/** In the HTML it is `<img src="inline:<id>" alt="…">`; the text is what is shown where it cannot be had. */
export type InlineImage = { id: string; media: MediaContent }

/** Someone named in a text. `name` is what the other world calls them; `whole` marks a mention of the whole room. */
export type Mention = { user: MatrixUserId; remote?: RemoteUserId; name?: string }

export type TextContent = {
  kind: 'text'
  style: 'text' | 'notice' | 'emote'
  body: string
  html?: string
  images?: InlineImage[]
  mentions?: Mention[]
  mentionsRoom?: boolean
  /** What the network shows beside the text for links in it. Absent: nothing is known, whoever shows it looks for itself. */
  previews?: LinkPreview[]
}

export type LinkPreview = { url: string; title?: string; description?: string; siteName?: string }

/** JWK and hash of an encrypted attachment, as in the specification's EncryptedFile. */
export type EncryptedFile = { url: MxcUri; key: { k: string }; iv: string; hashes: { sha256: string } }

/** Where the bytes are: on the homeserver, or with the network, in words only its connector reads. */
export type MediaSource =
  { at: 'matrix'; mxc: MxcUri; file?: EncryptedFile } | { at: 'remote'; ref: Record<string, unknown> }

export const MEDIA_KINDS = ['image', 'video', 'audio', 'voice', 'file', 'sticker'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export type MediaContent = {
  kind: 'media'
  media: MediaKind
  fileName: string
  source: MediaSource
  mimeType?: string
  sizeBytes?: number
  caption?: RichText
  /** Whom the caption names. */
  mentions?: Mention[]
  width?: number
  height?: number
  durationMs?: number
  /** MSC3246, 0..1024 */
  waveform?: number[]
  animated?: boolean
  spoiler?: boolean
  /** A video message that networks show as a circle. */
  round?: boolean
  /** What it shows, in a word or an emoji: the body of a sticker. */
  alt?: string
}

export type LocationContent = {
  kind: 'location'
  latitude: number
  longitude: number
  name?: string
  live?: boolean
  /** Milliseconds for which a live location is shared, counted from the message. */
  liveForMs?: number
  /** It was live and is not any more: this is where it ended. */
  ended?: boolean
}

export type ContactContent = {
  kind: 'contact'
  contacts: { name: string; phones: string[]; vcard?: string }[]
}

export type PollOption = { id: string; text: string }

export type PollContent = {
  kind: 'poll'
  question: string
  options: PollOption[]
  maxSelections: number
  /** Results are hidden until the poll ends. */
  hidden?: boolean
  /** Nobody is told who voted for what; such votes arrive as counts (`poll-tally`). */
  anonymous?: boolean
  /** One answer is right. `correct` is known to its author only, and to whoever has voted. */
  quiz?: { correct?: string; explanation?: RichText }
  /** It takes no votes any more. */
  closed?: boolean
}

/** Something that the other world cannot show; `text` says so in words, with what is known. */
export type UnsupportedContent = { kind: 'unsupported'; what: string; text: string; html?: string }

export type MessageContent =
  TextContent | MediaContent | LocationContent | ContactContent | PollContent | UnsupportedContent
