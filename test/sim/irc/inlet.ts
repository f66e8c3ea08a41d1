import type { FloodOptions } from './options.ts'

export type InletOwner = {
  process(line: string): void
  /** whether the flood options are for this client, now */
  paced(): boolean
  /** stop or start reading from the link */
  pause(): void
  resume(): void
  excessFlood(): void
}

/**
 * The lines one client sent and the server has not processed. Without flood options each is processed at once; with
 * them a token bucket decides. One line is processed at a time, also when processing makes the client send another.
 */
export class Inlet {
  private readonly owner: InletOwner
  private readonly flood: FloodOptions | undefined
  private queue: string[] = []
  private busy = false
  private held = false
  private closed = false
  private tokens: number
  private filledAt = performance.now()
  private timer: NodeJS.Timeout | undefined

  constructor(owner: InletOwner, flood: FloodOptions | undefined) {
    this.owner = owner
    this.flood = flood
    this.tokens = flood?.burst ?? 0
  }

  push(line: string): void {
    this.queue.push(line)
    this.pump()
  }

  /** Keeps lines back until `release`. */
  hold(): void {
    this.held = true
  }

  release(): void {
    this.held = false
    this.pump()
  }

  /** Drops what is waiting and all that comes. */
  close(): void {
    this.closed = true
    this.queue = []
    clearTimeout(this.timer)
  }

  /** Takes tokens beyond the one of the line, as a penalty. */
  charge(tokens: number): void {
    this.tokens -= tokens
  }

  private pump(): void {
    if (this.busy) return
    this.busy = true
    let next = 0
    while (!this.closed && !this.held && next < this.queue.length && this.mayProcess()) {
      this.owner.process(this.queue[next++] ?? '')
    }
    this.queue = this.closed ? [] : this.queue.slice(next)
    this.busy = false
  }

  private mayProcess(): boolean {
    if (this.flood === undefined || !this.owner.paced()) return true
    const now = performance.now()
    const { burst, perSecond } = this.flood
    this.tokens = Math.min(burst, this.tokens + ((now - this.filledAt) / 1000) * perSecond)
    this.filledAt = now
    if (this.tokens >= 1) {
      this.tokens -= 1
      return true
    }
    if (this.flood.over === 'kill') this.owner.excessFlood()
    else this.wait(((1 - this.tokens) / perSecond) * 1000)
    return false
  }

  private wait(ms: number): void {
    if (this.timer !== undefined) return
    this.owner.pause()
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.owner.resume()
      this.pump()
    }, Math.ceil(ms))
  }
}
