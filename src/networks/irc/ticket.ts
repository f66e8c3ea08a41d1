import type { DeliveryId } from '../../model/ids.ts'
import type { Batch } from './batch.ts'
import type { Reply } from './replies.ts'
import type { IrcMessage } from './wire.ts'

/** What became of a line that was written. */
export type Evidence =
  /** The server processed it and did not refuse it. */
  | {
      kind: 'accepted'
      msgid?: string
      /** The text as the server took it, where it tells. */
      text?: string
      at?: Date
      /** For queries: the answer. */
      items: (IrcMessage | Batch)[]
    }
  | { kind: 'refused'; command: string; reply: Reply }
  /** The server goes on talking and says nothing about it. */
  | { kind: 'silent' }
  /** The connection ended first. */
  | { kind: 'lost' }

export type Expected = {
  kind: 'message' | 'command'
  command: string
  /** Casefolded channels and nicks that an error about it may name; the first is the target. */
  names: string[]
  /** For RELAYMSG: the casefolded nick under which it comes back. */
  as?: string
  text?: string
  delivery?: DeliveryId
  /**
   * Which items are the answer where no label tells; they go into the evidence instead of being handled as incoming. With
   * a label all of the answer does.
   */
  collect?: (item: IrcMessage | Batch) => boolean
}

/** One thing that was written, or is about to be, and of which the server will say something. */
export class Ticket {
  readonly expected: Expected
  readonly label: string | undefined
  readonly evidence: Promise<Evidence>
  writtenAt: Date | undefined
  settledAt: Date | undefined
  accepted = false
  /** Number of the fence behind it. */
  fence: number | undefined
  items: (IrcMessage | Batch)[] = []
  #settle: (evidence: Evidence) => void = () => undefined

  constructor(expected: Expected, label: string | undefined) {
    this.expected = expected
    this.label = label
    this.evidence = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  get settled(): boolean {
    return this.settledAt !== undefined
  }

  /** The first evidence counts. */
  settle(evidence: Evidence, now: Date): void {
    if (this.settled) return
    this.settledAt = now
    this.accepted = evidence.kind === 'accepted'
    this.#settle(evidence)
  }
}
