import { remoteChatId, remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import { hashOf } from './content-hash.ts'
import type { GroupInfo } from './group-info.ts'
import type { Stored, StoredPoll, Wanted } from './from-update.ts'
import { messageIdIn, parseChatId, toChatId } from './ids.ts'
import type { TgChat } from './ids.ts'
import { newPoll } from './polls.ts'
import type { AnyMessage } from './place.ts'
import { chatOfMessage } from './place.ts'
import type { ReactionState } from './reactions.ts'
import { momentOf, sharedId } from './shared-id.ts'
import type { States } from './states.ts'
import type { View } from './view.ts'
import { isForum } from './view.ts'

/**
 * What is kept of a message: where it is, what it said, which reactions were told, the number of its poll; in a basic group
 * the id that all accounts have for it.
 */
type Kept = { c?: string; h?: string; r?: ReactionState; p?: string; s?: string }

/** A message of a basic group that another account of the bridge wrote, and has not brought yet. */
export type HeldMessage = { chat: number; n: number; author: number; date: number; shared: RemoteMessageId }

const MOST_HELD = 500

/** Messages of the common box are numbered together, whatever conversation they are in. */
const keyOf = (chat: Pick<TgChat, 'kind' | 'id'>, n: number) =>
  chat.kind === 'channel' ? `m:${chat.id}/${n}` : `m:${n}`

/** Reads and writes what `fromUpdate` needs of earlier updates. */
export class MessageStates {
  readonly #states: States

  constructor(states: States) {
    this.#states = states
  }

  async stored({ message, poll, places }: Wanted): Promise<Stored> {
    const kept = message && (await this.#states.get<Kept>(keyOf(message.chat, message.n)))
    const found = poll === undefined ? undefined : await this.#states.get<StoredPoll>(`poll:${poll}`)
    const where = new Map<number, TgChat>()
    for (const n of places?.numbers ?? []) {
      const chat = await this.#placeOf(places?.channel, n)
      if (chat !== undefined) where.set(n, chat)
    }
    return {
      ...(kept?.h !== undefined && { hash: kept.h }),
      ...(kept?.r !== undefined && { reactions: kept.r }),
      ...(found && { poll: found }),
      places: where,
    }
  }

  async keep(
    { message, poll }: Wanted,
    { hash, reactions, poll: state }: { hash?: string; reactions?: ReactionState; poll?: StoredPoll },
    now: Date,
  ): Promise<void> {
    if (message !== undefined && (hash !== undefined || reactions !== undefined)) {
      const key = keyOf(message.chat, message.n)
      const before = (await this.#states.get<Kept>(key)) ?? {}
      const after = { ...before, ...(hash !== undefined && { h: hash }), ...(reactions && { r: reactions }) }
      this.#states.set(key, after, now)
    }
    if (poll !== undefined && state !== undefined) this.#states.set(`poll:${poll}`, state, now)
  }

  /** A message is new to the bridge, or was sent by it. `options`: Matrix's ids of a poll's answers. */
  async seen(view: View, message: AnyMessage, now: Date, options?: readonly string[]): Promise<void> {
    const chat = chatOfMessage(view, message)
    const hash = message._ === 'message' ? { h: hashOf(message) } : {}
    // In a channel without topics everything is where it is said to be; what it said is asked for when it is edited.
    if (chat.kind !== 'channel' || isForum(view, chat.id)) {
      this.#states.set(keyOf(chat, message.id), { c: toChatId(chat), ...hash }, now)
    } else this.#states.remember(keyOf(chat, message.id), hash, now)
    if (message._ !== 'message' || message.media?._ !== 'messageMediaPoll') return
    const { poll } = message.media
    const key = `poll:${poll.id.toString()}`
    if ((await this.#states.get(key)) !== undefined && options === undefined) return
    const target = messageIdIn(chat, view.account, message.id)
    const stored: StoredPoll = { state: newPoll(poll, options), chat, target }
    this.#states.set(key, stored, now)
    const at = keyOf(chat, message.id)
    this.#states.set(at, { ...(await this.#states.get<Kept>(at)), p: poll.id.toString() }, now)
  }

  /** The id that all accounts have for a message of a basic group; it is the same whenever it is asked for. */
  async shared(view: View, message: AnyMessage, now: Date): Promise<RemoteMessageId> {
    const { kind, id } = chatOfMessage(view, message)
    const key = keyOf({ kind, id }, message.id)
    const kept = (await this.#states.get<Kept>(key)) ?? {}
    if (kept.s !== undefined) return remoteMessageId(kept.s)
    const moment = momentOf(view, message)
    const same = `same:${id}/${moment}`
    const numbers = (await this.#states.get<number[]>(same)) ?? []
    const at = numbers.indexOf(message.id)
    if (at < 0) this.#states.set(same, [...numbers, message.id], now)
    const shared = sharedId(moment, at < 0 ? numbers.length : at)
    this.#states.set(key, { ...kept, s: shared }, now)
    return shared
  }

  async sharedOf(n: number): Promise<RemoteMessageId | undefined> {
    const { s } = (await this.#states.get<Kept>(keyOf({ kind: 'chat', id: 0 }, n))) ?? {}
    return s === undefined ? undefined : remoteMessageId(s)
  }

  async held(): Promise<HeldMessage[]> {
    return (await this.#states.get<HeldMessage[]>('held')) ?? []
  }

  async hold(message: HeldMessage, now: Date): Promise<void> {
    const held = await this.held()
    if (held.some(({ n }) => n === message.n)) return
    this.#states.set('held', [...held, message].slice(-MOST_HELD), now)
  }

  async release(message: HeldMessage, now: Date): Promise<void> {
    const left = (await this.held()).filter(({ n }) => n !== message.n)
    this.#states.set('held', left, now)
  }

  /** The number of the poll in a message. */
  async pollIn(chat: TgChat, n: number): Promise<string | undefined> {
    return (await this.#states.get<Kept>(keyOf(chat, n)))?.p
  }

  /** Of a message that the server did not show in its answer, at least where it is. */
  placed(chat: TgChat, n: number, now: Date): void {
    this.#states.set(keyOf(chat, n), { c: toChatId(chat) }, now)
  }

  poll(id: string): Promise<StoredPoll | undefined> {
    return this.#states.get<StoredPoll>(`poll:${id}`)
  }

  setPoll(id: string, poll: StoredPoll, now: Date): void {
    this.#states.set(`poll:${id}`, poll, now)
  }

  async reactions(chat: TgChat, n: number): Promise<ReactionState | undefined> {
    return (await this.#states.get<Kept>(keyOf(chat, n)))?.r
  }

  async setReactions(chat: TgChat, n: number, reactions: ReactionState, now: Date): Promise<void> {
    await this.keep({ message: { chat, n } }, { reactions }, now)
  }

  group({ kind, id }: TgChat): Promise<GroupInfo | undefined> {
    return this.#states.get<GroupInfo>(`group:${toChatId({ kind, id })}`)
  }

  setGroup(chat: TgChat, info: GroupInfo, now: Date): void {
    this.#states.set(`group:${toChatId(chat)}`, info, now)
  }

  save(): Promise<void> {
    return this.#states.save()
  }

  async #placeOf(channel: number | undefined, n: number): Promise<TgChat | undefined> {
    const key =
      channel === undefined ? keyOf({ kind: 'user', id: 0 }, n) : keyOf({ kind: 'channel', id: channel }, n)
    const { c } = (await this.#states.get<Kept>(key)) ?? {}
    return c === undefined ? undefined : parseChatId(remoteChatId(c))
  }
}
