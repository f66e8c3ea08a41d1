import type { Accounts } from './accounts.ts'
import { toChatId } from './ids.ts'
import { chatOfPeer } from './peer.ts'
import { authorOf } from './place.ts'
import type { AnyMessage } from './place.ts'
import type { Session } from './session.ts'
import type { View } from './view.ts'

/** The writer's own connection hears of it at about the same time. */
const PATIENCE_MS = 2_000
const LOOK_MS = 100

export const isWrittenHere = (view: View, message: AnyMessage): boolean =>
  message.out === true || authorOf(view, message).id === view.account

/**
 * Another account of the bridge that wrote a message in a channel and brings it itself; what comes after it must not
 * overtake it. `placed` resolves when it is in the ledger, or its writer is not connected, or after a moment. In basic
 * groups no number says which message it is.
 */
export function writerOf(
  session: Session,
  accounts: Accounts,
  message: AnyMessage,
): { placed(): Promise<void> } | undefined {
  const { view, host } = session
  const author = authorOf(view, message)
  const writer =
    author.kind === 'user' && author.id !== session.account ? accounts.openOf(author.id) : undefined
  if (message.peerId._ !== 'peerChannel' || writer === undefined) return undefined
  const key = toChatId(chatOfPeer(message.peerId))
  return {
    async placed() {
      const until = host.clock.now().getTime() + PATIENCE_MS
      const isThere = () => writer.outgoing.isPlaced(key, message.id)
      while (!isThere() && writer.isOpen && host.clock.now().getTime() < until) {
        await writer.outgoing.changed(LOOK_MS)
      }
    },
  }
}
