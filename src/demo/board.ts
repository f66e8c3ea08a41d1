import type { Portal } from '../store/portal.ts'
import { AliceSync } from './alice-sync.ts'
import { CHANNEL, NETWORKS } from './config.ts'
import type { NetworkId } from './config.ts'
import { DeliveryIndex, readRows, readStatus } from './deliveries.ts'
import type { Chip, Conversation } from './item.ts'
import { MOST_ITEMS } from './item.ts'
import type { IrcItem } from './irc-view.ts'
import { matrixItems } from './matrix-view.ts'
import { Outages } from './outages.ts'
import type { People } from './people.ts'
import { statusOf } from './status.ts'
import type { Status } from './status.ts'
import { joinedRooms } from './world.ts'
import type { World } from './world.ts'

/** All that the page shows, as values. */
export type Snapshot = { status: Status; matrix: Conversation[]; irc: Conversation[] }

/** A conversation as IRC clients have it: on which network, with which channel or nick. */
export type IrcPlace = { id: string; network: NetworkId; target: string; kind: 'channel' | 'dm' }

export const IRC_PLACES: readonly IrcPlace[] = [
  { id: `demo/${CHANNEL}`, network: 'demo', target: CHANNEL, kind: 'channel' },
  { id: `plain/${CHANNEL}`, network: 'plain', target: CHANNEL, kind: 'channel' },
  { id: 'demo/bob', network: 'demo', target: 'alice', kind: 'dm' },
]

/** After this a line that the bridge does not know of was said while it was away. */
const HEARD_AFTER_MS = 1_500

/** Nicks of the bridge's own connections: what they say came from Matrix. */
const OURS = new Set(['alice', 'viaduct'])

/** Reads both worlds and the ledger. */
export class Board {
  readonly world: World
  readonly outages: Outages
  readonly #sync: AliceSync

  constructor(world: World, changed: () => void) {
    this.world = world
    this.outages = new Outages(world, changed)
    this.#sync = new AliceSync(world.homeserver.url, world.alice, changed)
    this.#sync.start()
  }

  async stop(): Promise<void> {
    this.outages.stop()
    await this.#sync.stop()
  }

  people(network: NetworkId): People {
    const people = this.world.networks.get(network)
    if (people === undefined) throw new Error('no such IRC network in the demo')
    return people
  }

  async read(): Promise<Snapshot> {
    const { db } = this.world
    const [rows, ledger, portals] = await Promise.all([
      readRows(db),
      readStatus(db),
      db.query<Pick<Portal, 'type' | 'network' | 'chatId' | 'roomId'>>(
        `select type, network, chat_id as "chatId", room_id as "roomId" from portal where room_id is not null`,
      ),
    ])
    const index = new DeliveryIndex(rows)
    const byRoom = new Map(portals.map((portal) => [String(portal.roomId), portal]))
    return {
      status: statusOf(this.world, this.outages, ledger),
      matrix: joinedRooms(this.world.homeserver, this.world.alice)
        .flatMap((room) => {
          const portal = byRoom.get(room)
          return portal === undefined ? [] : [this.#matrix(room, portal, index)]
        })
        .toSorted((a, b) => rank(a) - rank(b)),
      irc: IRC_PLACES.map((place) => this.#irc(place, index)),
    }
  }

  /** What people are called in Alice's client. */
  nameOf = (user: string): string => {
    const { displayname } = this.world.homeserver.profile(user)
    return displayname ?? user.slice(1).split(':')[0] ?? user
  }

  #matrix(
    room: string,
    portal: Pick<Portal, 'type' | 'network' | 'chatId'>,
    index: DeliveryIndex,
  ): Conversation {
    const { homeserver, alice } = this.world
    const isBot = portal.network === 'viaduct'
    const network = isBot ? undefined : portal.chatId.split('/')[0]
    const viewer = { user: alice.userId, nameOf: this.nameOf }
    const all = matrixItems(homeserver.timeline(room), viewer).slice(-MOST_ITEMS)
    const items = all.map(({ changes, ...item }) => {
      const own = item.mine ? index.ofEvent(item.id, isBot ? 'command' : 'message') : []
      const later = changes.flatMap(({ event, what }) => index.ofEvent(event, what))
      return { ...item, chips: [...own, ...later] }
    })
    const name = homeserver.state(room, 'm.room.name')?.['name']
    return {
      id: room,
      name: isBot ? 'Viaduct bot' : typeof name === 'string' ? name : this.#others(room),
      kind: isBot ? 'bot' : portal.type === 'dm' ? 'dm' : 'channel',
      about: isBot ? 'commands, logins and news of the bridge' : (ABOUT.get(network ?? '') ?? ''),
      ...(network !== undefined && { network }),
      members: homeserver.members(room).map(this.nameOf),
      typing: this.#sync.typing(room).map(this.nameOf),
      items,
      can: { react: true, reply: true, redact: true },
    }
  }

  #others(room: string): string {
    const { homeserver, alice } = this.world
    const others = homeserver.members(room).filter((user) => user !== alice.userId)
    return others.map(this.nameOf).join(', ')
  }

  #irc({ id, network, target, kind }: IrcPlace, index: DeliveryIndex): Conversation {
    const people = this.people(network)
    people.update()
    const items = people.view.items(target).map((item) => {
      const { msgid: _, target: __, ...shown } = item
      return { ...shown, chips: this.#heard(id, item, people, index) }
    })
    const can = { react: people.hasCaps, reply: true, redact: people.hasCaps }
    return {
      id,
      name: kind === 'dm' ? 'alice' : target,
      kind,
      about: ABOUT.get(network) ?? '',
      network,
      members: (people.server.channel(target)?.members ?? []).map(({ nick, prefix }) => prefix + nick),
      typing: people.view.typing(target, Date.now()),
      items: items.slice(-MOST_ITEMS),
      can,
    }
  }

  /** What became of a line that somebody on IRC wrote. */
  #heard(chat: string, item: IrcItem, people: People, index: DeliveryIndex): Chip[] {
    if (item.kind === 'event' || OURS.has(item.from)) return []
    const chips =
      item.msgid === undefined
        ? index.takeUnnamed(chat, `${people.network}/${item.from.toLowerCase()}`, item.text)
        : index.ofRemote(item.msgid, 'message')
    if (chips.length > 0 || Date.now() - item.at < HEARD_AFTER_MS) return chips
    if (people.hasCaps) {
      return [{ what: 'message', state: 'queued', why: 'the bridge is away and will read the history' }]
    }
    const why = 'the bridge was away, and this server keeps no history'
    return [{ what: 'message', state: 'missed', why }]
  }
}

const ABOUT: ReadonlyMap<string, string> = new Map(
  NETWORKS.map(({ id, name, about }) => [id, `${name}: ${about}`]),
)

const rank = ({ kind, network }: Conversation): number =>
  (kind === 'bot' ? 0 : 10) + (kind === 'dm' ? 5 : 0) + (network === 'plain' ? 1 : 0)
