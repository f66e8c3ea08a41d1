import { WAMessageStubType, decodeMessageNode } from '@whiskeysockets/baileys'
import type { BinaryNode, WAMessage } from '@whiskeysockets/baileys'
import { partner } from './chats.ts'
import type { Connection, ConnectionDeps } from './connection.ts'
import { basisOf, undecryptedNotice } from './from-message.ts'
import { isDirect } from './ids.ts'

const PREFIX = 'undecrypted/'
/** The sender's phone has this long to send a message again that could not be opened. */
const AGAIN_MS = 60_000

export const isUndecrypted = ({ messageStubType }: WAMessage): boolean =>
  messageStubType === WAMessageStubType.CIPHERTEXT

/**
 * Messages that could not be opened. Their senders are asked for them again; where they do not come, the room shows that
 * there was something. What is waited for is kept before the server hears that it arrived, and a restart goes on waiting.
 */
export class Undecrypted {
  readonly #deps: ConnectionDeps
  readonly #connection: Connection
  readonly #waits = new Map<string, () => void>()
  /** Those whose senders were asked by this connection. */
  readonly #asked = new Set<string>()

  constructor(deps: ConnectionDeps, connection: Connection) {
    this.#deps = deps
    this.#connection = connection
  }

  /** What an earlier connection waited for. */
  start(): void {
    for (const key of this.#connection.vault.keys(PREFIX)) this.#wait(key)
  }

  stop(): void {
    for (const cancel of this.#waits.values()) cancel()
    this.#waits.clear()
  }

  /** Waits for a stanza to come again, from before anybody is told that it came. @throws when that is not kept */
  async keep(stanza: BinaryNode): Promise<void> {
    const message = this.#messageOf(stanza)
    const [key] = message === undefined ? [] : this.#keysOf(message)
    if (key === undefined) return
    await this.#connection.vault.set({ [key]: JSON.stringify(message) })
    this.#wait(key)
  }

  /** It was nothing to wait for. @throws when that is not kept */
  async drop(stanza: BinaryNode): Promise<void> {
    const message = this.#messageOf(stanza)
    if (message !== undefined) await this.came(message)
  }

  /** Goes on waiting for a message. @throws when that is not kept */
  async wait(message: WAMessage): Promise<void> {
    const { vault } = this.#connection
    const keys = this.#keysOf(message)
    const kept = keys.find((key) => vault.get(key) !== undefined) ?? keys[0]
    if (kept === undefined) return
    if (!this.#asked.has(kept)) this.#deps.observer.undecrypted('asked')
    this.#asked.add(kept)
    if (vault.get(kept) === undefined) await vault.set({ [kept]: JSON.stringify(essenceOf(message)) })
    this.#wait(kept)
  }

  /** It was opened. @throws when that is not kept */
  async came(message: WAMessage): Promise<void> {
    const { vault } = this.#connection
    const keys = this.#keysOf(message).filter((key) => vault.get(key) !== undefined)
    if (keys.length === 0) return
    if (keys.some((key) => this.#asked.has(key))) this.#deps.observer.undecrypted('opened')
    for (const key of keys) {
      this.#asked.delete(key)
      this.#waits.get(key)?.()
      this.#waits.delete(key)
    }
    await vault.set(Object.fromEntries(keys.map((key) => [key, undefined])))
  }

  #wait(key: string): void {
    if (this.#waits.has(key)) return
    this.#waits.set(
      key,
      this.#deps.host.clock.after(AGAIN_MS, () => this.#tell(key)),
    )
  }

  #tell(key: string): void {
    const { view, host, observer } = this.#deps
    const { acceptor, vault } = this.#connection
    this.#waits.delete(key)
    this.#asked.delete(key)
    acceptor.push({
      events() {
        const text = vault.get(key)
        if (text === undefined) return []
        const notice = undecryptedNotice(JSON.parse(text) as WAMessage, view, host.clock.now())
        return notice === undefined ? [] : [notice]
      },
      async accepted() {
        if (vault.get(key) === undefined) return
        await vault.set({ [key]: undefined })
        observer.undecrypted('given_up')
      },
    })
  }

  /** Under which it may be kept: a chat, and whoever wrote it, may be called by phone number or by LID. */
  #keysOf(message: WAMessage): string[] {
    const { view, host } = this.#deps
    const basis = message.category === 'peer' ? undefined : basisOf(message, view, host.clock.now())
    if (basis === undefined) return []
    const { chat, alsoIds, event } = basis
    const other = isDirect(chat) ? basis.view.aliasOf(partner(chat)) : undefined
    const chats = other === undefined ? [chat] : [chat, other]
    return chats.flatMap((each) => [event.id, ...alsoIds].map((id) => `${PREFIX}${each} ${id}`))
  }

  #messageOf(stanza: BinaryNode): WAMessage | undefined {
    const { self } = this.#deps.view
    try {
      const { fullMessage } = decodeMessageNode(stanza, self.phone, self.lid ?? '')
      const { category } = stanza.attrs
      return essenceOf({ ...fullMessage, ...(category !== undefined && { category }) })
    } catch {
      // Baileys can't make anything of it either.
      return undefined
    }
  }
}

/** Who, where and when. */
const essenceOf = ({ key, messageTimestamp, pushName, category }: WAMessage): WAMessage => ({
  key,
  messageTimestamp: Number(messageTimestamp ?? 0),
  ...(pushName && { pushName }),
  ...(category && { category }),
})
