import type { Scope } from './effects.ts'
import { FaultRules } from './fault-rules.ts'
import type { Ircd } from './ircd.ts'
import type { CloseHow, WriteShape } from './link.ts'
import { linesMissingParameters, strangeLines } from './malformed.ts'
import type { Session } from './session.ts'

const REFUSALS = {
  throttle: 'Closing Link: 127.0.0.1 (Throttled: Reconnecting too fast)',
  full: 'Closing Link: 127.0.0.1 (Too many connections from your host)',
  kline: 'Closing Link: 127.0.0.1 (K-Lined: no reason)',
}
export type Refusal = keyof typeof REFUSALS

/** SASL numerics a fault can answer with. */
export type SaslFailure = '902' | '904' | '905' | '906' | '907' | '908'

/** What a test can make go wrong. A fault lasts as its scope or count says, or until `clear`. */
export class IrcFaults {
  readonly rules: FaultRules
  private readonly ircd: Ircd
  private refusals: string[] = []
  private silentAccepts = 0
  private dropsAtWelcome = 0
  private saslFailures: SaslFailure[] = []
  private nickRefusals = new Map<string, string>()
  private capsRefused = new Set<string>()
  private emptyHistories = 0
  private redactRefusals: string[] = []
  private multilineRefusals: string[] = []
  private defaultShape: WriteShape = 'coalesced'
  /** entries of the history younger than this are not found yet */
  historyLagMs = 0

  constructor(ircd: Ircd) {
    this.ircd = ircd
    this.rules = new FaultRules((nick) => ircd.fold(nick))
  }

  /** Takes back every fault that waits; what has happened stays. */
  clear(): void {
    this.rules.clear()
    this.refusals = []
    this.silentAccepts = this.dropsAtWelcome = this.emptyHistories = this.historyLagMs = 0
    this.saslFailures = []
    this.redactRefusals = []
    this.multilineRefusals = []
    this.nickRefusals.clear()
    this.capsRefused.clear()
    this.writes('coalesced')
  }

  // --- one message ---

  /** Drops the link of a client instead of processing its n-th PRIVMSG (or multiline message) from now. */
  dropBefore(n: number, nick?: string, how: CloseHow = 'drop'): void {
    this.rules.add({ drop: { when: 'before', how: how === 'reset' ? how : 'drop' } }, nth(n, nick))
  }

  /** Processes the n-th PRIVMSG from now, answers nothing, and drops the link. */
  dropAfter(n: number, nick?: string, how: CloseHow = 'drop'): void {
    this.rules.add({ drop: { when: 'after', how: how === 'reset' ? how : 'drop' } }, nth(n, nick))
  }

  /** Changes what `echo-message` returns; others get the message as it was. */
  echo(change: 'truncate' | 'alter' | 'never', scope: Scope = {}): void {
    this.rules.add({ echo: change }, scope)
  }

  /** Answers come without their label; an ACK does not come. */
  withoutLabel(scope: Scope = {}): void {
    this.rules.add({ label: 'missing' }, scope)
  }

  /** Answers come right after the next PONG. */
  afterFence(scope: Scope = {}): void {
    this.rules.add({ hold: 'fence' }, scope)
  }

  /** Refuses messages: an error instead of delivery. */
  refuse(numeric: string, text: string, scope: Scope = {}): void {
    this.rules.add({ refuse: { numeric, text } }, scope)
  }

  /** Accepts messages, also to nobody, and says 401 this much later, as for users on another server. */
  late401(ms: number, scope: Scope = {}): void {
    this.rules.add({ late401Ms: ms }, scope)
  }

  // --- one connection ---

  /** From now on nothing is read from or written to a client; its link stays open. */
  halfOpen(nick: string): void {
    this.session(nick).link.freeze()
  }

  /** As `halfOpen`, until `resume`. */
  stall(nick: string): void {
    this.session(nick).link.freeze()
  }

  resume(nick: string): void {
    this.session(nick).link.thaw()
  }

  stallMs(nick: string, ms: number): void {
    const { link } = this.session(nick)
    link.freeze()
    this.ircd.later(ms, () => link.thaw())
  }

  /** Ends a client's link with RST. */
  reset(nick: string): void {
    this.ircd.disconnect(this.session(nick), 'Connection reset by peer', 'reset')
  }

  /** How packets are cut, for one client or for all, also those to come. */
  writes(shape: WriteShape, nick?: string): void {
    if (nick === undefined) this.defaultShape = shape
    const sessions = nick === undefined ? this.ircd.sessions.values() : [this.session(nick)]
    for (const session of sessions) session.link.shape(shape)
  }

  /** Sends bytes as they are: no CR LF is added. */
  raw(nick: string, bytes: string | Uint8Array): void {
    this.session(nick).writeRaw(bytes)
  }

  /** A PRIVMSG whose text has bytes that are no UTF-8. */
  invalidUtf8(nick: string, from = 'latin!l@h.example', target = nick): void {
    this.raw(nick, Buffer.from(`:${from} PRIVMSG ${target} :caf\xe9 \xff\xfe end\r\n`, 'latin1'))
  }

  /** So many bytes without a newline. */
  endlessLine(nick: string, bytes = 65_536): void {
    this.raw(nick, `:${this.ircd.settings.name} NOTICE ${nick} :${'x'.repeat(bytes)}`)
  }

  missingParameters(nick: string): void {
    this.raw(nick, asLines(linesMissingParameters(this.ircd.settings.name, nick)))
  }

  strangeLines(nick: string): void {
    this.raw(nick, asLines(strangeLines(this.ircd.settings.name, nick)))
  }

  // --- connecting ---

  /** The next connections get ERROR and are closed; `kline` gives 465 first. */
  refuseConnections(why: Refusal | { text: string }, count = 1): void {
    const text = typeof why === 'string' ? REFUSALS[why] : why.text
    const lines =
      why === 'kline' ? [`:${this.ircd.settings.name} 465 * :You are banned from this server`] : []
    this.refusals.push(...Array<string>(count).fill(asLines([...lines, `ERROR :${text}`])))
  }

  /** The next connections are accepted, and nothing is ever read or answered. */
  acceptSilently(count = 1): void {
    this.silentAccepts += count
  }

  /** The next clients are dropped right after 001. */
  dropAtWelcome(count = 1): void {
    this.dropsAtWelcome += count
  }

  /** The next SASL attempts fail. */
  sasl(failure: SaslFailure, count = 1): void {
    this.saslFailures.push(...Array<SaslFailure>(count).fill(failure))
  }

  /** A nick is refused until `clear`: 433 in use, 436 collision, 437 held, 432 not allowed. */
  nickInUse(nick: string, numeric: '432' | '433' | '436' | '437' = '433'): void {
    this.nickRefusals.set(this.ircd.fold(nick), numeric)
  }

  /** Requests for these capabilities get NAK although they are offered. */
  nak(...caps: string[]): void {
    for (const cap of caps) this.capsRefused.add(cap)
  }

  // --- history and redaction ---

  /** The next CHATHISTORY queries find nothing. */
  emptyHistory(queries = 1): void {
    this.emptyHistories += queries
  }

  /** The next REDACT commands get this FAIL code: `REDACT_FORBIDDEN`, `REDACT_WINDOW_EXPIRED`. */
  redact(code: string, count = 1): void {
    this.redactRefusals.push(...Array<string>(count).fill(code))
  }

  /** The next multiline messages get this FAIL code: `MULTILINE_MAX_BYTES`, `MULTILINE_INVALID`. */
  refuseMultiline(code: string, count = 1): void {
    this.multilineRefusals.push(...Array<string>(count).fill(code))
  }

  /** Takes somebody's rank in a channel away without telling anybody. */
  rankless(nick: string, channel: string): void {
    for (const mode of ['q', 'a', 'o', 'h', 'v'])
      this.ircd.channel(channel)?.setMembership(this.session(nick), mode, false)
  }

  // --- asked by the server ---

  takeRefusal = (): string | undefined => this.refusals.shift()
  takeSilentAccept = (): boolean => this.silentAccepts > 0 && this.silentAccepts-- > 0
  takeDropAtWelcome = (): boolean => this.dropsAtWelcome > 0 && this.dropsAtWelcome-- > 0
  takeSaslFailure = (): SaslFailure | undefined => this.saslFailures.shift()
  takeEmptyHistory = (): boolean => this.emptyHistories > 0 && this.emptyHistories-- > 0
  takeRedactRefusal = (): string | undefined => this.redactRefusals.shift()
  takeMultilineRefusal = (): string | undefined => this.multilineRefusals.shift()
  nickRefusal = (nick: string): string | undefined => this.nickRefusals.get(this.ircd.fold(nick))
  refusesCap = (cap: string): boolean => this.capsRefused.has(cap)
  shape = (): WriteShape => this.defaultShape

  private session(nick: string): Session {
    const session = this.ircd.user(nick)
    if (session === undefined) throw new Error(`no such nick on the simulated server: ${nick}`)
    return session
  }
}

function nth(n: number, nick: string | undefined): Scope {
  return { from: n, count: 1, ...(nick === undefined ? {} : { nick }) }
}

function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('')
}
