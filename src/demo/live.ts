import type { ServerResponse } from 'node:http'
import { messageOf } from '../model/errors.ts'
import type { Logger } from '../model/logger.ts'
import type { Board, Snapshot } from './board.ts'
import { SIDES } from './side.ts'

const SOON_MS = 40
const BUSY_MS = 200
const IDLE_MS = 1_000

/** Sends the page what has changed, as server-sent events: each part of the snapshot when it differs from before. */
export class Live {
  readonly #board: Board
  readonly #log: Logger
  readonly #pages = new Set<ServerResponse>()
  #sent = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #due = Infinity
  #reading = false
  #stopped = false

  constructor(board: Board, log: Logger) {
    this.#board = board
    this.#log = log
  }

  /** Something has happened: look soon. */
  changed(): void {
    this.#schedule(SOON_MS)
  }

  /** Takes a page on; it gets everything at once. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 500\n\n')
    for (const [name, json] of this.#sent) response.write(eventOf(name, json))
    this.#pages.add(response)
    response.once('close', () => this.#pages.delete(response))
    this.changed()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const page of this.#pages) page.end()
  }

  #schedule(ms: number): void {
    const at = Date.now() + ms
    if (this.#stopped || this.#pages.size === 0 || at >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = at
    this.#timer = setTimeout(() => void this.#look(), ms)
  }

  async #look(): Promise<void> {
    this.#due = Infinity
    if (this.#reading) return this.#schedule(SOON_MS)
    this.#reading = true
    let nextMs = IDLE_MS
    try {
      const snapshot = await this.#board.read()
      this.#send(snapshot)
      if (snapshot.status.inFlight > 0 || typing(snapshot)) nextMs = BUSY_MS
    } catch (error) {
      this.#log.debug({ error: messageOf(error) }, 'the demo page could not be brought up to date')
    }
    this.#reading = false
    this.#schedule(nextMs)
  }

  #send(snapshot: Snapshot): void {
    const parts = new Map<string, string>()
    parts.set('status', JSON.stringify(snapshot.status))
    for (const side of ['matrix', ...SIDES] as const) {
      parts.set(`${side}-list`, JSON.stringify(snapshot[side].map(({ id }) => id)))
      for (const each of snapshot[side]) parts.set(`${side} ${each.id}`, JSON.stringify(each))
    }
    for (const [name, json] of parts) {
      if (this.#sent.get(name) === json) continue
      for (const page of this.#pages) page.write(eventOf(name, json))
    }
    this.#sent = parts
  }
}

const typing = (snapshot: Snapshot): boolean =>
  (['matrix', ...SIDES] as const).some((side) => snapshot[side].some((each) => each.typing.length > 0))

/** JSON has no line breaks, so it is one `data` line. */
const eventOf = (name: string, json: string): string =>
  `data: {"part":${JSON.stringify(name)},"value":${json}}\n\n`
