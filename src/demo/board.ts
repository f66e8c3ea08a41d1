import type { Portal } from '../store/portal.ts'
import { Unable } from './action.ts'
import { AliceSync } from './alice-sync.ts'
import { BOT } from './config.ts'
import { DeliveryIndex, readRows, readStatus } from './deliveries.ts'
import type { Attachment, Conversation, Item } from './item.ts'
import { MOST_ITEMS } from './item.ts'
import { attach } from './matrix-actions.ts'
import { matrixItems } from './matrix-view.ts'
import type { MatrixItem } from './matrix-view.ts'
import { Outages } from './outages.ts'
import type { Side, SideId } from './side.ts'
import { statusOf } from './status.ts'
import type { Status } from './status.ts'
import { joinedRooms } from './world.ts'
import type { World } from './world.ts'

/** All that the page shows, as values. */
export type Snapshot = { status: Status; matrix: Conversation[] } & Record<SideId, Conversation[]>

type PortalRow = Pick<Portal, 'network' | 'chatId' | 'roomId'>

/** Reads Matrix, its sides and the ledger. */
export class Board {
  readonly world: World
  readonly outages: Outages
  readonly #sync: AliceSync

  constructor(world: World, changed: () => void) {
    const { homeserver } = world
    this.world = world
    this.outages = new Outages(
      {
        homeserver: { cut: () => homeserver.kill(), mend: () => homeserver.restart() },
        irc: this.side('irc'),
        telegram: this.side('telegram'),
        whatsapp: this.side('whatsapp'),
      },
      changed,
    )
    this.#sync = new AliceSync(homeserver.url, world.alice, changed)
    this.#sync.start()
  }

  async stop(): Promise<void> {
    this.outages.stop()
    await this.#sync.stop()
  }

  side(id: SideId): Side {
    const side = this.world.sides.find((each) => each.id === id)
    if (side === undefined) throw new Error('no such side in the demo')
    return side
  }

  async read(): Promise<Snapshot> {
    const { db } = this.world
    const [rows, ledger, portals] = await Promise.all([
      readRows(db),
      readStatus(db),
      db.query<PortalRow>(
        `select network, chat_id as "chatId", room_id as "roomId" from portal where room_id is not null`,
      ),
    ])
    const index = new DeliveryIndex(rows)
    return {
      status: statusOf(this.world, this.outages, ledger),
      matrix: this.#rooms(portals, index),
      irc: this.side('irc').conversations(index),
      telegram: this.side('telegram').conversations(index),
      whatsapp: this.side('whatsapp').conversations(index),
    }
  }

  /** Somebody on `side` sends a file: Alice on `matrix`. @throws Unable where files cannot be sent */
  async attach(side: string, file: Attachment): Promise<unknown> {
    if (side === 'matrix') return attach(this, file)
    const found = this.world.sides.find(({ id }) => id === side)
    if (found?.attach === undefined) throw new Unable('Files cannot be sent from there.')
    return found.attach(file)
  }

  /** Alice's rooms in the order of the page: the bot, then side by side. Spaces have nothing to show. */
  #rooms(portals: readonly PortalRow[], index: DeliveryIndex): Conversation[] {
    const { homeserver, alice, sides } = this.world
    const joined = new Set(joinedRooms(homeserver, alice))
    const order = ['viaduct', ...sides.flatMap(({ places }) => places.map(({ id }) => id))]
    const place = ({ network, chatId }: PortalRow) => order.indexOf(network === 'viaduct' ? network : chatId)
    return portals
      .filter((portal) => portal.roomId !== null && joined.has(portal.roomId) && place(portal) >= 0)
      .toSorted((a, b) => place(a) - place(b))
      .map((portal) => this.#room(String(portal.roomId), portal, index))
  }

  #room(room: string, portal: PortalRow, index: DeliveryIndex): Conversation {
    const { homeserver, sides } = this.world
    const place = sides.flatMap(({ places }) => places).find(({ id }) => id === portal.chatId)
    const name = homeserver.state(room, 'm.room.name')?.['name']
    const { network, kind, under, about } = place ?? THE_BOT
    return {
      id: room,
      ...(place && { twin: place.id }),
      name: place === undefined ? 'Viaduct bot' : typeof name === 'string' ? name : this.#others(room),
      kind,
      under,
      about,
      ...(network !== undefined && { network }),
      people: ['Alice'],
      members: homeserver.members(room).map((user) => this.#nameIn(room, user)),
      typing: this.#sync.typing(room).map((user) => this.#nameIn(room, user)),
      items: this.#items(room, place === undefined ? 'command' : 'message', index),
      can: { react: true, reply: true, redact: true, edit: true, read: true },
    }
  }

  #items(room: string, what: string, index: DeliveryIndex): Item[] {
    const { homeserver, alice } = this.world
    const timeline = homeserver.timeline(room)
    const nameOf = (user: string) => this.#nameIn(room, user)
    const items = matrixItems(timeline, { user: alice.userId, nameOf }).slice(-MOST_ITEMS)
    const readBy = this.#readers(room, items, new Map(timeline.map(({ event_id: id }, i) => [id, i])))
    return items.map(({ changes, ...item }) => {
      const own = item.mine ? index.ofEvent(item.id, what) : []
      const later = changes.flatMap(({ event, what: change }) => index.ofEvent(event, change))
      return { ...item, ...readBy(item), chips: [...own, ...later] }
    })
  }

  /** Who has read Alice's messages. The bot's mark says that a message was delivered, which its chip says already. */
  #readers(room: string, items: readonly MatrixItem[], positions: ReadonlyMap<string, number>) {
    const marks = [...this.#sync.read(room)]
      .filter(([user]) => user !== BOT)
      .map(([user, event]) => ({ name: this.#nameIn(room, user), at: positions.get(event) ?? -1 }))
    const mine = new Set(items.filter((item) => item.mine).map(({ id }) => id))
    return ({ id }: { id: string }): Pick<Item, 'readBy'> => {
      if (!mine.has(id)) return {}
      return {
        readBy: marks.filter(({ at }) => at >= (positions.get(id) ?? Infinity)).map(({ name }) => name),
      }
    }
  }

  /** What somebody is called in a room; a private chat has its own names. */
  #nameIn(room: string, user: string): string {
    const { homeserver } = this.world
    const name = homeserver.state(room, 'm.room.member', user)?.['displayname']
    return typeof name === 'string' ? name : (user.slice(1).split(':')[0] ?? user)
  }

  #others(room: string): string {
    const { homeserver, alice } = this.world
    const others = homeserver.members(room).filter((user) => user !== alice.userId && user !== BOT)
    return others.map((user) => this.#nameIn(room, user)).join(', ')
  }
}

const THE_BOT = {
  network: undefined,
  kind: 'bot',
  under: 'log in, join, ask',
  about: 'commands, logins and news of the bridge',
} as const
