import type { Clock } from '../../model/clock.ts'
import type { Batch } from './batch.ts'
import { isFlood } from './closing.ts'
import type { Closing } from './closing.ts'
import { Confirm } from './confirm.ts'
import { ECHOES } from './evidence.ts'
import type { Link } from './link.ts'
import type { NetworkObserver, SentOutcome } from './observer.ts'
import { Outbox } from './outbox.ts'
import { paceFor } from './pace.ts'
import type { Pace } from './pace.ts'
import type { Priority } from './pace-queue.ts'
import type { Reply } from './replies.ts'
import type { Evidence, Expected, Ticket } from './ticket.ts'
import type { IrcMessage, OutgoingLine } from './wire.ts'

/** A connection that is registered: its link, what waits to be written, and what waits to be confirmed. */
export class Live {
  readonly link: Link
  readonly outbox: Outbox
  readonly confirm: Confirm
  /** Casefolded channels in which it may not speak for others. */
  readonly relayRefused = new Set<string>()
  /** Lines that could not be written as one line. */
  refusedLines = 0
  readonly #observer: NetworkObserver | undefined
  readonly #refused = (): void => void this.refusedLines++

  constructor(
    link: Link,
    clock: Clock,
    o: {
      pace?: Pace | undefined
      learned?: Pace | undefined
      onLate: (ticket: Ticket, reply: Reply) => void
      observer?: NetworkObserver | undefined
    },
  ) {
    this.link = link
    this.#observer = o.observer
    const write = (line: OutgoingLine) => link.ready && link.write(line)
    this.outbox = new Outbox(clock, write, o.pace ?? paceFor(link.version), o.learned)
    const { outbox } = this
    this.confirm = new Confirm(
      {
        epoch: link.epoch,
        get silentMs() {
          return link.silentMs
        },
        get paused() {
          return link.paused
        },
        fold: (name) => link.fold(name),
        isMe: (nick) => link.isMe(nick),
        has: (cap) => link.has(cap),
        writeFence: (line, written) => void outbox.send([line], 'fence', undefined, written),
        fencePassed: (sentAt) => {
          const now = clock.now()
          outbox.pacer.fence(sentAt, now)
          o.observer?.fenced(now.getTime() - sentAt.getTime())
          o.observer?.pace(outbox.pacer.learned.perSecond)
        },
        dead: () => link.close({ kind: 'lost', text: 'the server stopped answering' }),
      },
      clock,
      o.onLate,
    )
  }

  get ready(): boolean {
    return this.link.ready
  }

  /**
   * Writes lines that make one thing and waits for what becomes of it. `before` is awaited directly before the first byte. The label goes on the first line.
   * @returns `unsent` when surely nothing was written
   */
  async send(
    expected: Expected,
    lines: OutgoingLine[],
    o: { priority?: Priority; before?: () => Promise<void> } = {},
  ): Promise<Evidence | { kind: 'unsent' }> {
    const ticket = this.confirm.expect(expected)
    const [first, ...rest] = lines
    if (first === undefined) return { kind: 'unsent' }
    const labelled =
      ticket.label === undefined ? first : { ...first, tags: { ...first.tags, label: ticket.label } }
    try {
      const written = await this.outbox.send([labelled, ...rest], o.priority, o.before, () =>
        this.confirm.written(ticket),
      )
      if (!written) {
        this.confirm.drop(ticket)
        return { kind: 'unsent' }
      }
    } catch (error) {
      this.confirm.drop(ticket)
      throw error
    }
    const evidence = await ticket.evidence
    if (expected.kind === 'message') this.#tell(ticket, evidence)
    return evidence
  }

  #tell({ writtenAt, settledAt }: Ticket, evidence: Evidence): void {
    const ms = (settledAt?.getTime() ?? 0) - (writtenAt?.getTime() ?? 0)
    this.#observer?.sent(this.confirm.tier, outcomeFor(evidence), ms)
  }

  /** Sends a command of which only the answer matters. */
  command(
    line: OutgoingLine,
    names: string[],
    collect?: (item: IrcMessage | Batch) => boolean,
  ): Promise<Evidence | { kind: 'unsent' }> {
    const expected: Expected = {
      kind: 'command',
      command: line.command,
      names: names.map((name) => this.link.fold(name)),
      ...(collect && { collect }),
    }
    return this.send(expected, [line], { priority: 'control' })
  }

  /** Writes without waiting for any answer; typing, answers to CTCP, and the like. */
  post(line: OutgoingLine, priority: Priority = 'message'): void {
    if (!ECHOES.has(line.command)) {
      this.outbox.send([line], priority).catch(this.#refused)
      return
    }
    // Its echo must not be taken for what another client of the account says.
    const [target = '', text] = line.params
    const names = [this.link.fold(target)]
    const expected = {
      kind: 'command' as const,
      command: line.command,
      names,
      ...(text !== undefined && { text }),
    }
    this.send(expected, [line], { priority }).catch(this.#refused)
  }

  /** Resolves when the server has processed everything written so far; false when the connection ended. */
  fence(): Promise<boolean> {
    return this.confirm.fence()
  }

  /** The link has ended. */
  end(closing: Closing, now: Date): void {
    if (isFlood(closing)) this.outbox.pacer.excessFlood(now)
    this.outbox.close()
    this.confirm.close()
  }
}

function outcomeFor(evidence: Evidence): SentOutcome {
  if (evidence.kind === 'accepted') return 'delivered'
  if (evidence.kind !== 'refused') return 'unknown'
  return evidence.reply.class === 'rejected' ? 'rejected' : 'retry'
}
