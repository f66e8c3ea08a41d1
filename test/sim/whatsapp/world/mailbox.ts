import type { Link, Node } from '../contract.ts'
import { SERVICE, bareJid } from './jid.ts'

/** What waits for an acknowledgement of the device. */
export const LASTING = ['message', 'receipt', 'notification', 'call'] as const
export type Lasting = (typeof LASTING)[number]

export type Settled = {
  kind: string
  id: string
  from?: string | undefined
  participant?: string | undefined
}

/** Puts a stanza on a device's wire; faults may drop, change or repeat it. */
export type Transmit = (link: Link, node: Node) => void

type Entry = { readonly node: Node; sent: boolean }

const MOST_ENTRIES = 20_000
const REMEMBERED = 200

/**
 * The stanzas of one device, in order, until it acknowledges them. What a connection did not acknowledge comes again
 * on the next, marked as `offline`.
 */
export class Mailbox {
  /** The newest stanzas put on the wire, for faults that repeat them. */
  readonly recent: Node[] = []
  private readonly transmit: Transmit
  private entries: Entry[] = []
  private link: Link | undefined
  private isReplaying = false
  private onLive: () => void = () => {}

  constructor(transmit: Transmit) {
    this.transmit = transmit
  }

  get online(): Link | undefined {
    return this.link
  }

  /** Not acknowledged yet, oldest first. */
  get waiting(): Node[] {
    return this.entries.map(({ node }) => node)
  }

  /**
   * Starts a connection: announces what waited, oldest first; `onLive` is called when all of it was sent. Stanzas
   * older than `since` (seconds) are dropped.
   */
  open(link: Link, since: number, waitsForBatch: boolean, onLive: () => void): void {
    this.onLive = onLive
    this.entries = this.entries.filter(({ node }) => Number(node.attrs['t'] ?? since) >= since)
    for (const entry of this.entries) entry.sent = false
    this.link = link
    this.isReplaying = true
    if (this.entries.length === 0 || !waitsForBatch) return this.replay()
    const count = (kind: string) => String(this.entries.filter(({ node }) => node.tag === kind).length)
    const attrs = {
      count: String(this.entries.length),
      message: count('message'),
      receipt: count('receipt'),
      notification: count('notification'),
      call: count('call'),
      appdata: '0',
    }
    link.send({ tag: 'ib', attrs: { from: SERVICE }, content: [{ tag: 'offline_preview', attrs }] })
  }

  /** Sends what waited, then that this was all. Nothing when it was sent already. */
  replay(): void {
    if (this.link === undefined || !this.isReplaying) return
    this.isReplaying = false
    const waited = this.entries.filter(({ sent }) => !sent)
    waited.forEach((entry, i) => this.put(entry, { offline: String(i + 1) }))
    const done = { tag: 'offline', attrs: { count: String(waited.length) } }
    this.link.send({ tag: 'ib', attrs: { from: SERVICE }, content: [done] })
    this.onLive()
  }

  close(): void {
    this.link = undefined
    this.isReplaying = false
  }

  /** Keeps a stanza until it is acknowledged. Over a bound the oldest are forgotten, as by a full server. */
  deliver(node: Node): void {
    const entry = { node, sent: false }
    this.entries.push(entry)
    if (this.entries.length > MOST_ENTRIES) this.entries.shift()
    if (this.link !== undefined && !this.isReplaying) this.put(entry, {})
  }

  /** For what is worth nothing later: sent now or never. */
  pass(node: Node): void {
    if (this.link !== undefined) this.transmit(this.link, node)
  }

  /**
   * The device acknowledged one delivery. Of several with the same id the oldest that was sent is meant: a late
   * refusal must not take a resend with it. Returns whether there was one.
   */
  settle({ kind, id, from, participant }: Settled): boolean {
    const fits = this.entries.filter(({ node, sent }) => sent && node.tag === kind && node.attrs['id'] === id)
    const exact = fits.filter(
      ({ node }) =>
        bareJid(node.attrs['from'] ?? '') === bareJid(from ?? '') &&
        (participant === undefined || bareJid(node.attrs['participant'] ?? '') === bareJid(participant)),
    )
    const found = exact[0] ?? fits[0]
    if (found === undefined) return false
    this.entries.splice(this.entries.indexOf(found), 1)
    return true
  }

  private put(entry: Entry, extra: Record<string, string>): void {
    if (this.link === undefined) return
    entry.sent = true
    this.recent.push(entry.node)
    if (this.recent.length > REMEMBERED) this.recent.shift()
    this.transmit(this.link, { ...entry.node, attrs: { ...entry.node.attrs, ...extra } })
  }
}
