import type { tl } from '@mtcute/core'
import type { LoginId, MatrixUserId, RemoteUserId } from '../../model/ids.ts'

/**
 * What one login's connection knows beside the object that is being read. Every look-up is in memory and answers at
 * once; what is not known is undefined, and the mapping then does without.
 */
export type View = {
  login: LoginId
  /** The user id of the login's account. */
  account: number
  /** A user, merged from full and incomplete objects (`mergeUser`). */
  user(id: number): tl.RawUser | undefined
  /** A basic group. */
  chat(id: number): tl.RawChat | tl.RawChatForbidden | undefined
  /** A channel or supergroup. */
  channel(id: number): tl.RawChannel | tl.RawChannelForbidden | undefined
  /** The title of a forum's topic. */
  topicTitle(channel: number, topic: number): string | undefined
  /** The login of an account that is connected to this bridge. */
  loginOf(user: number): LoginId | undefined
  /** How a person is called on Matrix: their own id when they are a user of the bridge, else their ghost's. */
  userIdOf(user: RemoteUserId): MatrixUserId
  /** Who has a user name, without the `@` and in any case. */
  userOfName(name: string): RemoteUserId | undefined
  /** The emoji for which a custom one stands, by its document id in decimal. */
  customEmoji(document: string): string | undefined
  /** The picture of a custom emoji, where it is one that does not move: its size in bytes. */
  emojiPicture(document: string): number | undefined
}

/** Whether topics of the channel are conversations of their own. */
export function isForum(view: Pick<View, 'channel'>, channel: number): boolean {
  const found = view.channel(channel)
  return found?._ === 'channel' && found.forum === true
}
