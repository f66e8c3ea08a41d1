import type { RawUpdateInfo, tl } from '@mtcute/core'
import type { Accounts } from './accounts.ts'
import { fromMessage } from './from-message.ts'
import { toChatId } from './ids.ts'
import { authorOf, chatOfMessage } from './place.ts'
import type { AnyMessage } from './place.ts'
import { chatOfPeer } from './peer.ts'
import { Receiver } from './receiver.ts'
import type { Converted } from './receiver.ts'
import type { Connection, Session } from './session.ts'

const NOTHING: Converted = { events: [] }

/** What one connection hears, on its way into the ledger. */
export class Intake {
  readonly #session: Session
  readonly #accounts: Accounts
  readonly #receiver: Receiver

  constructor(session: Session, connection: Connection, accounts: Accounts) {
    this.#session = session
    this.#accounts = accounts
    this.#receiver = new Receiver({
      host: session.host,
      gate: connection.gate,
      convert: (info) => this.#convert(info),
      poisoned: () => NOTHING,
      onDown: (error) => connection.fail(error),
    })
  }

  readonly onUpdate = (info: RawUpdateInfo): void => {
    const { update } = info
    if (update._ === 'updateMessageID') this.#session.outgoing.matched(update.randomId.toString(), update.id)
    this.#receiver.onUpdate(info)
  }

  batchComplete(): void {
    this.#session.outgoing.wake()
  }

  channelTooLong(_channel: number, _difference: tl.updates.RawChannelDifferenceTooLong): void {
    void this.#accounts
  }

  answered(_request: tl.RpcMethod, _result: unknown): void {
    return
  }

  async begin(_self: tl.RawUser): Promise<void> {
    return
  }

  reconnected(): void {
    return
  }

  stop(): void {
    this.#receiver.stop()
  }

  async #convert(info: RawUpdateInfo): Promise<Converted> {
    const { update, peers } = info
    const { view } = this.#session
    await view.prepare(update, peers)
    switch (update._) {
      case 'updateNewMessage':
      case 'updateNewChannelMessage':
        return this.#message(update.message)
      default:
        return NOTHING
    }
  }

  async #message(message: tl.TypeMessage): Promise<Converted> {
    if (message._ === 'messageEmpty') return NOTHING
    const { view } = this.#session
    await view.prepareTopic(chatOfMessage(view, message))
    if (await this.#isOurs(message)) return NOTHING
    return { events: fromMessage(message, view) }
  }

  async #isOurs(message: AnyMessage): Promise<boolean> {
    const { view, outgoing, account } = this.#session
    const author = authorOf(view, message)
    if (message.out !== true && author.id !== account) return false
    return outgoing.isOurs(toChatId(chatOfPeer(message.peerId)), message.id)
  }
}
