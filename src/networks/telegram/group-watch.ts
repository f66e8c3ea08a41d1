import { messageOf } from '../../model/errors.ts'
import { sleep } from '../../model/clock.ts'
import type { Accounts } from './accounts.ts'
import { groupEvents } from './group-info.ts'
import { parseChatId, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import type { MessageStates } from './message-states.ts'
import type { Receiver } from './receiver.ts'
import type { Session } from './session.ts'

/** Several things happen at once when somebody is made an administrator. */
const SETTLE_MS = 300
/** A group that people enter and leave all the time is not read more often. */
const LEAST_BETWEEN_MS = 15_000
const MOST_WAITING = 500
/** Without any sign of a change: so often some groups are read, those first that were read longest ago. */
const ROUND_MS = 5 * 60_000
const EACH_ROUND = 4
const STALE_MS = 30 * 60_000

type Deps = { session: Session; accounts: Accounts; states: MessageStates; take: Receiver['take'] }

/**
 * Reads anew what groups are: Telegram tells a changed description or role to those alone whom it concerns, and to bots
 * (https://core.telegram.org/api/channel). Signs of a change are gathered, and without any a look is taken from time to time.
 */
export class GroupWatch {
  readonly #deps: Deps
  readonly #readAt = new Map<string, number>()
  readonly #due = new Map<string, { chat: TgChat; at: number }>()
  #wake: AbortController = new AbortController()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Something of the group has changed, or may have. */
  touch({ kind, id }: TgChat): void {
    if (kind === 'user') return
    const chat: TgChat = { kind, id }
    const key = toChatId(chat)
    if (this.#due.has(key) || this.#due.size >= MOST_WAITING) return
    const now = this.#now
    const at = Math.max(now + SETTLE_MS, (this.#readAt.get(key) ?? 0) + LEAST_BETWEEN_MS)
    this.#due.set(key, { chat, at })
    this.#wake.abort()
  }

  /** Somebody on Matrix has changed the group. What is kept of it may seem to be true again when somebody here undoes that. */
  async changed({ kind, id }: TgChat): Promise<void> {
    const { session, states } = this.#deps
    const chat: TgChat = { kind, id }
    const known = await states.group(chat)
    if (known !== undefined) states.setGroup(chat, { ...known, stale: true }, session.host.clock.now())
    this.touch(chat)
  }

  /** Until the signal is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps.session.host
    signal.addEventListener('abort', () => this.#wake.abort(), { once: true })
    for (let roundAt = this.#now + ROUND_MS; !signal.aborted;) {
      this.#wake = new AbortController()
      const next = Math.min(roundAt, ...[...this.#due.values()].map(({ at }) => at))
      await sleep(clock, next - this.#now, this.#wake.signal)
      if (signal.aborted) return
      if (this.#now >= roundAt) {
        await this.#look()
        roundAt = this.#now + ROUND_MS
      }
      for (const [key, { chat, at }] of this.#due) {
        if (at > this.#now || signal.aborted) continue
        this.#due.delete(key)
        await this.#read(chat)
      }
    }
  }

  get #now(): number {
    return this.#deps.session.host.clock.now().getTime()
  }

  /** The groups of the bridge that were not read for long. Never throws. */
  async #look(): Promise<void> {
    const { session } = this.#deps
    try {
      const groups = new Map<string, TgChat>()
      for (const { chat } of await session.host.chats('telegram')) {
        const parsed = parseChatId(chat.id)
        if (parsed !== undefined && parsed.kind !== 'user')
          groups.set(toChatId({ kind: parsed.kind, id: parsed.id }), { kind: parsed.kind, id: parsed.id })
      }
      const age = (key: string) => this.#readAt.get(key) ?? 0
      const stale = [...groups].filter(([key, chat]) => this.#now - age(key) > STALE_MS && this.#isOurs(chat))
      stale.sort(([a], [b]) => age(a) - age(b))
      for (const [, chat] of stale.slice(0, EACH_ROUND)) this.touch(chat)
    } catch (error) {
      session.host.log.debug({ error: messageOf(error) }, 'telegram: no look at groups')
    }
  }

  /** One account of those that are in a group tells what it is; bots, which see less of it, where there is no other. */
  #isOurs(chat: TgChat): boolean {
    const { session, accounts } = this.#deps
    const there = accounts.inGroup(chat).filter((each) => each.isOpen)
    const people = there.filter((each) => !each.isBot)
    const all = people.length > 0 ? people : there
    return all.length === 0 || Math.min(...all.map(({ account }) => account)) === session.account
  }

  /** Never throws: what cannot be read now is read with the next sign, or the next look. */
  async #read(chat: TgChat): Promise<void> {
    const { session, states, take } = this.#deps
    this.#readAt.set(toChatId(chat), this.#now)
    if (!this.#isOurs(chat)) return
    try {
      const events = await groupEvents(session, states, chat)
      await take(() => Promise.resolve({ events }))
    } catch (error) {
      session.host.log.debug({ error: messageOf(error) }, 'telegram: what a group is was not told')
    }
  }
}
