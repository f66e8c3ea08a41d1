import type { tl } from '@mtcute/core'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { SendRequest } from '../../model/network.ts'
import { delivered, rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import { findSent } from './adopt.ts'
import { uploaded } from './attach.ts'
import { createsMessage } from './call.ts'
import type { TelegramCall, TelegramPlan } from './call.ts'
import { messageRequest } from './compose.ts'
import { outcomeOf, verdictOf } from './errors.ts'
import { messageIdIn } from './ids.ts'
import type { TgChat } from './ids.ts'
import { mended } from './mended.ts'
import { Performer } from './perform.ts'
import { newPart, newProgress, readProgress } from './progress.ts'
import type { Progress, ProgressPart } from './progress.ts'
import { refusalOf } from './rpc.ts'
import type { Refused } from './rpc.ts'
import { sendOnce } from './send-once.ts'
import { shareSent } from './share-sent.ts'
import { keepSentPoll, pollOptions } from './sent-poll.ts'
import type { SentMessage } from './send-once.ts'
import type { Session } from './session.ts'

type Creating = Extract<TelegramCall, { kind: 'text' | 'upload' | 'media' }>
type Plan = Exclude<TelegramPlan, { refused: string }>

/** A call is mended so often at most: each time something else is left out of it. */
const MOST_MENDS = 5

/** Calls after which a group is another. */
const CHANGES: ReadonlySet<TelegramCall['kind']> = new Set(['title', 'about', 'photo', 'admin'])

/** Carries out one row: its calls one after the other, each message under a random id that is written down before it. */
export class RowSender {
  readonly #session: Session
  readonly #request: SendRequest
  readonly #chat: TgChat
  readonly #peer: tl.TypeInputPeer
  readonly #progress: Progress

  constructor(session: Session, request: SendRequest, chat: TgChat, peer: tl.TypeInputPeer) {
    this.#session = session
    this.#request = request
    this.#chat = chat
    this.#peer = peer
    this.#progress =
      readProgress(request.progress) ?? newProgress(session.account, session.epoch, request.delivery, 0)
  }

  async run({ calls, note }: Plan): Promise<SendOutcome> {
    const performer = new Performer(this.#session, this.#chat, this.#peer, this.#request.signal)
    let created = 0
    for (const call of calls) {
      if (this.#request.signal.aborted) return retry('The bridge is stopping.', { waitsFor: 'login' })
      const at = created
      const ended = createsMessage(call)
        ? await this.#create(call, this.#part(created++))
        : await this.#perform(performer, call)
      if (ended !== undefined) return withPlace(ended, at)
    }
    return delivered(this.#ids(), note)
  }

  #ids(): RemoteMessageId[] {
    return this.#progress.parts.flatMap(({ n }) =>
      n === undefined ? [] : [messageIdIn(this.#chat, this.#session.account, n)],
    )
  }

  #part(at: number): ProgressPart {
    const { parts } = this.#progress
    const part = parts[at] ?? newPart(this.#session.epoch, this.#request.delivery, at)
    if (parts[at] === undefined) parts.push(part)
    return part
  }

  /** @returns an outcome when it ends here */
  async #create(first: Creating, part: ProgressPart): Promise<SendOutcome | undefined> {
    if (part.state === 'sent') return undefined
    let call = first
    for (let mends = 0; ; mends++) {
      let media: tl.TypeInputMedia | undefined
      try {
        if (call.kind === 'upload') media = await uploaded(this.#session, call.upload, this.#request.signal)
      } catch (error) {
        return this.#failed(error)
      }
      part.state = 'sending'
      part.at ??= this.#session.host.clock.now().toISOString()
      await this.#request.save(this.#progress)
      const message = messageRequest(this.#peer, call, part.randomId, media)
      const begun = new Date(part.at)
      const once = await sendOnce(this.#session, message, {
        chat: `${this.#chat.kind}:${this.#chat.id}`,
        randomIds: [part.randomId],
        signal: this.#request.signal,
        find: () => findSent(this.#session, this.#chat, message, begun),
      })
      if (once.kind === 'again') return once.outcome
      if (once.kind === 'sent') {
        const sent = once.messages.get(part.randomId)
        if (sent !== undefined) await this.#sent(part, sent)
        return undefined
      }
      // A refusal says for certain that there is no message.
      part.state = 'waiting'
      const verdict = verdictOf(once.refused)
      const next = verdict.kind === 'again' && mends < MOST_MENDS ? mended(call, verdict.after) : undefined
      if (next === undefined) return this.#refused(once.refused)
      call = next
    }
  }

  async #sent(part: ProgressPart, { n, message }: SentMessage): Promise<void> {
    Object.assign(part, { state: 'sent', n })
    const { states, view, host } = this.#session
    const now = host.clock.now()
    const options = pollOptions(this.#request.action)
    try {
      if (options !== undefined) {
        await keepSentPoll(this.#session, { chat: this.#chat, n, options }, message)
        await shareSent(this.#session, this.#chat, n, message)
        return
      }
      if (message === undefined || message._ === 'messageEmpty') states?.placed(this.#chat, n, now)
      else await states?.seen(view, message, now)
      await shareSent(this.#session, this.#chat, n, message)
      await states?.save()
    } catch (error) {
      // It only makes later changes of it less well understood.
      host.log.warn({ error: messageOf(error) }, 'telegram: nothing is kept of a message that was sent')
    }
  }

  async #perform(performer: Performer, call: TelegramCall): Promise<SendOutcome | undefined> {
    try {
      await performer.run(call)
      if (CHANGES.has(call.kind) && this.#chat.kind !== 'user') await this.#session.groupChanged(this.#chat)
      return undefined
    } catch (error) {
      return this.#failed(error)
    }
  }

  async #failed(error: unknown): Promise<SendOutcome> {
    if (this.#request.signal.aborted) return retry('The bridge is stopping.', { waitsFor: 'login' })
    if (error instanceof ViaductError) {
      return error.retryable ? retry(error.message) : rejected(error.code, error.message)
    }
    const refused = refusalOf(error)
    if (refused !== undefined) return this.#refused(refused)
    if (this.#session.live === undefined)
      return retry('The connection to Telegram was lost.', { waitsFor: 'login' })
    return retry(`Telegram has not answered: ${messageOf(error)}`, { afterMs: 1_000 })
  }

  /** What waits must not be taken for something in doubt by the next attempt. */
  async #refused(refused: Refused): Promise<SendOutcome> {
    const verdict = verdictOf(refused)
    if (verdict.kind === 'wait') {
      const { scope, afterMs } = verdict
      this.#session.observer.waits({ scope, ms: afterMs })
      if (scope === 'account') this.#session.waitFor(afterMs)
    }
    if (verdict.kind === 'again' && verdict.after === 'peer') {
      return rejected('not_a_member', 'Your Telegram account does not know this conversation any more.')
    }
    const outcome = outcomeOf(verdict)
    if (outcome.kind === 'retry' && this.#progress.parts.length > 0) await this.#request.save(this.#progress)
    return outcome
  }
}

function withPlace(outcome: SendOutcome, at: number): SendOutcome {
  if (outcome.kind !== 'rejected' || at === 0) return outcome
  return { ...outcome, why: `${outcome.why} (part ${at + 1}; what came before it was sent)` }
}
