import type { BaileysEventMap, ChatUpdate, LastMessageList, WAMessage } from '@whiskeysockets/baileys'
import type { RemoteChatId, RemoteMessageId } from '../../model/ids.ts'
import type { RemoteEvent, RemoteHint } from '../../model/remote-event.ts'
import { canonicalChat, partner, remoteChat } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { fromCall } from './from-call.ts'
import { basisOf, fromMessage } from './from-message.ts'
import { pollOf } from './from-poll.ts'
import { fromHistory } from './from-history.ts'
import { selectHistory } from './history.ts'
import { derivedId, isDirect, isGroup } from './ids.ts'
import { Lru } from '../shared/lru.ts'
import { GroupStates } from './group-states.ts'
import { authorOf, messageIdOf, personBy, withPairs } from './message-key.ts'
import { idsOf } from './names.ts'
import { People } from './people.ts'
import { readProgress } from './progress.ts'
import { presenceHints, readsOf } from './receipts.ts'
import { appOnly } from './rich.ts'
import type { Heard } from './socket.ts'
import { asBackfilled, storedFor } from './stored-facts.ts'
import { unwrap } from './unwrap.ts'
import { keepPoll } from './votes.ts'

/** Reads what Baileys tells: what happened for the ledger, what may be forgotten as hints, what is known of people and groups. */
export class Reader {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  readonly people: People
  readonly #states: GroupStates
  /** The newest message of each conversation. */
  readonly #last = new Lru<RemoteChatId, WAMessage>(1_000)
  /** Conversations of which something was told on this connection. */
  readonly #met = new Set<RemoteChatId>()
  /** Messages on their way into the ledger, or in it, of late. */
  readonly #told = new Lru<string, true>(2_000)
  #knowsGroups = false

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
    this.people = new People(deps, connection)
    this.#states = new GroupStates(deps, connection)
  }

  /** Whether all groups of the account are known. */
  get knowsGroups(): boolean {
    return this.#knowsGroups
  }

  lastOf(chat: RemoteChatId): LastMessageList {
    const last = this.#last.get(chat)
    return last === undefined ? [] : [{ key: last.key, messageTimestamp: last.messageTimestamp ?? 0 }]
  }

  /** Conversations that the ledger has, or is about to have, by what was told on this connection. */
  get met(): ReadonlySet<RemoteChatId> {
    return this.#met
  }

  /** The newest message of a conversation, as the bridge names it. */
  lastIdOf(chat: RemoteChatId): RemoteMessageId | undefined {
    const last = this.#last.get(chat)
    return last && messageIdOf(withPairs(this.#deps.view, last.key), chat, last.key)
  }

  /** Whether a message was told of late: what comes right after it may be read before the ledger has it. */
  hasTold(chat: RemoteChatId, id: RemoteMessageId): boolean {
    const other = this.#deps.view.aliasOf(partner(chat))
    return [chat, other].some((each) => this.#told.get(`${each} ${id}`) === true)
  }

  /** The account is logged in: what it is in is asked for. @throws when the server does not say */
  async opened(): Promise<void> {
    this.#connection.groups.ask()
    const groups = await this.#connection.baileys.groupFetchAllParticipating()
    this.#connection.groups.replace(Object.values(groups))
    this.#knowsGroups = true
    this.#job(() => this.people.movedMeanwhile())
    const events = async () => {
      const chats = await this.#deps.host.chats('whatsapp')
      return this.#states.all(chats.map(({ chat }) => chat))
    }
    this.#connection.acceptor.push({ events, accepted: () => this.#states.accepted() })
  }

  /** A message that has just come: it is unread. @throws as `message` */
  async received(message: WAMessage): Promise<readonly RemoteEvent[]> {
    const events = await this.message(message)
    for (const { kind, chat, id, sender } of events)
      if (kind === 'message' && sender !== undefined && sender.self !== this.#deps.login.id)
        this.#connection.unread.came(chat.id, id)
    return events
  }

  /** A message as it came, and everything that is said as one. @throws when what it needs can't be looked up */
  async message(message: WAMessage): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const chat = canonicalChat(view, message.key.remoteJid)
    if (chat === undefined) return []
    if (view.group(chat)?.community === true) return this.#ofCommunity(message, chat)
    this.#last.set(chat, message)
    if (await this.#connection.pictures.isOwn(chat, message)) return []
    await this.#learn(message, chat)
    if (await this.#isFromHere(message, chat)) return []
    const { stored, keep } = await storedFor(message, this.#deps, this.#connection)
    const { events, undecrypted } = fromMessage(message, view, host.clock.now(), stored)
    await this.#connection.vault.set(keep)
    for (const { id } of events) this.#told.set(`${chat} ${id}`, true)
    if (undecrypted === true) await this.#connection.undecrypted.wait(message)
    else await this.#connection.undecrypted.came(message)
    const first = events.length > 0 && !this.#states.isShown(chat) ? this.#states.of(chat) : []
    if (isGroup(chat) && events.length > 0 && view.group(chat) === undefined) this.#states.unnamed(chat)
    const isFirst = events.length > 0 && !this.#met.has(chat)
    if (isFirst) this.#met.add(chat)
    if (!isFirst) return [...events, ...first]
    const { changes, pictures } = this.#connection
    if (isGroup(chat)) pictures.ofGroup(chat)
    return [...events, ...first, ...changes.firstOf(chat)]
  }

  /**
   * What somebody else of this bridge has sent from Matrix to a group in which this account is too: the room has it, also
   * while its sender does not know yet that it was taken.
   */
  async #isFromHere({ key, message }: WAMessage, chat: RemoteChatId): Promise<boolean> {
    const { view, host } = this.#deps
    const by = authorOf(view, chat, key)
    if (!isGroup(chat) || by === undefined || !message || !key.id || key.fromMe === true) return false
    const author = personBy(view, chat, by)
    if (view.loginOf(author) === undefined) return false
    if (view.isSending(author, key.id)) return true
    const begun = await host.begun(remoteChat(view, chat))
    return begun.some((kept) => readProgress(kept)?.parts.some(({ id }) => id === key.id) === true)
  }

  /** A community is the space of its groups: there it has a name, and nobody talks in it. */
  async #ofCommunity(message: WAMessage, chat: RemoteChatId): Promise<readonly RemoteEvent[]> {
    const { view, host } = this.#deps
    const known = (await host.chats('whatsapp')).some((each) => each.chat.id === chat)
    if (!known) return []
    const { events } = fromMessage(message, view, host.clock.now())
    return events.filter(({ kind }) => kind === 'name' || kind === 'topic')
  }

  /** Words in place of a message that can't be read. */
  unreadable(message: WAMessage): RemoteEvent[] {
    const { view, host } = this.#deps
    const basis = basisOf(message, view, host.clock.now())
    if (basis === undefined) return []
    const content = appOnly('unreadable', 'A message that the bridge could not read.')
    return [{ ...basis.event, id: derivedId(basis.event.id, 'unreadable'), kind: 'message', content }]
  }

  /** It became known which phone numbers and LIDs belong together. */
  mapped(mappings: Readonly<Record<string, unknown>>): void {
    this.#job(() => this.people.mapped(mappings))
  }

  heard(event: Heard): void {
    const { view, host } = this.#deps
    const { groups } = this.#connection
    switch (event.name) {
      case 'contacts.upsert':
        return this.#job(() => this.people.contacts(event.data))
      case 'contacts.update':
        return this.#job(async () => {
          await this.#connection.pictures.changed(event.data)
          return this.people.contacts(event.data)
        })
      case 'chats.upsert':
      case 'chats.update':
        return this.#job(() => this.#chats(event.data))
      case 'chats.lock':
        return this.#job(() => this.#connection.changes.locked(event.data.id, event.data.locked))
      case 'messaging-history.set':
        return this.#history(event.data)
      case 'groups.upsert':
        for (const group of event.data) groups.set(group)
        return
      case 'groups.update':
        for (const group of event.data) {
          groups.update(group)
          this.#states.changed(group)
        }
        return
      case 'group-participants.update':
        groups.change(event.data.id, event.data.participants, event.data.action)
        return this.#states.changed({ id: event.data.id })
      case 'call':
        return this.#job(async () =>
          event.data.flatMap((call) => fromCall(call, view, host.clock.now()) ?? []),
        )
      case 'presence.update':
        for (const hint of presenceHints(view, event.data.id, event.data.presences)) host.hint(hint)
        return
      case 'messages.update':
        for (const { key, update } of event.data) this.#read(readsOf(view, key, update))
        return
      case 'message-receipt.update':
        for (const { key, receipt } of event.data) {
          const mended = this.#connection.readAuthors.mended(key)
          this.#read(readsOf(view, mended, { userReceipt: [receipt] }))
        }
        return
      default:
        // What is left is told by messages too, or is nothing that a bridge shows.
        return
    }
  }

  #read(hints: readonly RemoteHint[]): void {
    const { host, login } = this.#deps
    for (const hint of hints) {
      if (hint.kind === 'read' && hint.user.self === login.id)
        this.#connection.unread.read(hint.chat.id, hint.upTo)
      host.hint(hint)
    }
  }

  #job(events: () => Promise<readonly RemoteEvent[]>): void {
    this.#connection.acceptor.push({ events })
  }

  /** What a message says beside its words. @throws when it is not kept */
  async #learn(message: WAMessage, chat: RemoteChatId): Promise<void> {
    const { view } = this.#deps
    const { book, vault } = this.#connection
    const by = authorOf(view, chat, message.key)
    if (by === undefined) return
    const author = personBy(view, chat, by)
    const { pushName, verifiedBizName } = message
    const news = {
      ...(pushName && { push: pushName }),
      ...(verifiedBizName && { business: verifiedBizName }),
    }
    if (message.key.fromMe !== true) await book.learn(author, news)
    if (isDirect(chat)) await this.#connection.pictures.soon(partner(chat))
    else if (isGroup(chat)) await this.#connection.pictures.soon(author)
    const content = message.message ? unwrap(message.message).content : undefined
    const secret = content?.messageContextInfo?.messageSecret
    if (content && secret && pollOf(content) && message.key.id)
      await keepPoll(vault, message.key.id, { secret, creators: idsOf(view, author) })
  }

  async #chats(chats: readonly ChatUpdate[]): Promise<readonly RemoteEvent[]> {
    const { view } = this.#deps
    for (const { id, ephemeralExpiration } of chats) {
      const chat = canonicalChat(view, id)
      if (chat === undefined || ephemeralExpiration === undefined) continue
      await this.#connection.book.disappear(chat, ephemeralExpiration ?? 0)
    }
    return this.#connection.changes.whole(chats)
  }

  #history(data: BaileysEventMap['messaging-history.set']): void {
    this.#job(() => this.people.contacts(data.contacts))
    this.#job(() => this.#chats(data.chats))
    for (const message of selectHistory(data, this.#deps.config.backfill))
      this.#job(async () => {
        const { view, host } = this.#deps
        const events = await this.message(message)
        // What was done to it counts when the message itself does.
        return [...events, ...fromHistory(message, view, host.clock.now())].map(asBackfilled)
      })
  }
}
