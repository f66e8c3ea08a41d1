import { toggleChannelIdMark } from '@mtcute/core'
import type { RawUpdateInfo, tl } from '@mtcute/core'
import { sleep } from '../../model/clock.ts'
import { messageOf } from '../../model/errors.ts'
import type { Accounts } from './accounts.ts'
import { Asker } from './asker.ts'
import { Gaps } from './gaps.ts'
import { GroupWatch } from './group-watch.ts'
import { Held } from './held.ts'
import { parseChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { MessageStates } from './message-states.ts'
import { Pulse } from './pulse.ts'
import { passHints as pass } from './read-mark.ts'
import { Receiver } from './receiver.ts'
import { Recheck } from './recheck.ts'
import type { Connection } from './connection.ts'
import type { Session } from './session.ts'
import { States } from './states.ts'
import { UnreadUpdates } from './unread.ts'
import { UpdateReader, poisoned } from './update-reader.ts'

const MOST_PEERS = 20_000
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 10 * 60_000

/** What one connection hears, on its way into the ledger; and what it did not hear, fetched. */
export class Intake {
  readonly states: MessageStates
  readonly #session: Session
  readonly #connection: Connection
  readonly #states: States
  readonly #receiver: Receiver
  readonly #gaps: Gaps
  readonly #recheck: Recheck
  readonly #pulse: Pulse
  readonly #groups: GroupWatch
  readonly #held: Held
  readonly #readAgain: () => Promise<void>
  /** Batches that were complete so far, and in which each update came. */
  #batch = 0
  readonly #batchOf = new WeakMap<RawUpdateInfo, number>()

  constructor(session: Session, connection: Connection, accounts: Accounts) {
    this.#session = session
    this.#connection = connection
    this.#pulse = new Pulse(session)
    this.#states = new States(connection.session)
    this.states = new MessageStates(this.#states)
    const unread = new UnreadUpdates(connection.session)
    const take = (run: Parameters<Receiver['take']>[0]) => this.#receiver.take(run)
    this.#groups = new GroupWatch({ session, accounts, states: this.states, take })
    const asker = new Asker(session, this.states, this.#groups, take)
    const reader = new UpdateReader({
      session,
      accounts,
      states: this.states,
      ask: (asks, of) => asker.ask(asks, of),
      onHeld: () => this.#held.wake(),
    })
    this.#held = new Held({ session, states: this.states, reader, take })
    this.#receiver = new Receiver({
      host: session.host,
      gate: connection.gate,
      convert: (info) => {
        const batch = this.#batchOf.get(info)
        return reader.read(info, () => batch !== this.#batch)
      },
      storeAnswers: async () => void (await connection.session.get('cleared')),
      poisoned: async (info, error) => {
        await unread.keep(info, error, session.host.clock.now())
        session.observer.unread(info.update._, messageOf(error))
        return poisoned(session, info)
      },
      accepted: () => {
        reader.accepted()
        return this.states.save()
      },
      hinted: (hints) => pass(session, hints),
      onDown: (error) => connection.fail(error),
    })
    this.#gaps = new Gaps({ session, connection, reader, take })
    this.#recheck = new Recheck({ session, states: this.states, take, asker })
    this.#readAgain = async () => {
      for (const { key, kind, info } of await unread.toReadAgain()) {
        try {
          await take(() => reader.read(info, () => true))
          await unread.drop(key)
          session.observer.readAgain(kind)
        } catch {
          // Not by this version either, or the database is away and that is told here.
          await unread.keepOn(key)
        }
      }
    }
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
    this.#pulse.answered()
    this.#gaps.answered(request, result)
  }

  /** Somebody on Matrix has changed what a group is. @throws when the database is away */
  groupChanged(chat: TgChat): Promise<void> {
    return this.#groups.changed(chat)
  }

  /** Before updates come: what there is from before the login. @throws tl.RpcError */
  async prepare(): Promise<void> {
    await this.#gaps.first()
  }

  /** Updates come now; what they leave out is looked for. */
  begin(): void {
    void this.#pulse.run(this.#connection.signal)
    void this.#groups.run(this.#connection.signal)
    void this.#held.run(this.#connection.signal)
    this.#background('looking for what was missed', async () => {
      await this.#gaps.channels()
      await this.#recheck.run()
    })
    this.#background('putting what is kept in order', async () => {
      await this.#readAgain()
      await this.#states.prune(this.#session.host.clock.now())
      await this.#prunePeers()
    })
  }

  /** Of the people of crowds not all are kept; of those that conversations are with, all. */
  async #prunePeers(): Promise<void> {
    const { host, account } = this.#session
    const kept = new Set([account])
    for (const { chat } of await host.chats('telegram')) {
      const parsed = parseChatId(chat.id)
      if (parsed !== undefined)
        kept.add(parsed.kind === 'channel' ? toggleChannelIdMark(parsed.id) : parsed.id)
    }
    await this.#connection.storage.prunePeers(MOST_PEERS, (id) => kept.has(id))
  }

  /** The connection is back. */
  reconnected(): void {
    this.#background('looking for what has changed', () => this.#recheck.run())
  }

  stop(): void {
    this.#receiver.stop()
  }

  /** What could not be asked for is asked for again: until then something may be missing that nobody else looks for. */
  #background(what: string, run: () => Promise<void>): void {
    void (async () => {
      const { host } = this.#session
      const { signal } = this.#connection
      for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
        try {
          return await run()
        } catch (error) {
          if (signal.aborted) return
          host.log.warn(
            { error: messageOf(error), what },
            'telegram: not done in the background, trying again',
          )
        }
        await sleep(host.clock, pause, signal)
      }
    })()
  }
}
