import { expect } from 'vitest'
import type { Snapshot } from '../../src/demo/board.ts'
import { demo } from '../../src/demo/index.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import { testLog } from './settings.ts'

/** A running demo and its page, used as a browser would. */
export class DemoPage {
  readonly url: string
  readonly html: string
  readonly token: string
  readonly stop: () => Promise<void>

  private constructor(running: Awaited<ReturnType<typeof demo>>, html: string) {
    this.url = running.url
    this.html = html
    this.token = /name="viaduct-token" content="([^"]+)"/.exec(html)?.[1] ?? ''
    this.stop = () => running.stop()
  }

  static async open(): Promise<DemoPage> {
    const running = await demo({ port: 0, log: testLog })
    return new DemoPage(running, await (await fetch(running.url)).text())
  }

  api(path: string): URL {
    return new URL(`/api/${path}`, this.url)
  }

  send(name: string, body: unknown, headers: Record<string, string> = { 'x-viaduct-token': this.token }) {
    return fetch(this.api(name), { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** Does something that has to go well. */
  async act(name: string, body: unknown): Promise<{ event: string }> {
    const response = await this.send(name, body)
    const words = response.ok ? '' : await response.clone().text()
    expect([name, response.status, words]).toEqual([name, 200, ''])
    return (await response.json()) as { event: string }
  }

  /** Sends a file from a side. */
  async attach(side: string, fields: Record<string, string>, type: string, body: Uint8Array<ArrayBuffer>) {
    const response = await fetch(this.api(`${side}/attach?${new URLSearchParams(fields).toString()}`), {
      method: 'POST',
      headers: { 'x-viaduct-token': this.token, 'content-type': type },
      body,
    })
    expect([side, response.status]).toEqual([side, 200])
  }

  async snapshot(): Promise<Snapshot> {
    return (await (await fetch(this.api('state'))).json()) as Snapshot
  }

  /** Looks until something is so, and gives it. */
  async eventually<T>(what: string, find: (now: Snapshot) => T | undefined): Promise<T> {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = find(await this.snapshot())
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`never seen: ${what}`)
  }
}

/** The channel of an IRC network, on one side. */
export function inTown(side: Conversation[], network: string): Conversation {
  const found = side.find((each) => each.kind === 'channel' && each.network === network)
  if (!found) throw new Error(`no #town of ${network}`)
  return found
}

export const isDelivered = (item: Item | undefined, what = 'message'): boolean =>
  item?.chips.some((chip) => chip.what === what && chip.state === 'delivered') === true

export const saying =
  (text: string) =>
  (item: Item): boolean =>
    item.text === text

export const withId =
  (wanted: string) =>
  ({ id }: Item): boolean =>
    id === wanted
