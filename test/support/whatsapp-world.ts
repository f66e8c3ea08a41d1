import type {
  AnyMessageContent,
  MiscMessageGenerationOptions,
  WAMessage,
  WAMessageKey,
  proto,
} from '@whiskeysockets/baileys'
import { expect } from 'vitest'
import type { WhatsAppConfig } from '../../src/networks/whatsapp/config.ts'
import { WhatsAppConnector } from '../../src/networks/whatsapp/connector.ts'
import { unwrap } from '../../src/networks/whatsapp/unwrap.ts'
import type { Group } from '../sim/whatsapp/world/group.ts'
import type { SimWhatsApp, SimWhatsAppOptions } from '../sim/whatsapp/index.ts'
import { ChatWorld, PATIENCE_MS } from './chat-world.ts'
import { JumpClock } from './jump-clock.ts'
import { scannedBy } from './qr-text.ts'
import { SERVER } from './settings.ts'
import { Stack } from './stack.ts'
import type { Person as MatrixPerson } from './stack.ts'
import { startWhatsApp } from './whatsapp.ts'
import type { Person, TestWhatsApp } from './whatsapp.ts'
import { PUPPET_REGISTRATION, partsOf } from './worlds.ts'
import type { WorldOptions } from './worlds.ts'

export type WhatsAppWorldOptions = WorldOptions & {
  sim?: SimWhatsAppOptions
  config?: Partial<WhatsAppConfig>
  /** How often the bridge asks whether the server is there. */
  keepAliveMs?: number
}

/** Alice by the bridge and her phone, and bob by himself, on a loopback WhatsApp. */
export class WhatsAppWorld extends ChatWorld {
  readonly whatsapp: TestWhatsApp
  readonly her: Person
  readonly bob: Person
  readonly #connector: () => WhatsAppConnector | undefined

  private constructor(
    stack: Stack,
    alice: MatrixPerson,
    clock: JumpClock,
    sides: {
      whatsapp: TestWhatsApp
      her: Person
      bob: Person
      connector: () => WhatsAppConnector | undefined
    },
  ) {
    super(stack, alice, clock)
    this.whatsapp = sides.whatsapp
    this.her = sides.her
    this.bob = sides.bob
    this.#connector = sides.connector
  }

  static async start(o: WhatsAppWorldOptions = {}): Promise<WhatsAppWorld> {
    const whatsapp = await startWhatsApp(o.sim)
    const her = await whatsapp.person('4915112345678', 'Alice')
    const bob = await whatsapp.person('4915212345678', 'Bob')
    const clock = new JumpClock()
    let newest: WhatsAppConnector | undefined
    const testServer = {
      url: whatsapp.wa.url,
      ...(o.keepAliveMs !== undefined && { keepAliveMs: o.keepAliveMs }),
    }
    const connectors = () => {
      newest = new WhatsAppConnector({ ...whatsapp.config, testServer, ...o.config }, { backoffMs: 10 })
      return [newest]
    }
    const stack = await Stack.start(connectors, partsOf(clock, o), o.database)
    if (o.settings?.doublePuppet === true) stack.homeserver.addAppservice(PUPPET_REGISTRATION)
    const sides = { whatsapp, her, bob, connector: () => newest }
    const world = new WhatsAppWorld(stack, await stack.person('alice'), clock, sides)
    await world.logIn(world.alice, her)
    return world
  }

  get wa(): SimWhatsApp {
    return this.whatsapp.wa
  }

  get connector(): WhatsAppConnector {
    const connector = this.#connector()
    if (connector === undefined) throw new Error('no connector')
    return connector
  }

  /** By a code in the room with the bot, which the phone scans. */
  async logIn(person: MatrixPerson, { account: { phone } }: Person): Promise<void> {
    await person.ask('login whatsapp qr', 'asking WhatsApp for a code')
    await this.wa.linking.scan(await scannedBy(person, this.homeserver), phone)
    await person.heard(`logged in to WhatsApp as +${phone}`)
    const isConnected = () =>
      this.connector.status().some(({ label, state }) => label.includes(phone) && state === 'connected')
    await this.until(isConnected, 'the bridge to be connected')
  }

  /** A contact beside bob. */
  carol(): Promise<Person> {
    return this.whatsapp.person('4915312345678', 'Carol')
  }

  /** A group that bob makes, with himself in it. */
  async group(subject: string, ...people: Person[]): Promise<Group> {
    const { id } = await this.bob.socket.groupCreate(
      subject,
      people.map(({ pn }) => pn),
    )
    const group = this.wa.world.groups.find(id)
    if (group === undefined) throw new Error('no such group')
    return group
  }

  /** The same, with its room, which alice has entered. */
  async enterGroup(subject: string, ...people: Person[]): Promise<{ group: Group; room: string }> {
    const group = await this.group(subject, ...people)
    return { group, room: await this.enter(this.bob, group.jid) }
  }

  /** The Matrix user who stands for a contact. */
  ghost({ lid }: Person): string {
    return `@_whatsapp_lid-${digits(lid)}:${SERVER}`
  }

  #hellos = 0

  /** Somebody writes into a chat. @returns the room of it, which alice has entered */
  async enter(by: Person, chat: string, text = `hello ${this.#hellos++}`): Promise<string> {
    await by.socket.sendMessage(chat, { text })
    return this.roomWith(text)
  }

  /** A contact's app says something. @returns what it has sent */
  async says(
    by: Person,
    chat: string,
    content: AnyMessageContent,
    options: MiscMessageGenerationOptions = {},
  ): Promise<WAMessage> {
    const sent = await by.socket.sendMessage(chat, content, options)
    if (sent === undefined) throw new Error('nothing was sent')
    return sent
  }

  bobSays(
    chat: string,
    content: AnyMessageContent,
    options?: MiscMessageGenerationOptions,
  ): Promise<WAMessage> {
    return this.says(this.bob, chat, content, options)
  }

  /** What bob's app got, without its wrappers, once it has it. */
  async sees(
    wanted: (content: proto.IMessage, message: WAMessage) => unknown,
    what: string,
    by = this.bob,
  ): Promise<{ content: proto.IMessage; message: WAMessage }> {
    const find = () =>
      by.client.messages
        .map((message) => ({ content: unwrap(message.message ?? {}).content, message }))
        .findLast(({ content, message }) => wanted(content, message))
    await this.homeserver
      .waitFor(() => find() !== undefined, `${what} on WhatsApp`, PATIENCE_MS)
      .catch((error: unknown) => {
        const last = by.client.messages.slice(-4).map(({ message }) => JSON.stringify(message).slice(0, 800))
        throw new Error(`${what} is not on WhatsApp: ${last.join('\n')}`, { cause: error })
      })
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  /** The message with this text. */
  text(text: string, by = this.bob): Promise<{ content: proto.IMessage; message: WAMessage }> {
    return this.sees((content) => textOf(content) === text, `"${text}"`, by)
  }

  /** Resolves when an app has a message with these words in place of others. */
  async edited({ id }: WAMessageKey, words: string, by = this.bob): Promise<void> {
    await by.saw('messages.update', (all) =>
      all.some(({ key, update }) => key.id === id && JSON.stringify(update).includes(words)),
    )
  }

  /** Resolves when a message is taken back for an app. */
  async revoked({ id }: WAMessageKey, by = this.bob): Promise<void> {
    await by.saw('messages.update', (all) =>
      all.some(({ key, update }) => key.id === id && update.message === null),
    )
  }

  /** Everything has come to an end, nothing of it badly, and the server has understood all that it was told. */
  override async proveDelivered(except: readonly string[] = []): Promise<void> {
    await this.proveEnded(except)
    expect(this.wa.journal.unknown).toEqual([])
  }

  override async close(): Promise<void> {
    await this.stack.close()
    await this.wa.stop()
  }
}

/** What stands for somebody in a text that names them. */
export const digits = (jid: string): string => jid.slice(0, jid.indexOf('@'))

/** The words of a message, also those under an attachment. */
export const textOf = (content: proto.IMessage): string | undefined =>
  content.extendedTextMessage?.text ??
  content.conversation ??
  content.imageMessage?.caption ??
  content.videoMessage?.caption ??
  content.documentMessage?.caption ??
  undefined
