import type { TlObject } from '../contract.ts'
import type { View } from './view.ts'

/** Renders an update as one viewer gets it; undefined when there is nothing left to say (e.g. a removed message). */
export type Rendered = (view: View, pts: number, count: number) => TlObject | undefined

export type BoxEvent = { readonly pts: number; readonly count: number; readonly render: Rendered }

/**
 * A sequence of events with its counter, `pts` (core.telegram.org/api/updates): one for each account's private chats
 * and basic groups, one for each channel.
 */
export class Box {
  pts = 1
  /** Who is below has missed events that are not kept. */
  floor = 1
  private events: BoxEvent[] = []
  private readonly size: () => number

  constructor(size: () => number) {
    this.size = size
  }

  add(count: number, render: Rendered): BoxEvent {
    this.pts += count
    const event = { pts: this.pts, count, render }
    this.events.push(event)
    const surplus = this.events.length - this.size()
    if (surplus > 0) this.floor = this.events.splice(0, surplus).at(-1)?.pts ?? this.floor
    return event
  }

  /** Events after `pts`, oldest first, at most `most`; those with an equal pts stay together. */
  after(pts: number, most: number): { events: BoxEvent[]; more: boolean } {
    const start = this.events.findIndex((event) => event.pts > pts)
    if (start < 0) return { events: [], more: false }
    let end = Math.min(start + Math.max(most, 1), this.events.length)
    while (end < this.events.length && this.events[end]?.pts === this.events[end - 1]?.pts) end++
    return { events: this.events.slice(start, end), more: end < this.events.length }
  }

  /** Forgets all events, so that everyone who is not up to date is told that it is too long. */
  forget(): void {
    this.events = []
    this.floor = this.pts
  }
}
