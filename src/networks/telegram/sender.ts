import type { tl } from '@mtcute/core'
import type { SendRequest } from '../../model/network.ts'
import { delivered, rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import type { Accounts } from './accounts.ts'
import { messageIdIn, parseChatId } from './ids.ts'
import { newProgress, readProgress } from './progress.ts'
import { longOf, sendOnce } from './send-once.ts'
import type { Session } from './session.ts'
import { split, TEXT_LIMIT } from './split.ts'
import { toPlain } from './to-entities.ts'

/** Says on Telegram what Matrix users say. */
export class Sender {
  readonly #accounts: Accounts
  readonly #underWay = new Set<Promise<unknown>>()
  #stopping = false

  constructor(accounts: Accounts) {
    this.#accounts = accounts
  }

  async send(request: SendRequest): Promise<SendOutcome> {
    if (this.#stopping) return retry('The bridge is stopping.')
    const session = this.#accounts.acting(request)
    if (session === undefined) return rejected('not_logged_in', 'There is no connection to Telegram for you.')
    if (session.live === undefined)
      return retry(`Not connected to Telegram (${session.status.state}).`, { waitsFor: 'login' })
    const work = this.#run(session, request)
    this.#underWay.add(work)
    try {
      return await work
    } finally {
      this.#underWay.delete(work)
    }
  }

  async resolve(_request: SendRequest): Promise<SendOutcome> {
    return retry('It is repeated under the same number.')
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)))
    await Promise.race([Promise.allSettled(this.#underWay), late])
    clearTimeout(timer)
  }

  async #run(session: Session, request: SendRequest): Promise<SendOutcome> {
    const { action } = request
    const chat = parseChatId(request.chat.chat.id)
    if (chat === undefined || action.kind !== 'message' || action.content.kind !== 'text') {
      return rejected('unsupported', 'This cannot be sent to Telegram.')
    }
    const peer = await session.view.peerOf(chat)
    if (peer === undefined) return rejected('not_a_member', 'Your account does not know this conversation.')
    const texts = split(toPlain(action.content.body), TEXT_LIMIT)
    const progress =
      readProgress(request.progress) ??
      newProgress(session.account, session.epoch, request.delivery, texts.length)
    const ids = []
    for (const [at, text] of texts.entries()) {
      const part = progress.parts[at]
      if (part === undefined) break
      if (part.state !== 'sent') {
        part.state = 'sending'
        await request.save(progress)
        const message: tl.messages.RawSendMessageRequest = {
          _: 'messages.sendMessage',
          peer,
          message: text.text,
          entities: text.entities,
          randomId: longOf(part.randomId),
        }
        const once = await sendOnce(session, message, {
          chat: `${chat.kind}:${chat.id}`,
          randomIds: [part.randomId],
          signal: request.signal,
        })
        if (once.kind === 'again') return once.outcome
        if (once.kind === 'refused') return rejected('network_refused', once.refused.text)
        part.state = 'sent'
        const n = once.messages.get(part.randomId)?.n
        if (n !== undefined) part.n = n
      }
      if (part.n !== undefined) ids.push(messageIdIn(chat, session.account, part.n))
    }
    return delivered(ids)
  }
}
