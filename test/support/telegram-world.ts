import { expect } from 'vitest'
import { TelegramConnector } from '../../src/networks/telegram/connector.ts'
import type { TelegramConfig } from '../../src/networks/telegram/config.ts'
import { Phone } from '../sim/telegram/clients/phone.ts'
import type { TelegramWire, WireOptions } from '../sim/telegram/wire/wire.ts'
import { postIn } from '../sim/telegram/world/room.ts'
import type {
  Account,
  Chat,
  PersonOptions,
  Post,
  Seen,
  SimWorld,
  Switches,
} from '../sim/telegram/world/index.ts'
import { ChatWorld, PATIENCE_MS } from './chat-world.ts'
import { JumpClock } from './jump-clock.ts'
import { SERVER } from './settings.ts'
import { Stack } from './stack.ts'
import type { Person } from './stack.ts'
import { startTelegram } from './telegram.ts'
import { PUPPET_REGISTRATION, partsOf } from './worlds.ts'
import type { WorldOptions } from './worlds.ts'

export type TelegramWorldOptions = WorldOptions & {
  switches?: Partial<Switches>
  wire?: WireOptions
  config?: Partial<TelegramConfig>
  /** What alice's account has beside its usual name and number. */
  her?: Partial<PersonOptions>
}

const HER_PHONE = '4915112345678'

/** Alice by the bridge, and bob by himself, on a loopback Telegram. */
export class TelegramWorld extends ChatWorld {
  readonly tg: SimWorld
  readonly wire: TelegramWire
  readonly her: Account
  readonly bob: Account

  private constructor(
    stack: Stack,
    alice: Person,
    clock: JumpClock,
    sides: { tg: SimWorld; wire: TelegramWire; her: Account; bob: Account },
  ) {
    super(stack, alice, clock)
    this.tg = sides.tg
    this.wire = sides.wire
    this.her = sides.her
    this.bob = sides.bob
  }

  static async start(o: TelegramWorldOptions = {}): Promise<TelegramWorld> {
    const { wire, tg, config } = await startTelegram(o.switches, o.wire)
    const her = tg.user({ firstName: 'Alice', phone: HER_PHONE, username: 'alice', ...o.her })
    const bob = tg.user({ firstName: 'Bob', lastName: 'Builder', phone: '4915212345678', username: 'bobby' })
    const clock = new JumpClock()
    const connectors = () => [new TelegramConnector({ ...config, ...o.config }, { backoffMs: 10 })]
    const stack = await Stack.start(connectors, partsOf(clock, o), o.database)
    if (o.settings?.doublePuppet === true) stack.homeserver.addAppservice(PUPPET_REGISTRATION)
    const world = new TelegramWorld(stack, await stack.person('alice'), clock, { tg, wire, her, bob })
    await world.logIn(world.alice, her)
    return world
  }

  /** By a code, in the room with the bot. */
  async logIn(person: Person, account: Account): Promise<void> {
    await person.ask('login telegram phone', 'phone number')
    await person.ask(`+${account.phone ?? ''}`, 'sent you a code')
    await person.ask(this.tg.codes.get(account.id) ?? '', 'logged in to Telegram as')
  }

  /** The independent client of a contact. Whoever opens it closes it. */
  phone(account: Account): Promise<Phone> {
    const { host, port, serverKey } = this.wire
    return Phone.connect({ host, port, serverKey, preauth: ({ id }) => this.wire.preauth(id) }, account)
  }

  /** Resolves when an account has a number of its own for a message, as in a basic group a moment after it has come. */
  async numbered(room: string, body: string, { id }: Account): Promise<void> {
    const { event_id: event } = await this.message(room, body)
    const until = Date.now() + PATIENCE_MS
    for (;;) {
      const rows = await this.stack.database.db.query<{ id: string }>(
        'select remote_id as id from message where event_id = $1',
        [event],
      )
      if (rows.some((row) => row.id.startsWith(`${id}.`))) return
      if (Date.now() > until) throw new Error(`no number of ${id} for "${body}"`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** The Matrix user who stands for an account. */
  ghost({ id }: { id: bigint }): string {
    return `@_telegram_${id}:${SERVER}`
  }

  /** A chat as the phone names it: a marked id, as the Bot API has it. */
  peer(chat: Chat): bigint {
    if (chat.kind === 'channel') return -1_000_000_000_000n - chat.id
    if (chat.kind === 'group') return -chat.id
    if (chat.kind === 'user') return chat.id
    throw new Error('name the account of a private chat')
  }

  /** Somebody writes into a chat. @returns the room of it, which alice has entered */
  async enter(by: Account, chat: Chat, body = `hello ${this.#hellos++}`): Promise<string> {
    this.tg.say(by, chat, body)
    return this.roomWith(body)
  }

  #hellos = 0

  /** What somebody sees of a chat on Telegram, once it is so; bob unless another is named. */
  async sees(chat: Chat, wanted: (seen: Seen) => boolean, what: string, by = this.bob): Promise<Seen> {
    const find = () => this.tg.view(by, chat).findLast(wanted)
    await this.homeserver
      .waitFor(() => find() !== undefined, `${what} on Telegram`, PATIENCE_MS)
      .catch((error: unknown) => {
        const last = this.tg
          .view(by, chat)
          .slice(-4)
          .map(({ text, entities, reactions, media, action }) => ({
            text,
            entities,
            reactions,
            media,
            action,
          }))
        const shown = JSON.stringify(last, (_, each: unknown) =>
          typeof each === 'bigint'
            ? String(each)
            : each instanceof Uint8Array
              ? `${each.length} bytes`
              : each,
        )
        throw new Error(`${what} is not on Telegram: ${shown.slice(0, 3_000)}`, { cause: error })
      })
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  /** The message with this text, as bob sees it. */
  text(chat: Chat, text: string, by = this.bob): Promise<Seen> {
    return this.sees(chat, (seen) => seen.text === text, `"${text}"`, by)
  }

  /** The message itself that somebody sees, to act on it. */
  post(chat: Chat, { id }: Seen, by = this.bob): Post {
    const post = postIn(this.tg.room(by, chat), by, id)
    if (post === undefined) throw new Error(`no message ${id}`)
    return post
  }

  /** Everything has come to an end, nothing of it badly, and the server has nothing to complain of. */
  override async proveDelivered(except: readonly string[] = []): Promise<void> {
    await this.proveEnded(except)
    expect(this.wire.journal.problems).toEqual([])
  }

  override async close(): Promise<void> {
    await this.stack.close()
    await this.wire.stop()
  }
}
