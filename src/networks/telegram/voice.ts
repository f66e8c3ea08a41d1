import type { tl } from '@mtcute/core'
import type { TgChat } from './ids.ts'
import type { PollState } from './polls.ts'

/** The account that speaks, as far as it decides how something is said. All look-ups are in memory. */
export type Voice = {
  chat: TgChat
  /** The user id of the account. */
  account: number
  premium: boolean
  /** A channel in which only posts are written. */
  broadcast: boolean
  /** Whose words the account carries, when they are not its owner's. */
  speaker?: string
  /** How the account addresses a person; undefined for somebody whom it has never met. */
  inputUser(id: number): tl.TypeInputUser | undefined
  /** A person's user name, without `@`. */
  usernameOf(id: number): string | undefined
  /** Reactions that the chat allows; undefined where it is not known. */
  allowedReactions?: readonly string[]
  /** Reactions of the account on the message that is meant, oldest first, as Matrix keys. */
  ownReactions: readonly string[]
  /** The poll that is meant. */
  poll?: PollState
}
