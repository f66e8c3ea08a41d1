import type { BinaryNode, ChatUpdate, SignalDataSet } from '@whiskeysockets/baileys'
import type { RemoteChatId } from '../../model/ids.ts'
import type { RemoteEvent } from '../../model/remote-event.ts'
import type { Alongside } from './auth-state.ts'
import { canonicalChat, remoteChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { settingsEvent, settingsOf } from './from-settings.ts'
import { changeOf } from './from-sync.ts'
import type { PhoneChange } from './from-sync.ts'
import { derivedId, isDirect, toMessageId } from './ids.ts'
import { remoteMessageId } from '../../model/ids.ts'
import { ownId } from './message-key.ts'
import { senderOf } from './names.ts'
import type { People } from './people.ts'
import { patchesIn } from './sync-patches.ts'
import type { Patch } from './sync-patches.ts'

const PREFIX = 'phone-change/'
/** No timer waits longer; what ends later is looked at again. */
const LONGEST_WAIT_MS = 24 * 60 * 60_000

type Kept = { id: string; at: number; change: PhoneChange }

/**
 * What the owner of the account does on their phone beside writing. It is kept in the commit by which Baileys notes that it
 * has the change, so that a crash loses none of it, and told from there.
 */
export class PhoneChanges {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  readonly #people: People
  /** Opened, and not applied by Baileys yet: by collection and version. */
  readonly #opened = new Map<string, Map<number, Patch>>()
  #last = 0
  #cancel: () => void = () => undefined

  constructor(deps: ConnectionDeps, connection: Connection, people: People) {
    this.#deps = deps
    this.#connection = connection
    this.#people = people
    const numbers = connection.vault.keys(PREFIX).map((key) => Number(key.slice(PREFIX.length)))
    this.#last = Math.max(0, ...numbers)
  }

  /** Tells what an earlier connection did not come to tell, and what has ended meanwhile. */
  start(): void {
    this.#tell(this.#connection.vault.keys(PREFIX).toSorted())
    this.#watchMutes()
  }

  stop(): void {
    this.#cancel()
  }

  /** Everything that the server sends, before Baileys sees it; the first of it is no stanza. */
  frame(node: BinaryNode, keyOf: (id: string) => Uint8Array | undefined): void {
    for (const patch of patchesIn(node, keyOf)) {
      const versions = this.#opened.get(patch.collection) ?? new Map<number, Patch>()
      this.#opened.set(patch.collection, versions.set(patch.version, patch))
    }
  }

  /** What Baileys has applied is kept together with the note that it has. */
  alongside(data: SignalDataSet): Alongside | undefined {
    const values: Record<string, string> = {}
    for (const [collection, state] of Object.entries(data['app-state-sync-version'] ?? {})) {
      const versions = this.#opened.get(collection)
      for (const [version, { mutations }] of versions ?? []) {
        if (state === null || version > state.version) continue
        versions?.delete(version)
        for (const [i, mutation] of mutations.entries()) {
          const change = changeOf(mutation)
          const kept = { id: `${collection}.${version}.${i}`, at: this.#deps.host.clock.now().getTime() }
          if (change !== undefined) values[this.#nextKey()] = JSON.stringify({ ...kept, change })
        }
      }
    }
    const keys = Object.keys(values)
    return keys.length === 0 ? undefined : { values, kept: () => this.#tell(keys) }
  }

  #nextKey(): string {
    return PREFIX + String(++this.#last).padStart(12, '0')
  }

  #tell(keys: readonly string[]): void {
    if (keys.length === 0) return
    const { acceptor, vault } = this.#connection
    acceptor.push({
      events: () => this.#events(keys.map((key) => JSON.parse(vault.get(key) ?? 'null') as Kept | null)),
      accepted: () => vault.set(Object.fromEntries(keys.map((key) => [key, undefined]))),
    })
  }

  /** @throws when something of it is not kept */
  async #events(all: readonly (Kept | null)[]): Promise<RemoteEvent[]> {
    const { host, view } = this.#deps
    const chats = await this.#shown()
    const events: RemoteEvent[] = []
    /** What is of no room, in words for the owner alone, and how often. */
    const words = new Map<string, { count: number; key: string; say: (count: number) => string }>()
    for (const kept of all) {
      if (kept === null) continue
      const { change } = kept
      if (change.kind === 'contact') {
        const { jid, name, lid } = change
        events.push(...(await this.#people.contacts([{ id: jid, name, ...(lid !== undefined && { lid }) }])))
        continue
      }
      const chat = canonicalChat(view, change.jid)
      if (chat === undefined) continue
      if (change.kind === 'settings') await this.#connection.book.putAway(chat, change.settings)
      // What was never in the bridge is shown as it is when it comes.
      if (!chats.has(chat)) continue
      if (change.kind === 'settings') {
        events.push(settingsEvent(view, chat, change.settings, new Date(kept.at), kept.id))
        if (change.settings.unread === false) this.#read(chat)
      } else if (isDirect(chat)) {
        events.push(this.#inDirect(change, chat, kept))
      } else {
        const name = remoteChat(view, chat).name ?? 'a group'
        const known = words.get(`${change.kind} ${chat}`)
        words.set(`${change.kind} ${chat}`, {
          count: (known?.count ?? 0) + 1,
          key: known?.key ?? `phone/${kept.id}`,
          say: (count) => inWords(change.kind, `“${name}”`, count),
        })
      }
    }
    for (const { count, key, say } of words.values()) await host.tell(this.#deps.login.id, say(count), key)
    this.#watchMutes()
    return events
  }

  /** App state as a whole, as it comes to a device that is new: it is no news, and comes in no patch. */
  async whole(chats: readonly ChatUpdate[]): Promise<RemoteEvent[]> {
    const { host, view } = this.#deps
    const shown = await this.#shown()
    const events: RemoteEvent[] = []
    for (const news of chats) {
      if (typeof news.conditional !== 'function') continue
      for (const event of settingsOf(news, view, host.clock.now())) {
        if (event.kind !== 'settings') continue
        await this.#connection.book.putAway(event.chat.id, event.settings)
        if (shown.has(event.chat.id)) events.push(event)
      }
    }
    this.#watchMutes()
    return events
  }

  /** The same of a chat that is locked; what a patch has said already is no news. */
  async locked(jid: string, locked: boolean): Promise<RemoteEvent[]> {
    const { host, view } = this.#deps
    const { book } = this.#connection
    const chat = canonicalChat(view, jid)
    if (chat === undefined || (book.putAwayOf(chat)?.archived ?? false) === locked) return []
    const settings = { archived: locked }
    await book.putAway(chat, settings)
    const now = host.clock.now()
    return (await this.#shown()).has(chat) ? [settingsEvent(view, chat, settings, now, now.getTime())] : []
  }

  /** How a conversation was put away before there was a room for it; nothing where it was not. */
  firstOf(chat: RemoteChatId): RemoteEvent[] {
    const { host, view } = this.#deps
    const settings = this.#connection.book.putAwayOf(chat)
    return settings === undefined
      ? []
      : [settingsEvent(view, chat, settings, host.clock.now(), `first ${chat}`)]
  }

  /** Nobody else sees the room of a direct chat, so what is gone for the account is gone there. */
  #inDirect(
    change: Extract<PhoneChange, { kind: 'forgotten' | 'cleared' | 'deleted' }>,
    chat: RemoteChatId,
    { id, at }: Kept,
  ): RemoteEvent {
    const { view } = this.#deps
    const base = { chat: remoteChat(view, chat), at: new Date(at) }
    if (change.kind === 'forgotten') {
      const target = toMessageId({ by: change.fromMe ? 'me' : 'them', id: change.id })
      const reason = 'Deleted for me on WhatsApp'
      return { ...base, id: derivedId(target, 'forgotten'), kind: 'redaction', target, reason }
    }
    const text = inWords(change.kind, 'this chat', 1)
    return { ...base, id: remoteMessageId(`phone/${id}`), kind: 'info', text }
  }

  /** A chat marked as read is read up to its end. */
  #read(chat: RemoteChatId): void {
    const { host, view } = this.#deps
    const upTo = this.#connection.reader.lastIdOf(chat)
    if (upTo === undefined) return
    host.hint({ kind: 'read', chat: remoteChat(view, chat), user: senderOf(view, ownId(view)), upTo })
  }

  /** Conversations of the account that the bridge has. */
  async #shown(): Promise<Set<RemoteChatId>> {
    const { host, login } = this.#deps
    const chats = await host.chats('whatsapp')
    const own = chats.flatMap(({ chat }) =>
      chat.receiver === undefined || chat.receiver === login.id ? [chat.id] : [],
    )
    return new Set([...own, ...this.#connection.reader.met])
  }

  /** A silence that was to last until some time ends at that time, which nobody tells. */
  #watchMutes(): void {
    this.#cancel()
    const { book, signal } = this.#connection
    const { clock } = this.#deps.host
    const ends = book.allPutAway.flatMap((chat) => {
      const mute = book.putAwayOf(chat)?.mute
      return typeof mute === 'object' ? [{ chat, untilMs: mute.untilMs }] : []
    })
    const [next] = ends.toSorted((a, b) => a.untilMs - b.untilMs)
    if (next === undefined || signal.aborted) return
    const waitMs = Math.max(0, next.untilMs - clock.now().getTime())
    this.#cancel = clock.after(Math.min(waitMs, LONGEST_WAIT_MS), () => {
      if (signal.aborted) return
      if (waitMs > LONGEST_WAIT_MS) return this.#watchMutes()
      const settings = { mute: 'off' as const }
      this.#connection.acceptor.push({
        events: async () => {
          const isShown = (await this.#shown()).has(next.chat)
          const { view } = this.#deps
          return isShown
            ? [settingsEvent(view, next.chat, settings, clock.now(), `mute.${next.untilMs}`)]
            : []
        },
        accepted: async () => {
          await book.putAway(next.chat, settings)
          this.#watchMutes()
        },
      })
    })
  }
}

function inWords(kind: 'forgotten' | 'cleared' | 'deleted', where: string, count: number): string {
  switch (kind) {
    case 'forgotten':
      return count === 1
        ? `You deleted a message in ${where} for yourself on WhatsApp. Others see it, and so it stays on Matrix.`
        : `You deleted ${count} messages in ${where} for yourself on WhatsApp. Others see them, and so they stay on Matrix.`
    case 'cleared':
      return `You cleared ${where} on WhatsApp. What was said stays on Matrix.`
    case 'deleted':
      return `You deleted ${where} on WhatsApp. What was said stays on Matrix.`
  }
}
