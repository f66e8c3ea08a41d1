import { authorOf, chatOfMessage } from './place.ts'
import type { AnyMessage } from './place.ts'
import type { View } from './view.ts'

/**
 * Whether this account brings a message of a channel or a private chat into the bridge. In channels all of those that see it
 * bring it: it has one number, so the ledger drops repeats. What another account of the bridge wrote comes from that
 * account alone: only its own connection can tell a message that the bridge sent from one that was written on the phone.
 */
export const brings = (view: View, message: AnyMessage): boolean =>
  chatOfMessage(view, message).kind === 'user' || otherWriter(view, message) === undefined

/** The other account of the bridge, if it is one, that wrote a message. What the network says in a group has no writer. */
export function otherWriter(view: View, message: AnyMessage): number | undefined {
  if (message._ === 'messageService' || message.out === true) return undefined
  const author = authorOf(view, message)
  if (author.kind !== 'user' || author.id === view.account) return undefined
  return view.loginOf(author.id) === undefined ? undefined : author.id
}

/**
 * The account that tells what has no id of its own, such as a reaction, among those that are in a basic group and hear of
 * it: the same for everybody who asks.
 */
export const feederOf = (accounts: readonly number[]): number | undefined =>
  accounts.length === 0 ? undefined : Math.min(...accounts)
