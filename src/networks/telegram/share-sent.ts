import type { tl } from '@mtcute/core'
import { remoteChat } from './chats.ts'
import type { TgChat } from './ids.ts'
import { messagesByNumber } from './media-place.ts'
import type { Session } from './session.ts'
import { aliasOf, ownIdOf } from './shared-id.ts'

/**
 * Other accounts in a basic group have other numbers for what was sent from here: they know it by the id that all have, and do
 * not bring it, also when the login that sent it is gone. @throws tl.RpcError
 */
export async function shareSent(
  session: Session,
  chat: TgChat,
  n: number,
  message?: tl.TypeMessage,
): Promise<void> {
  const { live: client, states, view, host } = session
  if (chat.kind !== 'chat' || client === undefined || states === undefined) return
  const [shown] = message?._ === 'message' ? [message] : await messagesByNumber(client, view, chat, [n])
  if (shown?._ !== 'message') return
  const shared = await states.shared(view, shown, host.clock.now())
  const of = { chat: remoteChat(view, chat), at: new Date(shown.date * 1000) }
  await host.accept([aliasOf(of, ownIdOf(view, n), shared)])
}
