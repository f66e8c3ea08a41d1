import { proto } from '@whiskeysockets/baileys'
import { ViaductError, messageOf } from '../../model/errors.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import type { SendRequest } from '../../model/network.ts'
import { delivered, rejected, retry } from '../../model/outcome.ts'
import type { SendOutcome } from '../../model/outcome.ts'
import { createsMessage, isStanza } from './call.ts'
import type { WaCall } from './call.ts'
import type { Connection } from './connection.ts'
import { outcomeOf } from './errors.ts'
import { messageIdFor } from './message-id.ts'
import { messageIds } from './message-key.ts'
import { isDirect } from './ids.ts'
import { Performer } from './perform.ts'
import { newProgress, readProgress } from './progress.ts'
import type { Progress, ProgressPart } from './progress.ts'
import { sendOnce } from './send-once.ts'
import type { Sent } from './send-once.ts'
import type { Session } from './session.ts'
import { toRemote } from './to-remote.ts'
import { voiceOf } from './voice-of.ts'
import type { Voice } from './voice.ts'

type StanzaCall = Extract<WaCall, { kind: 'send' | 'upload' | 'vote' }>

/** Carries out one row: its calls one after the other, each stanza under an id that is written down before it. */
export class RowSender {
  readonly #session: Session
  readonly #connection: Connection
  readonly #request: SendRequest
  readonly #progress: Progress
  readonly #voice: Voice

  constructor(session: Session, connection: Connection, request: SendRequest) {
    this.#session = session
    this.#connection = connection
    this.#request = request
    this.#progress = readProgress(request.progress) ?? newProgress(session.login.account)
    this.#voice = voiceOf(session, request, Buffer.from(this.#progress.secret, 'base64'))
  }

  async run(): Promise<SendOutcome> {
    const plan = toRemote(this.#request.action, this.#voice)
    if ('refused' in plan) return rejected(plan.code, plan.refused)
    const performer = new Performer(this.#session, this.#connection, this.#voice)
    const ids: RemoteMessageId[] = []
    let stanzas = 0
    for (const call of plan.calls) {
      if (this.#request.signal.aborted) return retry('The bridge is stopping.', { waitsFor: 'login' })
      try {
        if (!isStanza(call)) {
          await performer.run(call)
          continue
        }
        const part = this.#part(stanzas++)
        const verdict = part.state === 'sent' ? DONE : await this.#send(performer, call, part)
        if (verdict.kind !== 'done') return await this.#ended(verdict, part)
        if (createsMessage(call)) ids.push(this.#idOf(part))
      } catch (error) {
        if (error instanceof NotKept) throw error.cause
        return this.#failed(error)
      }
    }
    const outcome = delivered(ids, plan.note)
    const { optionIds } = plan
    return optionIds === undefined || outcome.kind !== 'delivered' ? outcome : { ...outcome, optionIds }
  }

  /** @throws ViaductError where it can't be made; NotKept where it can't be written down */
  async #send(performer: Performer, call: StanzaCall, part: ProgressPart): Promise<Sent> {
    const message =
      part.message === undefined
        ? await performer.message(call)
        : proto.Message.decode(Buffer.from(part.message, 'base64'))
    part.message = Buffer.from(proto.Message.encode(message).finish()).toString('base64')
    part.state = 'sending'
    await this.#save()
    this.#session.sent.remember(part.id, message)
    const stanza = {
      jid: this.#voice.jid,
      id: part.id,
      message,
      ...(call.kind === 'send' && call.attributes && { attributes: call.attributes }),
      ...(call.kind === 'send' && call.nodes && { nodes: call.nodes }),
    }
    const options = { clock: this.#session.host.clock, signal: this.#request.signal }
    const verdict = await sendOnce(this.#connection, stanza, { ...options, freshDevices: false })
    const last =
      verdict.kind === 'again'
        ? await sendOnce(this.#connection, stanza, { ...options, freshDevices: true })
        : verdict
    if (last.kind === 'done') {
      part.state = 'sent'
      await performer.sent(message, part.id)
    }
    return last
  }

  #part(at: number): ProgressPart {
    const { parts } = this.#progress
    const { delivery, chat, at: when } = this.#request
    const part = parts[at] ?? {
      id: messageIdFor({
        account: this.#session.view.self.phone,
        chat: chat.chat.id,
        delivery,
        at: when,
        part: at,
      }),
      state: 'waiting',
    }
    if (parts[at] === undefined) parts.push(part)
    return part
  }

  #idOf({ id }: ProgressPart): RemoteMessageId {
    const { view } = this.#session
    return messageIds(view, isDirect(this.#voice.chat) ? 'me' : (view.self.lid ?? view.self.phone), id)[0]
  }

  async #save(): Promise<void> {
    try {
      await this.#request.save(this.#progress)
    } catch (cause) {
      throw new NotKept('not kept', { cause })
    }
  }

  /** What was refused for certain must not be taken for something in doubt by the next attempt. */
  async #ended(verdict: Sent, part: ProgressPart): Promise<SendOutcome> {
    if (verdict.kind === 'lost') return LOST
    const outcome = outcomeOf(verdict)
    if (verdict.kind === 'wait') {
      part.state = 'waiting'
      await this.#request.save(this.#progress)
    }
    return outcome
  }

  #failed(error: unknown): SendOutcome {
    if (this.#request.signal.aborted) return retry('The bridge is stopping.', { waitsFor: 'login' })
    if (error instanceof ViaductError) {
      return error.retryable ? retry(error.message) : rejected(error.code, error.message)
    }
    if (this.#connection.signal.aborted) return LOST
    return retry(`WhatsApp has not answered: ${messageOf(error)}`, { afterMs: 1_000 })
  }
}

const LOST = retry('The connection to WhatsApp was lost.', { waitsFor: 'login' })
const DONE: Sent = { kind: 'done' }

/** The core could not write something down; that is for the core to deal with. */
class NotKept extends Error {}
