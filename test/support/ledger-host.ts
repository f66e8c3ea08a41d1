import { portalId } from '../../src/model/ids.ts'
import type { RemoteMessageId } from '../../src/model/ids.ts'
import type { ChatRef } from '../../src/model/network.ts'
import type { RemoteChat, RemoteEvent } from '../../src/model/remote-event.ts'
import { FakeHost } from '../unit/networks/irc/fake-host.ts'

/** A core in memory that remembers what it took as the ledger does: which conversations there are, and what is newest. */
export class LedgerHost extends FakeHost {
  override chats = async (): Promise<ChatRef[]> => {
    const chats = new Map<string, ChatRef>()
    for (const { chat } of this.events) {
      const key = `${chat.id} ${chat.receiver ?? ''}`
      if (!chats.has(key)) chats.set(key, { portal: portalId(chats.size + 1), chat })
    }
    return [...chats.values()]
  }

  override newest = async (chat?: RemoteChat) => {
    const messages = this.events.filter((event) => event.kind === 'message' && event.chat.id === chat?.id)
    const last = messages.at(-1)
    const [number] = last?.kind === 'message' ? (last.alsoIds ?? []) : []
    return last && { id: number ?? last.id, at: last.at }
  }

  override known = async (chat: RemoteChat, ids: RemoteMessageId[]) =>
    new Set(
      ids.filter((id) => this.known_.has(id) || this.events.some((event) => isMessage(event, chat, id))),
    )
}

const isMessage = (event: RemoteEvent, chat: RemoteChat, id: RemoteMessageId) =>
  event.chat.id === chat.id &&
  ((event.kind === 'message' && (event.id === id || event.alsoIds?.includes(id) === true)) ||
    (event.kind === 'alias' && event.ids.includes(id)))
