import { Client, escapeIdentifier } from 'pg'
import type { ClientConfig } from 'pg'

type Callback = (payload?: string) => void

const PROBE_EVERY_MS = 15_000
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 2_000

/** LISTEN on a connection of its own, which is made again whenever it is lost. */
export class Listener {
  readonly #config: ClientConfig
  readonly #log: (line: string) => void
  readonly #callbacks = new Map<string, Set<Callback>>()
  #client: Client | undefined
  #connecting: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #probe: NodeJS.Timeout | undefined
  #closed = false

  constructor(config: ClientConfig, log: (line: string) => void) {
    this.#config = config
    this.#log = log
  }

  /** Resolves once the channel is listened to, or once a first attempt has failed and the next is planned. */
  async add(channel: string, callback: Callback): Promise<() => void> {
    const known = this.#callbacks.get(channel)
    const callbacks = known ?? new Set()
    callbacks.add(callback)
    if (known === undefined) {
      this.#callbacks.set(channel, callbacks)
      await this.#subscribe(channel)
    }
    return () => {
      callbacks.delete(callback)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    clearInterval(this.#probe)
    await this.#connecting
    await this.#client?.end().catch(() => {})
    this.#client = undefined
  }

  async #subscribe(channel: string): Promise<void> {
    const client = this.#client
    if (client === undefined) return this.#connect()
    await client
      .query(`listen ${escapeIdentifier(channel)}`)
      .catch((error: unknown) => this.#lost(client, error))
  }

  #connect(): Promise<void> {
    if (this.#closed || this.#retry !== undefined) return Promise.resolve()
    this.#connecting ??= this.#tryConnect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #tryConnect(): Promise<void> {
    const client = new Client(this.#config)
    client.on('error', (error) => this.#lost(client, error))
    client.on('end', () => this.#lost(client, new Error('connection ended')))
    client.on('notification', ({ channel, payload }) => this.#call(channel, payload))
    try {
      await client.connect()
      const done = new Set<string>()
      // A channel can be added while these statements are on their way.
      for (let channel = this.#next(done); channel !== undefined; channel = this.#next(done)) {
        await client.query(`listen ${escapeIdentifier(channel)}`)
        done.add(channel)
      }
    } catch (error) {
      this.#plan(client, error)
      return
    }
    if (this.#closed) {
      await client.end().catch(() => {})
      return
    }
    this.#client = client
    this.#retryMs = FIRST_RETRY_MS
    // A half-open connection hears nothing and reports nothing.
    this.#probe = setInterval(() => {
      client.query('select 1').catch((error: unknown) => this.#lost(client, error))
    }, PROBE_EVERY_MS)
    this.#probe.unref()
  }

  #next(done: Set<string>): string | undefined {
    return [...this.#callbacks.keys()].find((channel) => !done.has(channel))
  }

  #lost(client: Client, error: unknown): void {
    if (this.#client !== client || this.#closed) return
    this.#client = undefined
    clearInterval(this.#probe)
    this.#plan(client, error)
  }

  #plan(client: Client, error: unknown): void {
    client.end().catch(() => {})
    if (this.#closed) return
    this.#log(
      `database: listening connection lost: ${error instanceof Error ? error.message : String(error)}`,
    )
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      void this.#connect().then(() => {
        if (this.#client !== undefined) for (const channel of this.#callbacks.keys()) this.#call(channel)
      })
    }, this.#retryMs)
    this.#retry.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS)
  }

  #call(channel: string, payload?: string): void {
    for (const callback of this.#callbacks.get(channel) ?? []) {
      try {
        if (payload === undefined) callback()
        else callback(payload)
      } catch (error) {
        this.#log(`database: a listener of ${channel} threw: ${String(error)}`)
      }
    }
  }
}
