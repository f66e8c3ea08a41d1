import type { tl } from '@mtcute/core'
import type { MediaContent } from '../../model/content.ts'
import type { ChatSettings } from '../../model/remote-event.ts'
import type { TgText } from './spans.ts'

/** What a message answers and in which topic it stands (`inputReplyToMessage`). */
export type TgReply = {
  to?: number
  /** The topic's number; absent in General, which has none when one sends. */
  topic?: number
  quote?: TgText
}

/** An attachment to upload. The bytes are found by `media.source`. */
export type Upload = {
  media: MediaContent
  /** `photo`: as `inputMediaUploadedPhoto`, if it is small enough (`isPhoto`), else as a document. */
  as: 'photo' | 'document'
  mimeType: string
  fileName: string
  attributes: tl.TypeDocumentAttribute[]
  spoiler?: boolean
  /** Not to be shown as a picture or video. */
  forceFile?: boolean
  /** A video without sound, which plays as a GIF. */
  nosoundVideo?: boolean
}

/** Somebody of the conversation. */
export type TgTarget = { user: number; input: tl.TypeInputUser }

/**
 * One call of the service. Those that make a message take a random id, so that a repeat makes no second one; the others
 * can be repeated as they are.
 */
export type TelegramCall =
  | { kind: 'text'; text: TgText; reply: TgReply; noPreview: boolean }
  | { kind: 'upload'; upload: Upload; caption: TgText; reply: TgReply }
  | { kind: 'media'; media: tl.TypeInputMedia; reply: TgReply }
  | { kind: 'edit'; n: number; text: TgText; upload?: Upload; noPreview: boolean }
  /** A live location goes on, or ends. */
  | { kind: 'move'; n: number; media: tl.RawInputMediaGeoLive }
  | { kind: 'delete'; numbers: number[] }
  /** The whole set of the account; `replaced` are those that it had to give up, as Matrix keys. */
  | { kind: 'react'; n: number; reactions: tl.TypeReaction[]; keys: string[]; replaced: string[] }
  | { kind: 'vote'; n: number; options: Uint8Array[] }
  | { kind: 'close-poll'; n: number }
  | { kind: 'pin'; n: number; pinned: boolean }
  | { kind: 'title'; title: string }
  | { kind: 'topic-title'; topic: number; title: string }
  | { kind: 'about'; about: string }
  /** Without an upload the picture is taken away. */
  | { kind: 'photo'; upload?: Upload }
  | { kind: 'invite' | 'kick' | 'ban' | 'unban'; target: TgTarget }
  | { kind: 'leave' }
  /** Without rights somebody is an administrator no more. */
  | { kind: 'admin'; target: TgTarget; rights?: tl.RawChatAdminRights }
  | { kind: 'settings'; settings: ChatSettings }

/** Calls in their order, with words for the sender when it arrives in another form; or why there is nothing to call. */
export type TelegramPlan = { calls: TelegramCall[]; note?: string } | { refused: string; code: string }

/** Whether a call makes a message: it needs a random id, and its message a place in the delivery's parts. */
export const createsMessage = (
  call: TelegramCall,
): call is Extract<TelegramCall, { kind: 'text' | 'upload' | 'media' }> =>
  call.kind === 'text' || call.kind === 'upload' || call.kind === 'media'

export const refusedPlan = (refused: string, code = 'unsupported'): TelegramPlan => ({ refused, code })
