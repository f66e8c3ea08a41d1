import type { SimUser } from '../../test/sim/homeserver/index.ts'

type SyncAnswer = {
  next_batch: string
  rooms?: { join?: Record<string, { ephemeral?: { events?: { type: string; content: unknown }[] } }> }
}

type Receipts = Record<string, { 'm.read'?: Record<string, unknown> }>

const PAUSE_MS = 300
const LONG_POLL_MS = 20_000

/** Alice's client listening to her homeserver, for what is in no timeline: who types, and who has read what. */
export class AliceSync {
  readonly #url: string
  readonly #alice: SimUser
  readonly #changed: () => void
  readonly #stop = new AbortController()
  readonly #typing = new Map<string, string[]>()
  readonly #read = new Map<string, Map<string, string>>()
  #done: Promise<void> = Promise.resolve()

  constructor(url: string, alice: SimUser, changed: () => void) {
    this.#url = url
    this.#alice = alice
    this.#changed = changed
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  /** User ids of those who type in a room, without Alice. */
  typing(room: string): string[] {
    return (this.#typing.get(room) ?? []).filter((user) => user !== this.#alice.userId)
  }

  /** Up to which event each user has read a room, without Alice. */
  read(room: string): ReadonlyMap<string, string> {
    return this.#read.get(room) ?? new Map<string, string>()
  }

  async #run(): Promise<void> {
    let since: string | undefined
    while (!this.#stop.signal.aborted) {
      try {
        since = await this.#once(since)
      } catch {
        this.#typing.clear()
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  async #once(since: string | undefined): Promise<string> {
    const query = new URLSearchParams({ timeout: String(since === undefined ? 0 : LONG_POLL_MS) })
    if (since !== undefined) query.set('since', since)
    const response = await fetch(`${this.#url}/_matrix/client/v3/sync?${query.toString()}`, {
      headers: { authorization: `Bearer ${this.#alice.accessToken}` },
      signal: this.#stop.signal,
    })
    if (!response.ok) throw new Error(`/sync answered ${response.status}`)
    const answer = (await response.json()) as SyncAnswer
    for (const [room, { ephemeral }] of Object.entries(answer.rooms?.join ?? {})) {
      for (const { type, content } of ephemeral?.events ?? []) {
        if (type === 'm.typing') this.#typing.set(room, (content as { user_ids: string[] }).user_ids)
        if (type === 'm.receipt') this.#mark(room, content as Receipts)
        this.#changed()
      }
    }
    return answer.next_batch
  }

  #mark(room: string, receipts: Receipts): void {
    const marks = this.#read.get(room) ?? new Map<string, string>()
    this.#read.set(room, marks)
    for (const [event, { 'm.read': readers = {} }] of Object.entries(receipts)) {
      for (const user of Object.keys(readers)) if (user !== this.#alice.userId) marks.set(user, event)
    }
  }
}
