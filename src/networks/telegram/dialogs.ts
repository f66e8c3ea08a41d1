import { Long } from '@mtcute/core'
import type { tl } from '@mtcute/core'
import type { AccountView } from './account-view.ts'
import { remoteChat } from './chats.ts'
import type { TgChat } from './ids.ts'
import { usernameOf } from './names.ts'
import { chatOfPeer } from './peer.ts'
import type { Session } from './session.ts'

export type DialogInfo = {
  chat: TgChat
  /** Number of the newest message. */
  top: number
  at: Date | undefined
  /** Of a channel: where its box stands. */
  pts?: number
  /** Our messages up to this number were read by the other. */
  readByOthers: number
}

const PAGE = 100
const CALL_MS = 60_000

/** The account's conversations, the newest first; `most` at most. @throws tl.RpcError */
export async function dialogsOf(session: Session, most: number): Promise<DialogInfo[]> {
  const found = new Map<string, DialogInfo>()
  let offset: { date: number; id: number; peer: tl.TypeInputPeer } = {
    date: 0,
    id: 0,
    peer: { _: 'inputPeerEmpty' },
  }
  while (found.size < most) {
    const client = session.live
    if (client === undefined) throw new Error('Telegram is not connected')
    const answer = await client.call(
      {
        _: 'messages.getDialogs',
        offsetDate: offset.date,
        offsetId: offset.id,
        offsetPeer: offset.peer,
        limit: Math.min(PAGE, most - found.size),
        hash: Long.ZERO,
      },
      { timeout: CALL_MS },
    )
    if (answer._ === 'messages.dialogsNotModified') break
    session.view.learn(answer)
    const before = found.size
    for (const dialog of answer.dialogs) {
      const info = dialog._ === 'dialog' ? read(dialog, answer.messages) : undefined
      if (info !== undefined) found.set(`${info.chat.kind}:${info.chat.id}`, info)
    }
    const last = [...found.values()].at(-1)
    if (answer._ === 'messages.dialogs' || found.size === before || last?.at === undefined) break
    const peer = await session.view.peerOf(last.chat)
    if (peer === undefined) break
    offset = { date: last.at.getTime() / 1000, id: last.top, peer }
  }
  return [...found.values()]
}

function read(dialog: tl.RawDialog, messages: readonly tl.TypeMessage[]): DialogInfo {
  const chat = chatOfPeer(dialog.peer)
  const top = messages.find(
    (each) =>
      each._ !== 'messageEmpty' && each.id === dialog.topMessage && isSame(chatOfPeer(each.peerId), chat),
  )
  return {
    chat,
    top: dialog.topMessage,
    at: top === undefined || top._ === 'messageEmpty' ? undefined : new Date(top.date * 1000),
    readByOthers: dialog.readOutboxMaxId,
    ...(dialog.pts !== undefined && { pts: dialog.pts }),
  }
}

const isSame = (a: TgChat, b: TgChat) => a.kind === b.kind && a.id === b.id

/** What people call a conversation, and how it can be named to the server. */
export function titleOf(
  view: AccountView,
  chat: TgChat,
): { name: string; handle?: string; members?: number } {
  const { name = '' } = remoteChat(view, chat)
  const of =
    chat.kind === 'user' ? view.user(chat.id) : chat.kind === 'channel' ? view.channel(chat.id) : undefined
  const handle = of?._ === 'user' || of?._ === 'channel' ? usernameOf(of) : undefined
  const group = chat.kind === 'chat' ? view.chat(chat.id) : of
  const members = group?._ === 'chat' || group?._ === 'channel' ? group.participantsCount : undefined
  return { name, ...(handle !== undefined && { handle }), ...(members !== undefined && { members }) }
}
