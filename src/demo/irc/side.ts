import { IrcConnector } from '../../networks/irc/connector.ts'
import { SimIrc } from '../../../test/sim/irc/index.ts'
import type { Actions } from '../action.ts'
import { Unable } from '../action.ts'
import { Cable } from '../cable.ts'
import type { DeliveryIndex } from '../deliveries.ts'
import { MOST_ITEMS } from '../item.ts'
import type { Chip, Conversation } from '../item.ts'
import type { Place, Side } from '../side.ts'
import type { Talk } from '../talk.ts'
import { ircActions, say } from './actions.ts'
import { JOINS, LOGINS, PASSWORD } from './login.ts'
import { CHANNEL, ircNetwork, NETWORKS } from './networks.ts'
import type { NetworkId } from './networks.ts'
import { NICKS, People } from './people.ts'
import type { IrcItem } from './view.ts'

type IrcPlace = Place & { network: NetworkId; target: string }

const PLACES: readonly IrcPlace[] = [
  placeOf('demo', { name: CHANNEL, target: CHANNEL, kind: 'channel' }),
  placeOf('plain', { name: CHANNEL, target: CHANNEL, kind: 'channel' }),
  { ...placeOf('demo', { name: 'alice', target: 'alice', kind: 'dm' }), id: 'demo/bob', under: 'private' },
]

function placeOf(network: NetworkId, of: Pick<IrcPlace, 'name' | 'target' | 'kind'>): IrcPlace {
  const { name = '', about = '' } = NETWORKS.find(({ id }) => id === network) ?? {}
  return { ...of, id: `${network}/${of.target}`, network, under: name, about: `${name}: ${about}` }
}

const BACKOFF_MS = 400

/** After this a line that the bridge does not know of was said while it was away. */
const HEARD_AFTER_MS = 1_500

/** Nicks of the bridge's own connections: what they say came from Matrix. */
const OURS = new Set(['alice', 'viaduct'])

/** Two IRC networks with Bob and Carol on them. */
export class IrcSide implements Side {
  readonly id = 'irc'
  readonly places = PLACES
  readonly connector: IrcConnector
  readonly actions: Actions
  readonly #people: ReadonlyMap<NetworkId, People>
  readonly #cables: readonly Cable[]

  private constructor(people: ReadonlyMap<NetworkId, People>, cables: readonly Cable[]) {
    this.#people = people
    this.#cables = cables
    const networks = NETWORKS.map((network, i) => ircNetwork(network, cables[i]?.port ?? 0))
    this.connector = new IrcConnector({ networks }, { backoffMs: BACKOFF_MS })
    this.actions = ircActions((place) => this.#spot(place))
  }

  static async start(): Promise<IrcSide> {
    const people = new Map<NetworkId, People>()
    const cables: Cable[] = []
    for (const { id, caps, name } of NETWORKS) {
      const server = await SimIrc.start({
        name: `irc.${id}.local`,
        network: name,
        caps,
        history: caps === 'all',
        accounts: { alice: { password: PASSWORD } },
      })
      cables.push(await Cable.lay(server.port))
      people.set(id, await People.connect(id, server))
    }
    return new IrcSide(people, cables)
  }

  async welcome(talk: Talk): Promise<void> {
    await talk.hold(LOGINS)
    const up = () => this.connector.status().filter(({ state }) => state === 'connected').length
    await talk.until(() => up() === 2 * NETWORKS.length, 'Alice to be on both IRC networks')
    await talk.hold(JOINS)
  }

  conversations(index: DeliveryIndex): Conversation[] {
    return PLACES.map((place) => this.#conversation(place, index))
  }

  say(place: string, text: string): void {
    say(this.#spot(place), 'Bob', text)
  }

  cut(): void {
    for (const cable of this.#cables) cable.cut()
  }

  mend(): void {
    for (const cable of this.#cables) cable.mend()
  }

  async stop(): Promise<void> {
    for (const cable of this.#cables) await cable.close()
    for (const { server } of this.#people.values()) await server.close()
  }

  #on(network: NetworkId): People {
    const people = this.#people.get(network)
    if (people === undefined) throw new Error('no such IRC network in the demo')
    return people
  }

  #spot(id: string): { people: People; target: string } {
    const place = PLACES.find((each) => each.id === id)
    if (place === undefined) throw new Unable('There is no such conversation on IRC.')
    return { people: this.#on(place.network), target: place.target }
  }

  #conversation({ target, ...place }: IrcPlace, index: DeliveryIndex): Conversation {
    const people = this.#on(place.network)
    people.update()
    const items = people.view.items(target).map((item) => {
      const { msgid: _, target: __, ...shown } = item
      return { ...shown, chips: this.#heard(place.id, item, people, index) }
    })
    const { hasCaps } = people
    return {
      ...place,
      people: place.kind === 'dm' ? ['Bob'] : [...NICKS],
      members: (people.server.channel(target)?.members ?? []).map(({ nick, prefix }) => prefix + nick),
      typing: people.view.typing(target, Date.now()),
      items: items.slice(-MOST_ITEMS),
      can: { react: hasCaps, reply: true, redact: hasCaps, edit: false, read: false },
    }
  }

  /** What became of a line that somebody on IRC wrote. */
  #heard(chat: string, item: IrcItem, people: People, index: DeliveryIndex): Chip[] {
    if (item.kind === 'event' || OURS.has(item.from)) return []
    const chips =
      item.msgid === undefined
        ? index.takeUnnamed(chat, `${people.network}/${item.from.toLowerCase()}`, item.text)
        : index.ofRemote(chat, item.msgid)
    if (chips.length > 0 || Date.now() - item.at < HEARD_AFTER_MS) return chips
    if (people.hasCaps) {
      return [{ what: 'message', state: 'queued', why: 'the bridge is away and will read the history' }]
    }
    const why = 'the bridge was away, and this server keeps no history'
    return [{ what: 'message', state: 'missed', why }]
  }
}
