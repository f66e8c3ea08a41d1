import type { Clock } from '../../model/clock.ts'
import { isBatch, multilineText } from './batch.ts'
import type { Batch } from './batch.ts'
import { concerns, echoOf, ECHOES, refuses, same, speakerIn, tierOf } from './evidence.ts'
import type { Tier } from './evidence.ts'
import { classify } from './replies.ts'
import type { Reply } from './replies.ts'
import { Ticket } from './ticket.ts'
import type { Expected } from './ticket.ts'
import type { IrcMessage, OutgoingLine } from './wire.ts'

/** What the confirmations need of their connection. */
export interface Confirming {
  readonly epoch: string
  readonly silentMs: number
  readonly paused: boolean
  fold(name: string): string
  isMe(nick: string | undefined): boolean
  has(cap: string): boolean
  /** Queues a PING; calls back when it is written. */
  writeFence(line: OutgoingLine, written: () => void): void
  fencePassed(sentAt: Date): void
  /** The server does not answer any more. */
  dead(): void
}

const TICK_MS = 500
const LATE_MS = 10_000
const FENCE_AFTER_MS = 1_000
const DEAD_MS = 30_000
const SILENT_MS = 60_000
const LATE_ERRORS = new Set(['401', '404', '531', '716'])

/** Brings together what was written on one connection and what the server says about it. */
export class Confirm {
  readonly tier: Tier
  readonly #link: Confirming
  readonly #clock: Clock
  readonly #onLate: (ticket: Ticket, reply: Reply) => void
  readonly #open: Ticket[] = []
  readonly #done: Ticket[] = []
  readonly #fences = new Map<number, { sentAt: Date; passed: (ok: boolean) => void }>()
  #labels = 0
  #fenceNumber = 0
  #fencePending: Promise<boolean> | undefined
  #abandon: () => void = () => undefined
  #roundTripMs = 200
  #cancelTick: (() => void) | undefined
  #lost = false

  constructor(link: Confirming, clock: Clock, onLate: (ticket: Ticket, reply: Reply) => void) {
    this.#link = link
    this.#clock = clock
    this.#onLate = onLate
    this.tier = tierOf((cap) => link.has(cap))
  }

  /** Announces a line. Its label, if it has one, goes on the line; `written` has to be called when it is. */
  expect(expected: Expected): Ticket {
    const labelled = this.tier === 'T1' || this.tier === 'T1b'
    const label = labelled ? `${this.#link.epoch}.${(++this.#labels).toString(36)}` : undefined
    const ticket = new Ticket(expected, label)
    if (this.#lost) ticket.settle({ kind: 'lost' }, this.#clock.now())
    else this.#open.push(ticket)
    return ticket
  }

  written(ticket: Ticket): void {
    ticket.writtenAt = this.#clock.now()
    if (ticket.label === undefined && !this.#waitsForEcho(ticket)) void this.fence()
    this.#cancelTick ??= this.#clock.after(TICK_MS, () => this.#tick())
  }

  /** The line was not written after all. */
  drop(ticket: Ticket): void {
    this.#remove(ticket)
  }

  /** Resolves with true when the server has processed everything written before, with false when it is gone. */
  fence(): Promise<boolean> {
    if (this.#lost) return Promise.resolve(false)
    if (this.#fencePending !== undefined) return this.#fencePending
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#fencePending = promise
    const number = ++this.#fenceNumber
    const line = { command: 'PING', params: [`f.${this.#link.epoch}.${number}`] }
    this.#link.writeFence(line, () => {
      this.#fencePending = undefined
      this.#fences.set(number, { sentAt: this.#clock.now(), passed: resolve })
      for (const ticket of this.#open) if (ticket.writtenAt !== undefined) ticket.fence ??= number
    })
    // One that was never written is answered by `close`.
    this.#abandon = () => resolve(false)
    return promise
  }

  /** Takes what arrived. @returns what is not about our own lines, and has to be handled as incoming */
  push(item: IrcMessage | Batch): (IrcMessage | Batch)[] {
    const label = item.tags['label']
    if (label !== undefined) return this.#labelled(item, label)
    const query = this.#open.find((t) => t.writtenAt !== undefined && t.expected.collect?.(item) === true)
    if (query !== undefined) {
      query.items.push(item)
      return []
    }
    if (isBatch(item)) return this.#ownMultiline(item) ? [] : [item]
    if (item.command === 'PONG') return this.#pong(item) ? [] : [item]
    if (
      ECHOES.has(item.command) &&
      this.#echo(item.command, item.source?.nick, item.params[0], item.params[1], item)
    ) {
      return []
    }
    return this.#error(item) ? [] : [item]
  }

  /** The connection ended: nothing more will be said about anything. */
  close(): void {
    this.#lost = true
    this.#cancelTick?.()
    for (const ticket of this.#open.splice(0)) ticket.settle({ kind: 'lost' }, this.#clock.now())
    for (const { passed } of this.#fences.values()) passed(false)
    this.#abandon()
    this.#fences.clear()
  }

  get outstanding(): number {
    return this.#open.length
  }

  #waitsForEcho(ticket: Ticket): boolean {
    return this.tier === 'T2' && ticket.expected.kind === 'message' && ECHOES.has(ticket.expected.command)
  }

  #labelled(item: IrcMessage | Batch, label: string): (IrcMessage | Batch)[] {
    const ticket = [...this.#open, ...this.#done].find((t) => t.label === label)
    const parts = isBatch(item) && item.batch === 'labeled-response' ? item.items : [item]
    const rest: (IrcMessage | Batch)[] = []
    let refusal: { command: string; reply: Reply } | undefined
    let echo: { msgid?: string; text?: string; at?: Date } = {}
    for (const part of parts) {
      if (isBatch(part) || ECHOES.has(part.command)) {
        const speaker = speakerIn(part)
        const own = speaker !== undefined && this.#isOurs(speaker, ticket)
        if (own) echo = echoOf(part)
        else rest.push(part)
        continue
      }
      const reply = classify(part.command, part.params)
      if (refuses(reply)) refusal = { command: part.command, reply }
      else if (part.command !== 'ACK') rest.push(part)
    }
    if (ticket === undefined) return rest
    if (refusal !== undefined) this.#refuse(ticket, refusal)
    else if (ticket.expected.collect !== undefined) this.#accept(ticket, { items: rest })
    else this.#accept(ticket, { ...echo, items: [] })
    return ticket.expected.collect !== undefined ? [] : rest
  }

  /** Our own words, or those that we relayed. */
  #isOurs(nick: string, ticket: Ticket | undefined): boolean {
    return this.#link.isMe(nick) || this.#link.fold(nick) === ticket?.expected.as
  }

  #ownMultiline(batch: Batch): boolean {
    const [first] = batch.items
    if (!this.#link.isMe(speakerIn(batch)) || first === undefined || isBatch(first)) return false
    return this.#echo(first.command, first.source?.nick, batch.params[0], multilineText(batch), batch)
  }

  /** An echo without label: that of the oldest line to this target, by preference with the same text. */
  #echo(
    command: string,
    nick: string | undefined,
    target: string | undefined,
    text: string | undefined,
    item: IrcMessage | Batch,
  ): boolean {
    if (!this.#link.has('echo-message') || target === undefined || nick === undefined) return false
    const as = this.#link.isMe(nick) ? undefined : this.#link.fold(nick)
    const name = this.#link.fold(target)
    const fits = ({ expected, writtenAt }: Ticket) =>
      expected.as === as &&
      (as === undefined ? expected.command === command : command === 'PRIVMSG') &&
      expected.names[0] === name &&
      writtenAt !== undefined
    const waiting = this.#open.filter(fits)
    const ticket = waiting.find((t) => same(t.expected.text, text)) ?? waiting[0]
    if (ticket !== undefined) {
      this.#accept(ticket, { ...echoOf(item), items: [] })
      return true
    }
    const late = this.#done.findIndex(
      (t) => fits(t) && t.expected.kind === 'message' && same(t.expected.text, text),
    )
    if (late < 0) return false
    this.#done.splice(late, 1)
    return true
  }

  /** An error without label. */
  #error(m: IrcMessage): boolean {
    const reply = classify(m.command, m.params)
    if (!refuses(reply)) return false
    const ticket = this.#open.find((t) => t.writtenAt !== undefined && this.#concerns(t, m, reply))
    if (ticket !== undefined) {
      this.#refuse(ticket, { command: m.command, reply })
      return true
    }
    // Servers far away answer late, and only with these.
    if (!LATE_ERRORS.has(m.command)) return false
    const late = this.#done.findLast((t) => t.expected.kind === 'message' && this.#concerns(t, m, reply))
    if (late === undefined) return false
    this.#refuse(late, { command: m.command, reply })
    return true
  }

  #concerns({ expected }: Ticket, m: IrcMessage, reply: Reply): boolean {
    return concerns(expected, m, reply, (name) => this.#link.fold(name))
  }

  #pong(m: IrcMessage): boolean {
    const prefix = `f.${this.#link.epoch}.`
    const token = m.params.find((param) => param.startsWith(prefix))
    if (token === undefined) return m.params.some((param) => param === `k.${this.#link.epoch}`)
    const number = Number(token.slice(prefix.length))
    const now = this.#clock.now()
    for (const [n, fence] of this.#fences) {
      if (n > number) continue
      this.#fences.delete(n)
      if (n === number) {
        this.#roundTripMs = (this.#roundTripMs * 3 + (now.getTime() - fence.sentAt.getTime())) / 4
        this.#link.fencePassed(fence.sentAt)
      }
      fence.passed(true)
    }
    for (const ticket of this.#open.slice()) {
      if (ticket.fence !== undefined && ticket.fence <= number) this.#accept(ticket, { items: ticket.items })
    }
    return true
  }

  #accept(
    ticket: Ticket,
    evidence: { msgid?: string; text?: string; at?: Date; items: (IrcMessage | Batch)[] },
  ): void {
    this.#finish(ticket, () => ticket.settle({ kind: 'accepted', ...evidence }, this.#clock.now()))
  }

  #refuse(ticket: Ticket, refusal: { command: string; reply: Reply }): void {
    if (ticket.settled) {
      if (ticket.accepted) this.#onLate(ticket, refusal.reply)
      ticket.accepted = false
      return
    }
    this.#finish(ticket, () => ticket.settle({ kind: 'refused', ...refusal }, this.#clock.now()))
  }

  #finish(ticket: Ticket, settle: () => void): void {
    if (ticket.settled) return
    this.#remove(ticket)
    settle()
    this.#done.push(ticket)
    this.#forget()
  }

  #remove(ticket: Ticket): void {
    const at = this.#open.indexOf(ticket)
    if (at >= 0) this.#open.splice(at, 1)
  }

  #forget(): void {
    const now = this.#clock.now().getTime()
    while (this.#done[0]?.settledAt !== undefined && now - this.#done[0].settledAt.getTime() > LATE_MS) {
      this.#done.shift()
    }
  }

  /** A reply can be missing, or come without its label: a fence then tells. */
  #tick(): void {
    this.#cancelTick = undefined
    this.#forget()
    if (this.#lost || this.#open.length === 0) return
    this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick())
    if (this.#link.paused) return
    const now = this.#clock.now().getTime()
    const patienceMs = Math.max(FENCE_AFTER_MS, 2 * this.#roundTripMs)
    for (const ticket of this.#open.slice()) {
      if (ticket.writtenAt === undefined) continue
      const age = now - ticket.writtenAt.getTime()
      if (ticket.fence === undefined && age > patienceMs) void this.fence()
      if (age > DEAD_MS && this.#link.silentMs > DEAD_MS) return this.#link.dead()
      if (age > SILENT_MS) this.#finish(ticket, () => ticket.settle({ kind: 'silent' }, this.#clock.now()))
    }
  }
}
