import type { BinaryNode, proto } from '@whiskeysockets/baileys'
import type { MediaContent } from '../../model/content.ts'
import type { RemoteUserId } from '../../model/ids.ts'
import type { ChatSettings } from '../../model/remote-event.ts'

/** An attachment to encrypt and upload. The bytes are found by `media.source`. */
export type Upload = {
  media: MediaContent
  as: 'image' | 'video' | 'audio' | 'document' | 'sticker'
  mimeType: string
  fileName: string
  /** A voice message, with its heights as WhatsApp has them. */
  voice?: { waveform?: Uint8Array }
  /** A video that loops without sound. */
  gif?: boolean
  /** A video message, shown as a circle. */
  round?: boolean
  animated?: boolean
}

/**
 * One thing to do. The first three are messages of the network: each takes an id (`messageIdFor`), so that a repeat
 * makes no second one. The others are requests that can be repeated as they are.
 */
export type WaCall =
  /** `shown`: it is a message in the chat, and no change of another. The rest is for the stanza. */
  | {
      kind: 'send'
      message: proto.IMessage
      shown: boolean
      attributes?: Record<string, string>
      nodes?: BinaryNode[]
    }
  /** `edit`: it takes the place of that message. */
  | {
      kind: 'upload'
      upload: Upload
      caption: string
      context: proto.IContextInfo
      edit?: proto.IMessageKey
    }
  /** `options`: SHA-256 of the answers, in hexadecimal; none takes the vote back. */
  | { kind: 'vote'; poll: proto.IMessageKey; options: string[] }
  | { kind: 'subject'; subject: string }
  | { kind: 'description'; description: string }
  /** Without an upload the picture is taken away. */
  | { kind: 'picture'; upload?: Upload }
  /** `people` by the address that they have in the group. */
  | { kind: 'participants'; action: 'add' | 'remove' | 'promote' | 'demote'; people: RemoteUserId[] }
  | { kind: 'leave' }
  /** 0 ends it. */
  | { kind: 'settings'; settings: ChatSettings }

/** Calls in their order, with words for the sender when it arrives in another form; or why there is nothing to call. */
export type WaPlan =
  | {
      calls: WaCall[]
      note?: string
      /** What WhatsApp calls the options of a poll that is sent, in their order. */
      optionIds?: string[]
    }
  | { refused: string; code: string }

/** Whether a call is a message of the network: it needs an id, and the server acknowledges it. */
export const isStanza = (call: WaCall): call is Extract<WaCall, { kind: 'send' | 'upload' | 'vote' }> =>
  call.kind === 'send' || call.kind === 'upload' || call.kind === 'vote'

/** Whether a call makes a message that can be answered: its id belongs to the delivery's ids. */
export const createsMessage = (call: WaCall): boolean =>
  (call.kind === 'send' && call.shown) || (call.kind === 'upload' && call.edit === undefined)

export const refusedPlan = (refused: string, code = 'unsupported'): WaPlan => ({ refused, code })
