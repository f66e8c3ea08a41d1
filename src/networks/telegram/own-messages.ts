import type { RemoteMessageId } from '../../model/ids.ts'
import { remoteChat } from './chats.ts'
import { messageIdIn, toChatId } from './ids.ts'
import type { AnyMessage } from './place.ts'
import { authorOf, chatOfMessage } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { inDoubt, readProgress } from './progress.ts'
import type { Session } from './session.ts'

/** A send in doubt is mostly cleared up within moments of a connection. */
const PATIENCE_MS = 30_000
const LOOK_MS = 250

/**
 * Whether the bridge itself sent a message that comes from one of its accounts. After a crash the message comes first and
 * the random id that it was sent under later in the same batch, so nothing is decided before the batch is complete and
 * no send to the conversation is under way or in doubt. What comes from history belongs to no batch.
 */
export async function isOurs(
  session: Session,
  message: AnyMessage,
  isComplete: () => boolean,
): Promise<boolean> {
  const { view, outgoing, account, host } = session
  if (message.out !== true && authorOf(view, message).id !== account) return false
  const whole = chatOfPeer(message.peerId)
  const key = toChatId(whole)
  const chat = remoteChat(view, chatOfMessage(view, message))
  const id: RemoteMessageId = messageIdIn(whole, account, message.id)
  const until = host.clock.now().getTime() + PATIENCE_MS
  for (;;) {
    if (outgoing.isOurs(key, message.id)) return true
    const doubts = await doubtsIn(session, chat, key)
    if (outgoing.isOurs(key, message.id)) return true
    const known = await host.known(chat, [id])
    if (known.size > 0) return true
    const late = host.clock.now().getTime() > until
    const open = !isComplete() || outgoing.isBusy(key) || doubts > 0
    if (!open || late || session.connection === undefined) return false
    await outgoing.changed(LOOK_MS)
  }
}

/** Makes the random ids known that rows of the ledger began, and counts those of which nobody knows what became. */
async function doubtsIn(
  { host, outgoing, account }: Session,
  chat: Parameters<Session['host']['underWay']>[0],
  key: string,
): Promise<number> {
  let open = 0
  for (const { progress } of await host.underWay(chat)) {
    const begun = readProgress(progress)
    if (begun === undefined || begun.account !== account) continue
    for (const { randomId } of begun.parts) outgoing.register(key, randomId)
    open += inDoubt(begun).filter(({ randomId }) => outgoing.numberOf(randomId) === undefined).length
  }
  return open
}
