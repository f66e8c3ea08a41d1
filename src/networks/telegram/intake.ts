import type { RawUpdateInfo, tl } from '@mtcute/core'
import { messageOf } from '../../model/errors.ts'
import type { Accounts } from './accounts.ts'
import { Asker } from './asker.ts'
import { Gaps } from './gaps.ts'
import { MessageStates } from './message-states.ts'
import { Receiver } from './receiver.ts'
import { Recheck } from './recheck.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'
import { States } from './states.ts'
import { UpdateReader, poisoned } from './update-reader.ts'

/** What one connection hears, on its way into the ledger; and what it did not hear, fetched. */
export class Intake {
  readonly states: MessageStates
  readonly #session: Session
  readonly #connection: Connection
  readonly #states: States
  readonly #receiver: Receiver
  readonly #gaps: Gaps
  readonly #recheck: Recheck
  /** Batches that were complete so far, and in which each update came. */
  #batch = 0
  readonly #batchOf = new WeakMap<RawUpdateInfo, number>()

  constructor(session: Session, connection: Connection, accounts: Accounts) {
    this.#session = session
    this.#connection = connection
    this.#states = new States(connection.session)
    this.states = new MessageStates(this.#states)
    const asker = new Asker(session, this.states, (run) => this.#receiver.take(run))
    const reader = new UpdateReader({
      session,
      accounts,
      states: this.states,
      ask: (asks, of) => asker.ask(asks, of),
    })
    this.#receiver = new Receiver({
      host: session.host,
      gate: connection.gate,
      convert: (info) => {
        const batch = this.#batchOf.get(info)
        return reader.read(info, () => batch !== this.#batch)
      },
      poisoned: (info) => poisoned(session, info),
      accepted: () => {
        reader.accepted()
        return this.states.save()
      },
      onDown: (error) => connection.fail(error),
    })
    const take = (run: Parameters<Receiver['take']>[0]) => this.#receiver.take(run)
    this.#gaps = new Gaps({ session, connection, reader, take })
    this.#recheck = new Recheck({ session, states: this.states, take, asker })
  }

  /** A listener of mtcute's: it never throws. */
  readonly onUpdate = (info: RawUpdateInfo): void => {
    const { update } = info
    if (update._ === 'updateMessageID') this.#session.outgoing.matched(update.randomId.toString(), update.id)
    this.#batchOf.set(info, this.#batch)
    this.#receiver.onUpdate(info)
  }

  /** All updates of a batch were handed over; the cursor is about to be stored. */
  batchComplete(): void {
    this.#batch += 1
    this.#session.outgoing.wake()
  }

  channelTooLong(channel: number, _difference: tl.updates.RawChannelDifferenceTooLong): void {
    this.#gaps.channelTooLong(channel)
  }

  /** A call was answered, perhaps one that mtcute made by itself. */
  answered(request: tl.RpcMethod, result: unknown): void {
    this.#gaps.answered(request, result)
  }

  /** Before updates come: what there is from before the login. @throws tl.RpcError */
  async prepare(): Promise<void> {
    await this.#gaps.first()
  }

  /** Updates come now; what they leave out is looked for. */
  begin(): void {
    this.#background('looking for what was missed', async () => {
      await this.#gaps.channels()
      await this.#recheck.run()
      await this.#states.prune(this.#session.host.clock.now())
    })
  }

  /** The connection is back. */
  reconnected(): void {
    this.#background('looking for what has changed', () => this.#recheck.run())
  }

  stop(): void {
    this.#receiver.stop()
  }

  #background(what: string, run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      if (this.#connection.signal.aborted) return
      this.#session.host.log.warn({ error: messageOf(error), what }, 'telegram: not done in the background')
    })
  }
}
