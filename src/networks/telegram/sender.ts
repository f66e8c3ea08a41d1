import type { tl } from '@mtcute/core'
import { messageOf } from '../../model/errors.ts'
import type { SendRequest } from '../../model/network.ts'
import { delivered, rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { Accounts } from './accounts.ts'
import { withCard } from './card.ts'
import { dialogsOf } from './dialogs.ts'
import { messageIdIn, parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { inDoubt, readProgress } from './progress.ts'
import { RowSender } from './row-sender.ts'
import { keepSentPoll, pollOptions } from './sent-poll.ts'
import type { Session } from './session.ts'
import { shareSent } from './share-sent.ts'
import { toRemote } from './to-remote.ts'
import { voiceOf } from './voice-of.ts'

/** After a crash the server tells of what was sent, under which random id, within the first moments of a connection. */
const HEARSAY_MS = 2_000
const MOST_DIALOGS = 300

/** Says and does on Telegram what Matrix users say and do. */
export class Sender {
  readonly #accounts: Accounts
  readonly #underWay = new Set<Promise<unknown>>()
  #stopping = false

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    return this.#withSession(request, (session) => this.#send(session, request))
  }

  /** What is in doubt is repeated by `send` under the same random id; perhaps the server has told of it already. */
  async resolve(request: SendRequest): Promise<SendOutcome> {
    return this.#withSession(request, (session) => this.#resolve(session, request))
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)))
    await Promise.race([Promise.allSettled(this.#underWay), late])
    clearTimeout(timer)
  }

  async #withSession(
    request: SendRequest,
    run: (session: Session) => Promise<SendOutcome>,
  ): Promise<SendOutcome> {
    if (this.#stopping) return retry('The bridge is stopping.', { waitsFor: 'login' })
    const session = this.#accounts.acting(request)
    if (session === undefined) return rejected('not_logged_in', 'There is no connection to Telegram for you.')
    const { state, text } = session.status
    if (!session.isOpen) {
      const why = `Not connected to Telegram (${state}${text === undefined ? '' : `: ${text}`}).`
      return retry(why, { waitsFor: 'login' })
    }
    const waitMs = session.waitMs
    if (waitMs > 0) return retry('Telegram asks your account to wait.', { afterMs: waitMs })
    const begun = performance.now()
    const work = run(session)
    this.#underWay.add(work)
    try {
      const outcome = await work
      this.#accounts.observer.sent({ outcome: outcome.kind, ms: performance.now() - begun })
      return outcome
    } finally {
      this.#underWay.delete(work)
    }
  }

  async #send(session: Session, request: SendRequest): Promise<SendOutcome> {
    const chat = parseChatId(request.chat.chat.id)
    if (chat === undefined) return rejected('unsupported', 'This is no conversation of Telegram.')
    const { view } = session
    await view.prepare(
      chat.kind === 'user'
        ? { userId: chat.id }
        : chat.kind === 'chat'
          ? { chatId: chat.id }
          : { channelId: chat.id },
    )
    const peer = (await view.peerOf(chat)) ?? (await this.#lookedUp(session, chat))
    if (peer === undefined) {
      return rejected('not_a_member', 'Your Telegram account does not know this conversation.')
    }
    const action = await withCard(session, request.action)
    const plan = toRemote(action, await voiceOf(session, request, chat))
    if ('refused' in plan) return rejected(plan.code, plan.refused)
    return new RowSender(session, request, chat, peer).run(plan)
  }

  /** After a new login nothing is known of people and channels whose number comes from before. */
  async #lookedUp(session: Session, chat: TgChat): Promise<tl.TypeInputPeer | undefined> {
    await dialogsOf(session, MOST_DIALOGS).catch(() => undefined)
    return session.view.peerOf(chat)
  }

  async #resolve(session: Session, request: SendRequest): Promise<SendOutcome> {
    const progress = readProgress(request.progress)
    const chat = parseChatId(request.chat.chat.id)
    if (progress === undefined || chat === undefined || inDoubt(progress).length === 0) {
      return retry('Nothing is in doubt.')
    }
    const { outgoing, host } = session
    const key = `${chat.kind}:${chat.id}`
    for (const { randomId } of progress.parts) outgoing.register(key, randomId)
    const until = host.clock.now().getTime() + HEARSAY_MS
    const open = () => inDoubt(progress).filter(({ randomId }) => outgoing.numberOf(randomId) === undefined)
    while (open().length > 0 && session.isCatchingUp && host.clock.now().getTime() < until)
      await outgoing.changed(100)
    for (const part of inDoubt(progress)) {
      const n = outgoing.numberOf(part.randomId)
      if (n !== undefined) Object.assign(part, { state: 'sent', n })
    }
    const { parts } = progress
    if (parts.every(({ n }) => n !== undefined)) {
      await this.#keepPoll(session, request, chat, parts.at(-1)?.n)
      for (const { n } of parts) if (n !== undefined) await shareSent(session, chat, n).catch(() => undefined)
      return delivered(
        parts.flatMap(({ n }) => (n === undefined ? [] : [messageIdIn(chat, session.account, n)])),
      )
    }
    await request.save(progress)
    return retry('It is repeated under the same number, of which the server takes one.')
  }

  /** Without it votes in the poll would not be understood; what was sent is sent all the same. */
  async #keepPoll(
    session: Session,
    { action }: SendRequest,
    chat: TgChat,
    n: number | undefined,
  ): Promise<void> {
    const options = pollOptions(action)
    if (options === undefined || n === undefined) return
    await keepSentPoll(session, { chat, n, options }).catch((error: unknown) =>
      session.host.log.warn({ error: messageOf(error) }, 'telegram: nothing is kept of a poll that was sent'),
    )
  }
}
