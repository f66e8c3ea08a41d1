import type { GroupMetadata } from '@whiskeysockets/baileys'
import type { RemoteChatId } from '../../model/ids.ts'
import type { RemoteChat, RemoteEvent } from '../../model/remote-event.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { isGroup, toChatId } from './ids.ts'
import { groupNames, groupState } from './members.ts'
import type { GroupState } from './members.ts'

const TOLD = 'group-state/'

/**
 * What groups are called, who is in them and who may do what, told where nothing that came says it: before a room has
 * heard of it, and when it is another than it was at an earlier connection and nobody told of the change.
 */
export class GroupStates {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  /** Groups of which the ledger knows how they are. */
  readonly #shown = new Set<RemoteChatId>()
  /** What was told of these does not say what they are called, or says it wrong. */
  readonly #unnamed = new Set<RemoteChatId>()
  /** What was told when all groups had become known, by their stamps, of those that have not changed since. */
  #stamps = new Map<RemoteChatId, string>()

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
  }

  isShown(chat: RemoteChatId): boolean {
    return this.#shown.has(chat)
  }

  /** The group is not known yet; its name is told once it is. */
  unnamed(chat: RemoteChatId): void {
    this.#unnamed.add(chat)
  }

  /** All groups are known now. @returns what is not as it was told last, of conversations that the ledger has */
  all(chats: readonly RemoteChat[]): RemoteEvent[] {
    const { vault } = this.#connection
    for (const chat of chats) if (this.#isMisnamed(chat)) this.#unnamed.add(chat.id)
    const stamps = new Map<RemoteChatId, string>()
    const events: RemoteEvent[] = []
    for (const chat of new Set([...chats.map(({ id }) => id), ...this.#unnamed])) {
      const { names, state } = this.#now(chat)
      events.push(...names)
      if (state === undefined) continue
      stamps.set(chat, state.stamp)
      if (vault.get(TOLD + chat) !== state.stamp) events.push(...state.events)
    }
    // Only as a whole: what is read once more after an error is told once more.
    this.#stamps = stamps
    return events
  }

  /** How a group is of which a message was heard first. */
  of(chat: RemoteChatId): RemoteEvent[] {
    const { names, state } = this.#now(chat)
    return [...names, ...(state?.events ?? [])]
  }

  #now(chat: RemoteChatId): { names: RemoteEvent[]; state?: GroupState | undefined } {
    const { view, host } = this.#deps
    const group = isGroup(chat) ? this.#connection.groups.metadata(chat) : undefined
    if (group === undefined || group.isCommunity === true) return { names: [] }
    this.#shown.add(chat)
    const at = host.clock.now()
    const names = this.#unnamed.delete(chat) ? groupNames(view, chat, at) : []
    return { names, state: groupState(view, chat, group, at) }
  }

  /** What `all` gave is in the ledger. @throws when it is not kept */
  async accepted(): Promise<void> {
    const { vault } = this.#connection
    const news = [...this.#stamps].filter(([chat, stamp]) => vault.get(TOLD + chat) !== stamp)
    await vault.set(Object.fromEntries(news.map(([chat, stamp]) => [TOLD + chat, stamp])))
  }

  /** Something of a group changes and is told by a message: what was told before is not how it is any more. */
  changed(group: Partial<GroupMetadata>): void {
    const chat = toChatId(group.id)
    // The list of all groups comes as changes too, whole.
    if (chat === undefined || group.participants !== undefined) return
    this.#stamps.delete(chat)
    const { vault } = this.#connection
    // A vault that can't keep it ends the connection.
    if (vault.get(TOLD + chat) !== undefined) vault.set({ [TOLD + chat]: undefined }).catch(() => {})
  }

  /** Whether a group has no name yet, or has another now, of which nothing came. */
  #isMisnamed({ id, name }: RemoteChat): boolean {
    if (name === undefined) return true
    const known = isGroup(id) ? this.#deps.view.group(id)?.name : undefined
    return known !== undefined && known !== name
  }
}
