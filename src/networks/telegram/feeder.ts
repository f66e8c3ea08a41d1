import type { tl } from '@mtcute/core'
import { createHash } from 'node:crypto'
import { hashOf } from './content-hash.ts'
import { authorOf, chatOfMessage } from './place.ts'
import type { AnyMessage } from './place.ts'
import type { View } from './view.ts'

/**
 * Whether this account is the one that brings a message into the bridge, where several bridged accounts see it.
 *
 * - What a bridged account wrote comes from that account alone: only its own connection can tell a message that the
 *   bridge sent from one that was written on the phone.
 * - In channels all others bring it; it has one number, so the ledger drops repeats. So it is with whatever the network
 *   tells there, also of what a bridged account did.
 * - In basic groups, where each account has numbers of its own, the group's feeder brings the rest.
 */
export function brings(view: View, message: AnyMessage, feeder: number | undefined): boolean {
  const { kind } = chatOfMessage(view, message)
  if (kind === 'user') return true
  const byChat = kind === 'channel' || feeder === view.account
  if (message._ === 'messageService') return byChat
  const author = authorOf(view, message)
  const writer = author.kind === 'user' ? author.id : undefined
  if (message.out === true || writer === view.account) return true
  return writer !== undefined && view.loginOf(writer) !== undefined ? false : byChat
}

/** The feeder among the accounts that are in a basic group and hear of it: the same for everybody who asks. */
export const feederOf = (accounts: readonly number[]): number | undefined =>
  accounts.length === 0 ? undefined : Math.min(...accounts)

/**
 * What is the same of a message of a basic group for all accounts that see it: author, time and content. Of two that are
 * equal in all three within a second, the order is the same for everybody as well.
 */
export function fingerprint(view: View, message: AnyMessage): string {
  const author = authorOf(view, message)
  const content = message._ === 'message' ? hashOf(message) : actionKey(message.action)
  return `${author.id}.${message.date}.${content}`
}

const actionKey = (action: tl.TypeMessageAction): string =>
  createHash('sha256').update(action._).digest('base64url').slice(0, 16)
