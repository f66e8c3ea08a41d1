import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import { messageOf } from '../../model/errors.ts'
import type { RemoteAction } from '../../model/remote-action.ts'
import type { TgChat } from './ids.ts'
import { messagesByNumber } from './media-place.ts'
import type { Session } from './session.ts'

const ASK_MS = 30_000

/** Matrix's ids of the answers, where the action is a poll. */
export const pollOptions = (action: RemoteAction): string[] | undefined =>
  action.kind === 'message' && action.content.kind === 'poll'
    ? action.content.options.map(({ id }) => id)
    : undefined

/**
 * Keeps which answers of a poll that was sent are which, and looks who has voted since: a vote that came before this was
 * one in a poll that nobody knew. @param message as the server's answer showed it; after a crash it is fetched
 * @throws tl.RpcError
 */
export async function keepSentPoll(
  session: Session,
  { chat, n, options }: { chat: TgChat; n: number; options: readonly string[] },
  message?: tl.TypeMessage,
): Promise<void> {
  const { live: client, states, view, host } = session
  if (client === undefined || states === undefined) return
  const [shown] = message?._ === 'message' ? [message] : await messagesByNumber(client, view, chat, [n])
  if (shown?._ !== 'message') return
  await states.seen(view, shown, host.clock.now(), options)
  await states.save()
  const peer = await view.peerOf(chat)
  if (peer === undefined || session.isBot || shown.media?._ !== 'messageMediaPoll') return
  client
    .call({ _: 'messages.getPollResults', peer, msgId: n, pollHash: Long.ZERO }, { timeout: ASK_MS })
    .then((updates) => session.feed(updates, { dispatch: true }))
    .catch((error: unknown) => {
      host.log.debug({ error: messageOf(error) }, 'telegram: who has voted is seen with the next vote')
    })
}
