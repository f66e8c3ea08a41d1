import type { RemoteChatId, RemoteMessageId } from '../../model/ids.ts'
import { Lru } from '../shared/lru.ts'

const MOST_CHATS = 500
const MOST_OF_CHAT = 500

/** Messages of others that the account has not read yet: WhatsApp wants each of them named, Matrix names the last one. */
export class Unread {
  readonly #chats = new Lru<RemoteChatId, RemoteMessageId[]>(MOST_CHATS)

  came(chat: RemoteChatId, id: RemoteMessageId): void {
    const ids = this.#chats.get(chat) ?? []
    if (ids.includes(id)) return
    ids.push(id)
    if (ids.length > MOST_OF_CHAT) ids.shift()
    this.#chats.set(chat, ids)
  }

  /** It is read up to a message, also on another device. @returns what is read by that, the message with it */
  read(chat: RemoteChatId, upTo: RemoteMessageId): RemoteMessageId[] {
    const ids = this.#chats.get(chat) ?? []
    const at = ids.indexOf(upTo)
    return at < 0 ? [upTo] : ids.splice(0, at + 1)
  }
}
