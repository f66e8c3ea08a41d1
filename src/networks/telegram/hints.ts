import { messageOf } from '../../model/errors.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { ChatRef, Login } from '../../model/network.ts'
import type { Accounts } from './accounts.ts'
import { numberFor, parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { Lru } from '../shared/lru.ts'
import type { Session } from './session.ts'

type Hint = { kind: 'typing' | 'read'; chat: ChatRef; by: Login; typing?: boolean; upTo?: RemoteMessageId }

const CALL = { timeout: 10_000, maxRetryCount: 0, floodSleepThreshold: 0 }
/** Telegram shows typing for six seconds; more often than this it need not be told. */
const TYPING_EVERY_MS = 4_000
const TYPERS = 1_000

/** Passes typing and read marks on. They are worth one try: the next one says more. */
export class Hints {
  readonly #accounts: Accounts
  /** When typing was last passed on, by login and conversation. */
  readonly #typing = new Lru<string, number>(TYPERS)

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  pass(hint: Hint): void {
    const session = this.#accounts.of(hint.by.id)
    const chat = parseChatId(hint.chat.chat.id)
    if (session?.live === undefined || chat === undefined) return
    const done =
      hint.kind === 'typing'
        ? this.#type(session, chat, hint.typing === true)
        : read(session, chat, hint.upTo)
    done.catch((error: unknown) =>
      session.host.log.debug({ error: messageOf(error) }, 'telegram: a hint was not taken'),
    )
  }

  async #type(session: Session, chat: TgChat, typing: boolean): Promise<void> {
    const key = `${session.login.id} ${chat.kind}:${chat.id}/${chat.topic ?? ''}`
    const now = session.host.clock.now().getTime()
    if (typing && now - (this.#typing.get(key) ?? 0) < TYPING_EVERY_MS) return
    if (typing) this.#typing.set(key, now)
    else this.#typing.delete(key)
    const peer = await session.view.peerOf(chat)
    if (peer === undefined) return
    const topic = chat.topic === undefined ? {} : { topMsgId: chat.topic }
    const action = { _: typing ? ('sendMessageTypingAction' as const) : ('sendMessageCancelAction' as const) }
    await session.live?.call({ _: 'messages.setTyping', peer, action, ...topic }, CALL)
  }
}

async function read(session: Session, chat: TgChat, upTo: RemoteMessageId | undefined): Promise<void> {
  const { live, view, account } = session
  const maxId = upTo === undefined ? undefined : numberFor([upTo], chat, account)
  if (live === undefined || maxId === undefined) return
  if (chat.topic !== undefined) {
    const peer = await view.peerOf(chat)
    if (peer !== undefined) {
      await live.call({ _: 'messages.readDiscussion', peer, msgId: chat.topic, readMaxId: maxId }, CALL)
    }
  } else if (chat.kind === 'channel') {
    const channel = await view.channelOf(chat.id)
    if (channel !== undefined) await live.call({ _: 'channels.readHistory', channel, maxId }, CALL)
  } else {
    const peer = await view.peerOf(chat)
    if (peer === undefined) return
    const { pts, ptsCount } = await live.call({ _: 'messages.readHistory', peer, maxId }, CALL)
    session.feedPts(pts, ptsCount)
  }
}
