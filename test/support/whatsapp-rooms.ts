import type { AnyMessageContent, proto } from '@whiskeysockets/baileys'
import type { SimEvent } from '../sim/homeserver/index.ts'
import type { Person } from './whatsapp.ts'
import type { WhatsAppWorld } from './whatsapp-world.ts'

type RoomsOptions = {
  /** Who is in the group beside alice and bob. */
  others?: Person[]
  /** By which of alice's addresses bob writes to her. */
  by?: 'lid' | 'pn'
}

/** Bob's chat with alice and a group of them, whose rooms alice has entered. */
export class WhatsAppRooms {
  readonly #world: WhatsAppWorld
  /** The room of bob's chat with her. */
  readonly direct: string
  /** The room of the group. */
  readonly group: string
  /** What bob's app calls his chat with her. */
  readonly directJid: string
  readonly groupJid: string

  private constructor(
    world: WhatsAppWorld,
    rooms: { direct: string; group: string; directJid: string; groupJid: string },
  ) {
    this.#world = world
    this.direct = rooms.direct
    this.group = rooms.group
    this.directJid = rooms.directJid
    this.groupJid = rooms.groupJid
  }

  static async enter(world: WhatsAppWorld, { others = [], by = 'lid' }: RoomsOptions = {}) {
    const { bob, her } = world
    const directJid = her[by]
    const direct = await world.enter(bob, directJid)
    const { group, room } = await world.enterGroup('Tea room', her, ...others)
    return new WhatsAppRooms(world, { direct, group: room, directJid, groupJid: group.jid })
  }

  /** Where the same is done: each room, and what bob's app calls the chat. */
  get places(): [room: string, chat: string][] {
    return [
      [this.direct, this.directJid],
      [this.group, this.groupJid],
    ]
  }

  /** What comes next of bob in a room. */
  next(room: string, act: () => Promise<unknown>): Promise<SimEvent> {
    return this.#world.next(room, this.#world.ghost(this.#world.bob), act)
  }

  /** Bob says something to alice. @returns how it is shown to her */
  shown(content: AnyMessageContent): Promise<SimEvent> {
    return this.next(this.direct, () => this.#world.bobSays(this.directJid, content))
  }

  /** The same of what only apps send. */
  raw(message: proto.IMessage): Promise<SimEvent> {
    return this.next(this.direct, () => this.relay(message))
  }

  /** Bob's app sends alice a message as it is. @returns its id */
  relay(message: proto.IMessage): Promise<string> {
    return this.#world.bob.socket.relayMessage(this.directJid, message, {})
  }
}
