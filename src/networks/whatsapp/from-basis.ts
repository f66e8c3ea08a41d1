import type { RemoteChatId, RemoteMessageId } from '../../model/ids.ts'
import type { RemoteChat, RemoteSender } from '../../model/remote-event.ts'
import type { WaMessage } from './ids.ts'
import type { View } from './view.ts'

/** What a message is read with, once its surroundings are known. */
export type Basis = {
  /** With what the message itself says of people. */
  view: View
  chat: RemoteChatId
  by: WaMessage['by']
  /** The network's own id of the message. */
  own: string
  /** Further ids of the same message. */
  alsoIds: RemoteMessageId[]
  event: { chat: RemoteChat; id: RemoteMessageId; at: Date; sender?: RemoteSender }
}

/** What was kept of earlier messages, or looked up for this one: see `wantedFor`. */
export type Stored = {
  /** The reaction that the same person had on the same message. */
  reaction?: string
  /** The answers of a decrypted vote, as `decryptPollVote` of Baileys gives them; absent: it could not be decrypted. */
  vote?: readonly Uint8Array[]
  /** Whether what the message answers is in the bridge; absent: it is taken to be. */
  quotedKnown?: boolean
}
