import { proto } from '@whiskeysockets/baileys'
import type { WAMessageKey } from '@whiskeysockets/baileys'
import type { ConnectorHost } from '../../model/network.ts'
import { toChatId } from './ids.ts'
import { canonicalChat, remoteChat } from './chats.ts'
import { readProgress } from './progress.ts'
import type { View } from './view.ts'

const MOST = 500

/** What was sent lately, for devices that could not open it and ask for it again; and which of it is known to have arrived. */
export class Sent {
  readonly #messages = new Map<string, proto.IMessage>()
  readonly #arrived = new Set<string>()

  remember(id: string, message: proto.IMessage): void {
    this.#messages.set(id, message)
    const [oldest] = this.#messages.keys()
    if (this.#messages.size > MOST && oldest !== undefined) this.#messages.delete(oldest)
  }

  /** Whether it was sent lately, or is just being sent. */
  has(id: string): boolean {
    return this.#messages.has(id)
  }

  /** Somebody has told that they have the message. */
  arrived(id: string): void {
    this.#arrived.add(id)
    const [oldest] = this.#arrived
    if (this.#arrived.size > MOST && oldest !== undefined) this.#arrived.delete(oldest)
  }

  hasArrived(id: string): boolean {
    return this.#arrived.has(id)
  }

  /** A message by its id: of memory, else of what the ledger keeps. Who asks may call the chat by its other address. */
  async find(
    host: ConnectorHost,
    view: View,
    { id, remoteJid }: WAMessageKey,
  ): Promise<proto.IMessage | undefined> {
    if (!id) return undefined
    const remembered = this.#messages.get(id)
    const chat = canonicalChat(view, remoteJid) ?? toChatId(remoteJid)
    if (remembered !== undefined || chat === undefined) return remembered
    for (const kept of await host.begun(remoteChat(view, chat))) {
      const part = readProgress(kept)?.parts.find((each) => each.id === id)
      if (part?.message !== undefined) return proto.Message.decode(Buffer.from(part.message, 'base64'))
    }
    return undefined
  }
}
