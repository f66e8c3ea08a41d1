import { Long } from '@mtcute/core'
import type { TgChat } from './ids.ts'
import type { AnyMessage } from './place.ts'
import type { Session } from './session.ts'

const PAGE = 100
const CALL_MS = 60_000
/** History is asked for in the background: what a user does goes first, so a wait is waited for. */
const FLOOD_MS = 60_000

export type History = {
  /** Oldest first. */
  messages: AnyMessage[]
  /** Nothing between the beginning that was asked for and the newest is missing. */
  complete: boolean
}

export type HistoryRange = {
  /** Messages after this number. */
  after?: number
  /** Messages from this time on. */
  since?: Date
  /** At most so many, the newest. */
  most: number
}

/** Messages of a conversation as the server keeps them, with the people they name. @throws tl.RpcError */
export async function historyOf(
  session: Session,
  chat: Pick<TgChat, 'kind' | 'id'>,
  { after = 0, since, most }: HistoryRange,
): Promise<History> {
  const peer = await session.view.peerOf(chat)
  if (peer === undefined || most === 0) return { messages: [], complete: peer !== undefined && most > 0 }
  const found: AnyMessage[] = []
  const sinceSeconds = since === undefined ? 0 : Math.floor(since.getTime() / 1000)
  for (let offsetId = 0; ; ) {
    const client = session.live
    if (client === undefined) throw new Error('Telegram is not connected')
    const limit = Math.min(PAGE, most - found.length)
    const answer = await client.call(
      {
        _: 'messages.getHistory',
        peer,
        offsetId,
        offsetDate: 0,
        addOffset: 0,
        limit,
        maxId: 0,
        minId: after,
        hash: Long.ZERO,
      },
      { timeout: CALL_MS, floodSleepThreshold: FLOOD_MS },
    )
    if (answer._ === 'messages.messagesNotModified') break
    session.view.learn(answer)
    const page = answer.messages.filter((message): message is AnyMessage => message._ !== 'messageEmpty')
    const wanted = page.filter((message) => message.id > after && message.date >= sinceSeconds)
    found.push(...wanted)
    const last = answer.messages.at(-1)
    // A page may be shorter than was asked for without being the last.
    const isAll = answer._ === 'messages.messages' && answer.messages.length < limit
    const isEnd = last === undefined || isAll || wanted.length < page.length
    if (isEnd) return { messages: found.toReversed(), complete: true }
    if (found.length >= most) return { messages: found.toReversed(), complete: false }
    offsetId = last.id
  }
  return { messages: found.toReversed(), complete: true }
}
