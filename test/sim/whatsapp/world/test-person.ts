import type { BaileysEventMap, ChatUpdate, WAMessage } from '@whiskeysockets/baileys'
import type { SimClient } from '../index.ts'
import { until } from '../until.ts'
import type { SimAccount } from './account.ts'

/** A person's device, as a test sees it: through what its client decoded. */
export class Person {
  readonly account: SimAccount
  readonly client: SimClient

  constructor(account: SimAccount, client: SimClient) {
    this.account = account
    this.client = client
  }

  get pn(): string {
    return this.account.jid('pn')
  }

  get lid(): string {
    return this.account.jid('lid')
  }

  get socket(): SimClient['socket'] {
    return this.client.socket
  }

  /** Waits for a message of others, or of another device of the same person. */
  heard(fits: (message: WAMessage) => unknown, what: string): Promise<WAMessage> {
    return found(() => this.client.messages.find((message) => fits(message)), `a message: ${what}`)
  }

  heardText(text: string): Promise<WAMessage> {
    return this.heard(
      ({ message }) => (message?.conversation ?? message?.extendedTextMessage?.text) === text,
      text,
    )
  }

  /** Waits for one event of a name that fits. */
  saw<Name extends keyof BaileysEventMap>(
    name: Name,
    fits: (data: BaileysEventMap[Name]) => unknown,
  ): Promise<BaileysEventMap[Name]> {
    return found(() => this.client.all(name).find((data) => fits(data)), `the event ${name}`)
  }

  /** Waits until a sent message has at least this status: 2 server, 3 delivered, 4 read, 5 played. */
  async status(id: string | null | undefined, status: number): Promise<void> {
    await until(
      () => this.statuses(id).some((one) => one >= status),
      () => `status ${status} of ${id}; there were ${this.statuses(id).join()}`,
    )
  }

  /** The latest name of a contact; Baileys hides some of them in the history that it reports at the same time. */
  nameOf(jid: string): string | undefined {
    const contacts = this.client.seen.flatMap((one) => {
      if (one.name === 'contacts.upsert' || one.name === 'contacts.update') return one.data
      return one.name === 'messaging-history.set' ? one.data.contacts : []
    })
    return contacts.findLast(({ id, name }) => id === jid && typeof name === 'string')?.name
  }

  /** What is known of a chat, all reports laid over each other. */
  chat(jid: string): ChatUpdate {
    const chats = this.client.seen.flatMap((one): ChatUpdate[] => {
      if (one.name === 'chats.upsert' || one.name === 'chats.update') return one.data
      return one.name === 'messaging-history.set' ? one.data.chats : []
    })
    return Object.assign({}, ...chats.filter(({ id }) => id === jid))
  }

  /** Waits until a member of a group read a sent message; returns under which address. */
  async readBy(id: string | null | undefined): Promise<string> {
    const updates = () => this.client.all('message-receipt.update').flat()
    const seen = () => [
      ...updates().map(({ key, receipt }) => ({ key, receipts: [receipt] })),
      ...this.client.messages.map(({ key, userReceipt }) => ({ key, receipts: userReceipt ?? [] })),
    ]
    const reads = () =>
      seen()
        .filter(({ key }) => key.id === id)
        .flatMap(({ receipts }) => receipts)
        .find(({ readTimestamp }) => Number(readTimestamp ?? 0) > 0)
    return (await found(reads, `a reader of ${id}`)).userJid ?? ''
  }

  /** Those that a sent message was said to have, in order. */
  statuses(id: string | null | undefined): number[] {
    const updates = this.client.all('messages.update').flat()
    const upserts = this.client.messages.map(({ key, status }) => ({ key, update: { status } }))
    return [...updates, ...upserts].flatMap(({ key, update }) =>
      key.id === id && typeof update.status === 'number' ? [update.status] : [],
    )
  }
}

async function found<T>(find: () => T | undefined, what: string): Promise<T> {
  let value: T | undefined
  await until(() => (value = find()) !== undefined, what)
  if (value === undefined) throw new Error(`lost ${what}`)
  return value
}
