import { messageOf } from '../../model/errors.ts'
import { sleep } from '../../model/clock.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import { remoteChat } from './chats.ts'
import type { TgChat } from './ids.ts'
import { messagesByNumber } from './media-place.ts'
import type { HeldMessage, MessageStates } from './message-states.ts'
import { inDoubt, readProgress } from './progress.ts'
import type { Receiver } from './receiver.ts'
import type { Session } from './session.ts'
import { aliasOf, ownIdOf } from './shared-id.ts'
import type { UpdateReader } from './update-reader.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

type Deps = { session: Session; states: MessageStates; reader: UpdateReader; take: Receiver['take'] }

/**
 * What other accounts of the bridge wrote in basic groups. Each of them brings its own words, for only its connection knows
 * what the bridge itself sent; this account has a number for them, and brings them when the other's login has ended
 * before it could. Kept with the login until it is one or the other.
 */
export class Held {
  readonly #deps: Deps
  #wake = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** There is more to wait for. */
  wake(): void {
    this.#wake.abort()
  }

  /** Until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { session, states } = this.#deps
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true })
    for (let pause = FIRST_PAUSE_MS; !signal.aborted;) {
      this.#wake = new AbortController()
      try {
        const before = await states.held()
        const left = before.length === 0 ? 0 : await this.#look(before)
        pause = left < before.length ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS)
        if (left > 0) await sleep(session.host.clock, pause, signal)
        else await this.#woken(signal)
      } catch (error) {
        session.host.log.debug({ error: messageOf(error) }, 'telegram: what is held is looked at again')
        await sleep(session.host.clock, LONGEST_PAUSE_MS, signal)
      }
    }
  }

  #woken(signal: AbortSignal): Promise<void> {
    const { signal: woken } = this.#wake
    return new Promise((resolve) => {
      if (woken.aborted || signal.aborted) resolve()
      else woken.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** @returns how many are left */
  async #look(held: readonly HeldMessage[]): Promise<number> {
    const { session, states, take } = this.#deps
    const { host, view } = session
    let left = 0
    for (const [id, ofChat] of byChat(held)) {
      const chat: TgChat = { kind: 'chat', id }
      const shown = remoteChat(view, chat)
      const known = await host.known(
        shown,
        ofChat.map(({ shared }) => shared),
      )
      for (const each of ofChat) {
        const events = known.has(each.shared)
          ? () => Promise.resolve(this.#alias(each))
          : await this.#bring(each)
        if (events === undefined) left += 1
        else
          await take(async () => {
            const found = await events()
            await states.release(each, host.clock.now())
            return { events: found }
          })
      }
    }
    return left
  }

  #alias({ chat, n, shared, date }: HeldMessage): RemoteEvent[] {
    const { view } = this.#deps.session
    const of = { chat: remoteChat(view, { kind: 'chat', id: chat }), at: new Date(date * 1000) }
    return [aliasOf(of, shared, ownIdOf(view, n))]
  }

  /** Undefined while whoever wrote it may still bring it. */
  async #bring({ chat, n, author }: HeldMessage): Promise<(() => Promise<RemoteEvent[]>) | undefined> {
    const { session, reader } = this.#deps
    const { view, live: client } = session
    if (view.loginOf(author) !== undefined || client === undefined) return undefined
    if (await this.#mayBeSent(chat, author)) return undefined
    const [message] = await messagesByNumber(client, view, { kind: 'chat', id: chat }, [n])
    if (message === undefined) return () => Promise.resolve([])
    await view.prepare(message)
    return () => reader.message(message, { backfilled: true })
  }

  /** Whether a send of that account to the group is in doubt: the message may be what it sent. */
  async #mayBeSent(chat: number, author: number): Promise<boolean> {
    const { host, view } = this.#deps.session
    const rows = await host.underWay(remoteChat(view, { kind: 'chat', id: chat }))
    return rows.some(({ progress }) => {
      const begun = readProgress(progress)
      return begun !== undefined && begun.account === author && inDoubt(begun).length > 0
    })
  }
}

function byChat(held: readonly HeldMessage[]): Map<number, HeldMessage[]> {
  const found = new Map<number, HeldMessage[]>()
  for (const each of held) found.set(each.chat, [...(found.get(each.chat) ?? []), each])
  return found
}
