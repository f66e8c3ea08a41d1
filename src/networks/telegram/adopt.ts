import type { tl } from '@mtcute/core'
import { remoteChat } from './chats.ts'
import { historyOf } from './history.ts'
import { messageIdIn, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { chatOfMessage } from './place.ts'
import type { SentMessage } from './send-once.ts'
import type { Session } from './session.ts'

/** The server's clock and ours may differ by so much. */
const OVERLAP_MS = 60_000
/** A busy group may have gone on for a while since; whoever is not found holds up all that is written after it. */
const MOST = 2_000

type Request = tl.messages.RawSendMessageRequest | tl.messages.RawSendMediaRequest

/**
 * The message that a request in doubt has become, by the history of the conversation: written by us since then, with the
 * same words, and not one that the bridge knows otherwise. Only when there is exactly one. @throws tl.RpcError
 */
export async function findSent(
  session: Session,
  chat: TgChat,
  request: Request,
  since: Date,
): Promise<SentMessage | undefined> {
  const { host, view, outgoing, account } = session
  const from = new Date(since.getTime() - OVERLAP_MS)
  const { messages } = await historyOf(session, chat, { since: from, most: MOST })
  const same = messages.filter(
    (message): message is tl.RawMessage =>
      message._ === 'message' &&
      message.out === true &&
      isSame(message, request) &&
      !outgoing.isOurs(toChatId({ kind: chat.kind, id: chat.id }), message.id),
  )
  const found: tl.RawMessage[] = []
  for (const message of same) {
    const known = await host.known(remoteChat(view, chatOfMessage(view, message)), [
      messageIdIn(chat, account, message.id),
    ])
    if (known.size === 0) found.push(message)
  }
  const [only, another] = found
  return only === undefined || another !== undefined ? undefined : { n: only.id, message: only }
}

function isSame(message: tl.RawMessage, request: Request): boolean {
  if (message.message !== request.message.trim()) return false
  if (request._ === 'messages.sendMessage')
    return message.media === undefined || message.media._ === 'messageMediaWebPage'
  const wanted = KINDS[request.media._]
  return wanted !== undefined && message.media?._ === wanted
}

const KINDS: Readonly<Record<string, tl.TypeMessageMedia['_']>> = {
  inputMediaUploadedPhoto: 'messageMediaPhoto',
  inputMediaUploadedDocument: 'messageMediaDocument',
  inputMediaPoll: 'messageMediaPoll',
  inputMediaGeoPoint: 'messageMediaGeo',
  inputMediaVenue: 'messageMediaVenue',
  inputMediaContact: 'messageMediaContact',
}
