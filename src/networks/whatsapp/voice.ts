import type { RemoteChatId, RemoteUserId } from '../../model/ids.ts'
import type { GroupRole, Self } from './view.ts'

/** The account that speaks, as far as it decides how something is said. All look-ups are in memory. */
export type Voice = {
  chat: RemoteChatId
  /** Where it is sent to: of a direct chat the LID, or the phone number where no LID is known. */
  jid: string
  self: Self
  /** The other id of the same person. */
  aliasOf: (user: RemoteUserId) => RemoteUserId | undefined
  /** Whether members of the group address each other by LID. */
  byLid: boolean
  /** What the account is in the group; undefined elsewhere and where it is not known. */
  role?: GroupRole
  /** Whose words the account carries, when they are not its owner's. */
  speaker?: string
  /** After how many seconds messages of the chat disappear. */
  disappearingSeconds?: number
  now: Date
  /** 32 random bytes, kept with the delivery; votes of a new poll are encrypted with them. */
  secret: Uint8Array
}
