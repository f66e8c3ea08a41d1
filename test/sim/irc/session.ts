import type { Channel } from './channel.ts'
import type { Effects } from './effects.ts'
import { NO_EFFECTS } from './effects.ts'
import type { CloseHow, Link } from './link.ts'
import type { MultilineBatch } from './multiline-batch.ts'
import type { Envelope, Outgoing } from './outgoing.ts'
import { render } from './outgoing.ts'

/** What a client gets as the answer to the line that is being processed. */
type Answer = { label: string | undefined; lines: Outgoing[]; silent: boolean }

/** One connection, and the user it becomes when it has registered. */
export class Session {
  readonly id: number
  readonly link: Link
  readonly host = '127.0.0.1'
  readonly caps = new Set<string>()
  readonly modes = new Set<string>()
  readonly channels = new Set<Channel>()
  readonly monitored = new Map<string, string>()
  nick = '*'
  user = ''
  realname = ''
  account: string | undefined
  away: string | undefined
  password: string | undefined
  registered = false
  closed = false
  /** CAP LS or CAP REQ came and CAP END did not: registration waits */
  negotiating = false
  capVersion = 301
  /** what identd said: not asked, still asked, no answer, or the name */
  ident: 'none' | 'pending' | 'failed' | { name: string } = 'none'
  sasl: { mechanism: string; data: string } | undefined
  multiline: MultilineBatch | undefined
  /** the server on the other side of a split, which this user is behind */
  splitBy: string | undefined
  effects: Effects = NO_EFFECTS
  private readonly serverName: string
  private readonly now: () => Date
  private answer: Answer | undefined
  private muted = false
  private batches = 0
  private afterFence: string[] = []

  constructor(id: number, link: Link, serverName: string, now: () => Date) {
    this.id = id
    this.link = link
    this.serverName = serverName
    this.now = now
  }

  get prefix(): string {
    return `${this.nick}!${this.user}@${this.host}`
  }

  /** Sends a line; while one of this client's own lines is processed it is part of the answer to that. */
  send(out: Outgoing): void {
    if (this.answer === undefined) this.write(render(out, this.caps, this.now))
    else this.answer.lines.push(out)
  }

  /** Sends a line that is no answer, even though this client caused it: its own message to itself. */
  sendAside(out: Outgoing): void {
    this.write(render(out, this.caps, this.now))
  }

  /** A line from the server with this client's nick as the first parameter. */
  numeric(code: string, ...params: string[]): void {
    this.send({ source: this.serverName, command: code, params: [this.nick, ...params] })
  }

  /** Standard reply, https://ircv3.net/specs/extensions/standard-replies */
  fail(command: string, code: string, ...context: string[]): void {
    this.send({ source: this.serverName, command: 'FAIL', params: [command, code, ...context] })
  }

  nextBatch(): string {
    return `b${++this.batches}`
  }

  begin(label: string | undefined): void {
    this.answer = { label, lines: [], silent: false }
  }

  /** The label of the line being processed, taken from it: no answer now, the caller keeps it for later. */
  deferAnswer(): string | undefined {
    const label = this.answer?.label
    if (this.answer !== undefined) Object.assign(this.answer, { label: undefined, silent: true })
    return label
  }

  /** Gives the answer the label of an earlier line. */
  answerLabel(label: string | undefined): void {
    if (this.answer !== undefined) this.answer.label = label
  }

  /** Ends processing of a line: the answer goes out, labelled as one logical response. */
  finish(): void {
    const { label, lines, silent } = this.answer ?? { label: undefined, lines: [], silent: true }
    this.answer = undefined
    const labelled =
      label !== undefined && this.caps.has('labeled-response') && this.effects.label !== 'missing'
    const texts = labelled
      ? this.labelled(label, lines, silent)
      : lines.map((out) => render(out, this.caps, this.now))
    if (this.effects.hold === 'fence') this.afterFence.push(...texts)
    else for (const text of texts) this.write(text)
    if (this.afterFence.length > 0 && lines.some((out) => out.command === 'PONG')) {
      for (const text of this.afterFence.splice(0)) this.write(text)
    }
  }

  /** Number of error numerics and FAILs in the answer so far. */
  get errors(): number {
    return (
      this.answer?.lines.filter((out) => out.command === 'FAIL' || /^[45]\d\d$/.test(out.command)).length ?? 0
    )
  }

  /** Lets nothing more out. */
  mute(): void {
    this.muted = true
  }

  /** Writes bytes as they are. */
  writeRaw(data: string | Uint8Array): void {
    this.link.write(data)
  }

  close(how: CloseHow): void {
    this.link.close(how)
  }

  private labelled(label: string, lines: Outgoing[], silent: boolean): string[] {
    const [first] = lines
    const text = (out: Outgoing, envelope?: Envelope) => render(out, this.caps, this.now, envelope)
    const server = (command: string, ...params: string[]): Outgoing => ({
      source: this.serverName,
      command,
      params,
    })
    if (first === undefined) return silent ? [] : [text(server('ACK'), { label })]
    if (lines.length === 1 || isOneBatch(lines))
      return lines.map((out, i) => text(out, i === 0 ? { label } : undefined))
    const batch = this.nextBatch()
    return [
      text(server('BATCH', `+${batch}`, 'labeled-response'), { label }),
      ...lines.map((out) => text(out, isBatchEnd(out) ? undefined : { batch })),
      text(server('BATCH', `-${batch}`)),
    ]
  }

  private write(text: string): void {
    if (!this.muted && !this.closed) this.link.write(`${text}\r\n`)
  }
}

function isBatchEnd(out: Outgoing): boolean {
  return out.command === 'BATCH' && out.params[0]?.startsWith('-') === true
}

/** The label of an answer that is a batch already goes on the line that opens it. */
function isOneBatch(lines: readonly Outgoing[]): boolean {
  const open = lines[0]
  const end = lines.at(-1)
  if (open?.command !== 'BATCH' || end?.command !== 'BATCH') return false
  return open.params[0]?.slice(1) === end.params[0]?.slice(1)
}
