/** @property skip how many that match are let through first */
export type Match = { method?: string; path?: RegExp; times?: number; skip?: number }

/**
 * `reset: 'before'` cuts the connection unhandled; `'after'` handles the request and then cuts it. `first` is done, and
 * waited for, before the cut: such as ending the client.
 */
export type Action =
  | { status: number; body: unknown; headers?: Record<string, string> }
  | { delayMs: number }
  | { reset: 'before' | 'after'; first?: () => Promise<unknown> }
  | { hang: true }

/** What faults can do to the running homeserver. */
export type Controls = {
  flush: () => void
  replay: (index: number, appserviceId?: string) => Promise<boolean>
  resetTransactionIds: () => void
  clearHttpCache: () => void
  clearTransactionRows: () => void
  crashAfterAlias: (times: number) => void
}

type Rule = { match: Match; action: Action; left: number; skip: number }

/** Switches that make the homeserver misbehave. */
export class Faults {
  /** Deliver each transaction twice. */
  duplicateTransactions = false
  /** A kill loses the events that wait behind a transaction in flight (Synapse). False: they become rows first. */
  loseOnHold = true
  /**
   * As many transactions become rows and are not sent, although the appservice is up: Synapse does this to one that is
   * made while its recoverer ends. They go out with the next retry.
   */
  strandTransactions = 0
  #holdTransactions = false
  readonly #controls: Controls
  readonly #rules = new Set<Rule>()

  constructor(controls: Controls) {
    this.#controls = controls
  }

  /** True: transactions wait in memory. Setting it to false sends them. */
  get holdTransactions(): boolean {
    return this.#holdTransactions
  }

  set holdTransactions(holds: boolean) {
    this.#holdTransactions = holds
    if (!holds) this.#controls.flush()
  }

  /**
   * Does `action` to client API requests whose method and decoded path match, at most `times` of them. Earlier
   * rules win. Returns how to take the rule away.
   */
  respond(match: Match, action: Action): () => void {
    const rule = { match, action, left: match.times ?? Infinity, skip: match.skip ?? 0 }
    this.#rules.add(rule)
    return () => this.#rules.delete(rule)
  }

  /**
   * Answers every client API request with a proxy's 502 page until the returned function is called or `until`
   * settles.
   */
  downUntil(until?: Promise<unknown>): () => void {
    const headers = { 'content-type': 'text/html' }
    const body = '<html><body><h1>502 Bad Gateway</h1></body></html>'
    const up = this.respond({}, { status: 502, body, headers })
    void until?.then(up, up)
    return up
  }

  /** Delivers once more the transaction at `index` (0 the oldest, -1 the newest). Resolves to "was taken". */
  replayOldTransaction(index = 0, appserviceId?: string): Promise<boolean> {
    return this.#controls.replay(index, appserviceId)
  }

  /** Transaction ids start again at 1, as after a database restore. */
  resetTransactionIds(): void {
    this.#controls.resetTransactionIds()
  }

  /** Forgets answers in the memory cache, as an hour without repeats does. */
  expireHttpCache(): void {
    this.#controls.clearHttpCache()
  }

  /** Forgets the (room, user, device, transaction) rows, as a day does. */
  expireTransactionRows(): void {
    this.#controls.clearTransactionRows()
  }

  /** The next `times` createRoom calls with an alias die after writing the alias. */
  crashAfterAlias(times = 1): void {
    this.#controls.crashAfterAlias(times)
  }

  /** The action for a request; counts down the rule. */
  take(method: string, path: string): Action | null {
    if (this.#rules.size === 0) return null
    const decoded = decode(path)
    for (const rule of this.#rules) {
      if (rule.match.method !== undefined && rule.match.method !== method) continue
      if (rule.match.path !== undefined && decoded.search(rule.match.path) === -1) continue
      if (rule.skip-- > 0) continue
      if (--rule.left <= 0) this.#rules.delete(rule)
      return rule.action
    }
    return null
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
