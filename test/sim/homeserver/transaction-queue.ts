import type { Appservice } from './appservice.ts'
import type { AppserviceApi } from './appservice-api.ts'
import type { Faults } from './faults.ts'
import { Recoverer } from './recoverer.ts'
import type { Retry } from './recoverer.ts'
import type { Room } from './room.ts'
import type { StoredEvent } from './stored-event.ts'
import { clientForm } from './stored-event.ts'
import type { EphemeralEvent, SimEvent } from './types.ts'

const MAX_PER_TRANSACTION = 100
const HISTORY_LENGTH = 1000

type Row = { id: number; events: StoredEvent[] }

export type QueueParts = {
  api: AppserviceApi
  faults: Faults
  retry: Retry
  nextTransactionId: () => number
  roomOf: (event: StoredEvent) => Room
  progress: () => void
}

/**
 * Transactions to one appservice. Rows and the UP or DOWN mark are in the homeserver's database; events that wait
 * behind a transaction in flight are in memory only, so a kill loses them, as it does in Synapse.
 */
export class TransactionQueue {
  readonly appservice: Appservice
  readonly #parts: QueueParts
  #rows: Row[] = []
  #state: 'up' | 'down' = 'up'
  #events: StoredEvent[] = []
  #ephemeral: EphemeralEvent[] = []
  #isSending = false
  #recoverer: Recoverer | null = null
  /** Changes at each kill: what was awaiting belongs to a dead process then. */
  #life = 0
  readonly #history: { id: number; body: string }[] = []

  constructor(appservice: Appservice, parts: QueueParts) {
    this.appservice = appservice
    this.#parts = parts
  }

  get isIdle(): boolean {
    return !this.#isSending && this.#rows.length === 0 && this.#events.length === 0
  }

  get isDown(): boolean {
    return this.#state === 'down'
  }

  enqueue(event: StoredEvent): void {
    if (this.appservice.url === null) return
    this.#events.push(event)
    this.flush()
  }

  enqueueEphemeral(event: EphemeralEvent): void {
    if (this.appservice.url === null) return
    this.#ephemeral.push(event)
    this.flush()
  }

  flush(): void {
    if (!this.#isSending && !this.#parts.faults.holdTransactions) void this.#drain()
  }

  /** Retries a backlog left by an earlier process; without one, does nothing. */
  resume(): void {
    if (this.#state === 'down' && this.#recoverer === null) this.#startRecoverer()
  }

  /** What a successful ping does. Throws if a retry is already running. */
  forceRetry(): void {
    this.#recoverer?.force()
  }

  /** Delivers again a transaction that was delivered before; resolves to whether it was taken. */
  async replay(index: number): Promise<boolean> {
    const old = this.#history.at(index)
    return old !== undefined && (await this.#parts.api.push(this.appservice, old.id, old.body))
  }

  kill(losesMemory: boolean): void {
    this.#life++
    this.#recoverer?.stop()
    this.#recoverer = null
    this.#isSending = false
    if (!losesMemory) {
      while (this.#events.length > 0) this.#newRow()
      if (this.#rows.length > 0) this.#state = 'down'
    }
    this.#events = []
    this.#ephemeral = []
  }

  async #drain(): Promise<void> {
    const life = this.#life
    this.#isSending = true
    while (life === this.#life && (this.#events.length > 0 || this.#ephemeral.length > 0)) {
      if (this.#parts.faults.holdTransactions) break
      const ephemeral = this.#ephemeral.splice(0, MAX_PER_TRANSACTION)
      if (this.#state === 'down') {
        // Ephemeral events of a time when the appservice is down are dropped.
        if (this.#events.length > 0) this.#newRow()
        continue
      }
      if (this.#events.length > 0 && this.#parts.faults.strandTransactions > 0) {
        this.#parts.faults.strandTransactions -= 1
        this.#newRow()
        continue
      }
      const row = this.#newRow()
      const isTaken = await this.#push(row, ephemeral)
      if (life !== this.#life) return
      if (isTaken) this.#complete(row)
      else this.#markDown()
      this.#parts.progress()
    }
    if (life === this.#life) this.#isSending = false
  }

  #newRow(): Row {
    const row = { id: this.#parts.nextTransactionId(), events: this.#events.splice(0, MAX_PER_TRANSACTION) }
    this.#rows.push(row)
    return row
  }

  #complete(row: Row): void {
    this.#rows = this.#rows.filter((other) => other !== row)
  }

  #markDown(): void {
    this.#state = 'down'
    this.#startRecoverer()
  }

  #startRecoverer(): void {
    const recoverer = new Recoverer(this.#parts.retry, async () => {
      const outcome = await this.#retryOldest()
      if (outcome === 'recovered') {
        this.#state = 'up'
        this.#recoverer = null
      }
      this.#parts.progress()
      return outcome
    })
    this.#recoverer = recoverer
    recoverer.schedule()
  }

  /** Retried transactions have no ephemeral part. */
  async #retryOldest(): Promise<'recovered' | 'taken' | 'failed'> {
    const life = this.#life
    const oldest = this.#rows.reduce<Row | undefined>(
      (least, row) => (row.id < (least?.id ?? Infinity) ? row : least),
      undefined,
    )
    if (oldest === undefined) return 'recovered'
    if (this.#parts.faults.holdTransactions) return 'failed'
    const isTaken = await this.#push(oldest, [])
    if (life !== this.#life) return 'failed'
    if (isTaken) this.#complete(oldest)
    return isTaken ? 'taken' : 'failed'
  }

  async #push(row: Row, ephemeral: EphemeralEvent[]): Promise<boolean> {
    const { appservice } = this
    const body = JSON.stringify({
      events: row.events.map((event) => this.#form(event)),
      ephemeral,
      'de.sorunome.msc2409.ephemeral': ephemeral,
      'de.sorunome.msc2409.to_device': [],
    })
    const isTaken = await this.#parts.api.push(appservice, row.id, body)
    if (!isTaken) return false
    this.#history.push({ id: row.id, body })
    if (this.#history.length > HISTORY_LENGTH) this.#history.shift()
    if (this.#parts.faults.duplicateTransactions) await this.#parts.api.push(appservice, row.id, body)
    return true
  }

  #form(event: StoredEvent): SimEvent & { user_id: string; age?: number } {
    const form = clientForm(event, null)
    const target = event.stateKey ?? ''
    const isInvite = event.type === 'm.room.member' && event.content['membership'] === 'invite'
    if (isInvite && this.appservice.ownsUser(target)) {
      form.unsigned.invite_room_state = this.#parts.roomOf(event).stripped(event.sender)
    }
    // Synapse serialises for appservices in the first version of the client format, which repeats some keys.
    return { ...form, user_id: event.sender, age: form.unsigned.age ?? 0 }
  }
}
