import type { SimEvent } from '../sim/homeserver/index.ts'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import type { Channel, Saying } from '../sim/telegram/world/index.ts'
import type { TelegramWorld } from './telegram-world.ts'

/** A group of alice and bob with its room, and the app by which bob is in it. */
export class TelegramGroup {
  readonly #world: TelegramWorld
  readonly chat: Channel
  readonly room: string
  readonly phone: Phone

  private constructor(world: TelegramWorld, chat: Channel, room: string, phone: Phone) {
    this.#world = world
    this.chat = chat
    this.room = room
    this.phone = phone
  }

  static async enter(world: TelegramWorld): Promise<TelegramGroup> {
    const { tg, bob, her } = world
    const chat = tg.supergroup({ title: 'Tea room', members: [bob, her] })
    const room = await world.enter(bob, chat)
    return new TelegramGroup(world, chat, room, await world.phone(bob))
  }

  /** What the app calls the group. */
  get peer(): bigint {
    return this.#world.peer(this.chat)
  }

  /** Bob says something. @returns how it is shown to alice */
  shown(what: Saying): Promise<SimEvent> {
    const world = this.#world
    return world.next(this.room, world.ghost(world.bob), async () => {
      world.tg.say(world.bob, this.chat, what)
    })
  }
}
