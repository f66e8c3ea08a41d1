import type { Clock } from '../model/clock.ts'
import { sleep } from '../model/clock.ts'
import { messageOf } from '../model/errors.ts'
import type { LoginId, MatrixUserId } from '../model/ids.ts'
import type { Logger } from '../model/logger.ts'
import type { LoginState } from '../model/login.ts'
import type { Database } from '../store/db.ts'
import { loginById, setLoginState } from '../store/login.ts'
import { backoffMs } from './backoff.ts'

export type LoginStatesDeps = {
  db: Database
  clock: Clock
  log: Logger
  /** Puts words into a user's room with the bot; the same `key` never twice. */
  tell: (user: MatrixUserId, text: string, key: string) => Promise<void>
  onLogin: (change: { login: number; network: string; state: string; text?: string }) => void
}

/** Words for a login's owner when its state wants something of them. */
const STATE_WORDS: Partial<Record<LoginState, string>> = {
  bad_credentials: '🔴 %s does not accept your login any more. Say "login" to renew it.',
  blocked: '🔴 %s refuses your connection. I will try again now and then.',
  logged_out: '⚪ You are logged out of %s.',
}

/** For people a connection that comes back by itself soon was never away. */
const OUTAGE_MS = 5 * 60_000
const OUTAGE_WORDS =
  '🟠 There is no connection to %s for some minutes now. I go on trying; what is written waits.'
const BACK_WORDS = '🟢 %s is connected again.'

const BACKOFF = { baseMs: 250, capMs: 30_000 }

/** Keeps where each login stands, and tells its owner what they have to know: in order, and until it is written. */
export class LoginStates {
  readonly #deps: LoginStatesDeps
  readonly #latest = new Map<LoginId, LoginState>()
  readonly #writing = new Map<LoginId, Promise<void>>()
  /** Logins without a connection that should have one, and how to call off what is said of it. */
  readonly #outages = new Map<LoginId, () => void>()
  /** Logins whose owner was told that something is wrong. */
  readonly #told = new Set<LoginId>()
  readonly #stop = new AbortController()
  #changes = 0

  constructor(deps: LoginStatesDeps) {
    this.#deps = deps
  }

  /** From now on what happens to connections is the program's end, and nothing that becomes of logins. */
  stop(): void {
    this.#stop.abort()
    for (const cancel of this.#outages.values()) cancel()
  }

  changed(login: LoginId, state: LoginState, text?: string): void {
    if (this.#stop.signal.aborted) return
    const isNews = this.#latest.get(login) !== state
    this.#latest.set(login, state)
    void this.#inOrder(login, (key) => this.#write(login, key, isNews, state, text))
    this.#watch(login, state, text)
  }

  /**
   * Puts words into the room of a login's owner with the bot, after all that was said of this login before; under the same
   * `key` once.
   */
  tell(login: LoginId, text: string, key?: string): Promise<void> {
    return this.#say(login, () => text, key === undefined ? undefined : `told:${login}:${key}`)
  }

  /** Whoever writes has to know that nothing leaves, also while it is tried again and again. */
  #watch(login: LoginId, state: LoginState, text?: string): void {
    if (state === 'connecting' || state === 'backoff') {
      if (this.#outages.has(login) || this.#told.has(login)) return
      const cancel = this.#deps.clock.after(OUTAGE_MS, () => {
        this.#outages.delete(login)
        this.#told.add(login)
        void this.#say(login, (name) => withText(OUTAGE_WORDS.replace('%s', name), text))
      })
      this.#outages.set(login, cancel)
      return
    }
    this.#outages.get(login)?.()
    this.#outages.delete(login)
    if (state === 'blocked') this.#told.add(login)
    // Whoever has to log in anew is told when they have.
    const wasTold = this.#told.has(login)
    if (state !== 'blocked') this.#told.delete(login)
    if (state === 'connected' && wasTold) void this.#say(login, (name) => BACK_WORDS.replace('%s', name))
  }

  #say(login: LoginId, words: (name: string) => string, own?: string): Promise<void> {
    return this.#inOrder(login, async (key) => {
      const row = await loginById(this.#deps.db, login)
      if (row) await this.#deps.tell(row.owner, words(row.name), own ?? key)
    })
  }

  #inOrder(login: LoginId, write: (key: string) => Promise<void>): Promise<void> {
    this.#changes += 1
    const key = `login:${this.#deps.clock.now().getTime().toString(36)}:${process.pid}:${this.#changes}`
    const earlier = this.#writing.get(login) ?? Promise.resolve()
    const written = earlier.then(() => this.#keep(login, () => write(key)))
    this.#writing.set(login, written)
    return written
  }

  /** A database that is away delays what has to be said; it must not swallow it. */
  async #keep(login: LoginId, write: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#deps
    for (let failures = 1; !this.#stop.signal.aborted; failures += 1) {
      try {
        return await write()
      } catch (error) {
        log.warn({ login, error: messageOf(error) }, 'what is to be said of a login has to wait')
        await sleep(clock, backoffMs(failures, BACKOFF), this.#stop.signal)
      }
    }
  }

  async #write(
    login: LoginId,
    key: string,
    isNews: boolean,
    state: LoginState,
    text?: string,
  ): Promise<void> {
    const { db, tell, onLogin } = this.#deps
    await setLoginState(db, login, state, text)
    const row = isNews ? await loginById(db, login) : undefined
    if (!row) return
    const words = STATE_WORDS[state]?.replace('%s', row.name)
    if (words !== undefined) await tell(row.owner, withText(words, text), key)
    onLogin({ login, network: row.network, state, ...(text !== undefined && { text }) })
  }
}

const withText = (words: string, text: string | undefined): string =>
  text === undefined ? words : `${words}\n${text}`
