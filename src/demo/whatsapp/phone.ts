import type { WASocket } from '@whiskeysockets/baileys'
import { systemClock } from '../../model/clock.ts'
import { MemorySession } from '../../networks/shared/memory-session.ts'
import { Journal } from '../../networks/whatsapp/journal.ts'
import { signalDoor } from '../../networks/whatsapp/signal-door.ts'
import { Vault } from '../../networks/whatsapp/vault.ts'
import { phoneOf } from '../../../test/sim/whatsapp/index.ts'
import type { SimClient, SimWhatsApp } from '../../../test/sim/whatsapp/index.ts'
import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'
import { Unable } from '../action.ts'
import { Memory } from './memory.ts'
import type { Said } from './memory.ts'
import type { People } from './people.ts'

const AGAIN_MS = 1_000

/** A person's phone: a real client, connected for as long as the demo runs, and what it shows. */
export class Phone {
  readonly account: SimAccount
  readonly memory: Memory
  readonly #client: SimClient
  readonly #changed: () => void
  readonly #marked = new Set<string>()
  #read = 0
  #again: NodeJS.Timeout | undefined
  #isOff = false

  constructor(server: SimWhatsApp, people: People, account: SimAccount, changed: () => void) {
    this.account = account
    this.memory = new Memory(people, account)
    this.#changed = changed
    this.#client = phoneOf(server.front, account, {
      // Baileys alone loses messages when many are written and read at the same time.
      makeSignalRepository: steady(),
      generateHighQualityLinkPreview: false,
      retryRequestDelayMs: 0,
      getMessage: async ({ id }) =>
        this.#client.messages.find(({ key }) => key.id === id)?.message ?? undefined,
    })
  }

  /** Resolves when it is connected. */
  async switchOn(): Promise<void> {
    this.#connect()
    await this.#client.untilOpen()
  }

  async switchOff(): Promise<void> {
    this.#isOff = true
    clearTimeout(this.#again)
    await this.#client.stop()
  }

  /** @throws Unable before it is connected */
  get socket(): WASocket {
    if (this.#client.connection !== 'open') throw new Unable('This phone is not connected to WhatsApp yet.')
    return this.#client.socket
  }

  /** Takes in what the client has told since the last time. */
  update(): Memory {
    const { seen } = this.#client
    const news = seen.slice(this.#read)
    this.#read = seen.length
    for (const event of news) this.memory.take(event)
    return this.memory
  }

  /** A vote of its owner's, which the client does not tell of. */
  voted(poll: Said, options: readonly string[]): void {
    this.memory.voted(poll, this.account, options)
    this.#changed()
  }

  /** Whether it was not read yet; takes it as read from now on. */
  hasToRead({ message, id }: Said): boolean {
    if (message.key.fromMe === true || !message.message || this.#marked.has(id)) return false
    this.#marked.add(id)
    return true
  }

  #connect(): void {
    if (this.#isOff) return
    this.#client.connect().socket.ev.process((events) => {
      this.#changed()
      if (events['connection.update']?.connection !== 'close' || this.#isOff) return
      this.#again = setTimeout(() => this.#connect(), AGAIN_MS)
    })
  }
}

function steady() {
  const vault = new Vault(new MemorySession(), new Map(), () => undefined)
  return signalDoor({ get: () => ({}), set: () => Promise.resolve() }, new Journal(vault, systemClock))
}
