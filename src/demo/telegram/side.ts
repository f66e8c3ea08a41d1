import { TelegramConnector } from '../../networks/telegram/connector.ts'
import { messageIdIn, toChatId } from '../../networks/telegram/ids.ts'
import type { TgChat } from '../../networks/telegram/ids.ts'
import { SimTelegram } from '../../../test/sim/telegram/index.ts'
import type { Account, Post, Room } from '../../../test/sim/telegram/world/index.ts'
import { historyOf } from '../../../test/sim/telegram/world/room.ts'
import { Unable } from '../action.ts'
import type { Actions } from '../action.ts'
import { Cable } from '../cable.ts'
import type { DeliveryIndex } from '../deliveries.ts'
import { MOST_ITEMS } from '../item.ts'
import type { Attachment, Chip, Conversation } from '../item.ts'
import type { Samples } from '../samples.ts'
import type { Place, Side } from '../side.ts'
import type { Talk } from '../talk.ts'
import { attach, telegramActions, wordsOf } from './actions.ts'
import type { Finder } from './actions.ts'
import { logIn } from './login.ts'
import { nameOf, NICKNAME, settle } from './people.ts'
import type { People, Spot } from './people.ts'
import { Typing } from './typing.ts'
import { itemId, telegramItem } from './view.ts'

type TelegramPlace = Place & Spot & { tg: TgChat; people: string[] }

const BACKOFF_MS = 400
const BACKFILL = { chats: 10, messages: 20 }

/** After this a message that the bridge does not know of was sent while it was away. */
const HEARD_AFTER_MS = 1_500

/** A Telegram server with Robin and Mia on it; the page shows Robin's phone. */
export class TelegramSide implements Side {
  readonly id = 'telegram'
  readonly places: readonly TelegramPlace[]
  readonly connector: TelegramConnector
  readonly actions: Actions
  readonly #server: SimTelegram
  readonly #cable: Cable
  readonly #people: People
  readonly #typing = new Typing()
  readonly #find: Finder
  readonly #off: () => void

  private constructor(server: SimTelegram, cable: Cable, samples: Samples, changed: () => void) {
    this.#server = server
    this.#cable = cable
    this.#people = settle(server)
    this.places = placesOf(this.#people)
    this.#find = {
      spot: (place) => this.#place(place),
      person: (name) => this.#person(name),
      post: (place, item) => this.#post(place, item),
    }
    this.actions = telegramActions(server.world, this.#find, samples)
    this.connector = new TelegramConnector(
      {
        apiId: 1,
        apiHash: 'of the demo',
        backfill: BACKFILL,
        gapMessages: 500,
        recheckMessages: 20,
        relayBots: [],
        testServer: { host: '127.0.0.1', port: cable.port, publicKey: server.serverKey.pem },
      },
      { backoffMs: BACKOFF_MS },
    )
    this.#off = server.world.onEvent((event) => {
      this.#typing.take(event)
      changed()
    })
  }

  static async start(samples: Samples, changed: () => void): Promise<TelegramSide> {
    const server = await SimTelegram.start()
    return new TelegramSide(server, await Cable.lay(server.port), samples, changed)
  }

  async welcome(talk: Talk): Promise<void> {
    await logIn(talk, this.#server, this.#people)
    const up = () => this.connector.status().every(({ state }) => state === 'connected')
    await talk.until(up, 'Alice to be on Telegram')
  }

  conversations(index: DeliveryIndex): Conversation[] {
    return this.places.map((place) => this.#conversation(place, index))
  }

  say(place: string, text: string): void {
    const { chat, topic } = this.#place(place)
    const where = topic === undefined ? {} : { topic }
    this.#server.world.say(this.#people.robin, chat, { ...wordsOf(text), ...where })
  }

  async attach(file: Attachment): Promise<void> {
    attach(this.#server.world, this.#find, file)
  }

  media(id: string): Uint8Array | undefined {
    const posts = this.places.flatMap((place) => this.#history(place))
    const media = posts.find(({ globalId }) => String(globalId) === id)?.media
    if (media?.kind === 'photo') return media.photo.bytes
    return media?.kind === 'document' ? media.document.bytes : undefined
  }

  cut(): void {
    this.#cable.cut()
  }

  mend(): void {
    this.#cable.mend()
  }

  async stop(): Promise<void> {
    this.#off()
    await this.#cable.close()
    await this.#server.stop()
  }

  #place(id: string): TelegramPlace {
    const found = this.places.find((place) => place.id === id)
    if (found === undefined) throw new Unable('There is no such conversation on Telegram.')
    return found
  }

  #person(name: string): Account {
    const { robin, mia } = this.#people
    const found = [robin, mia].find((account) => nameOf(account) === name)
    if (found === undefined) throw new Unable('There is nobody of that name on Telegram.')
    return found
  }

  #post(place: string, item: string): Post {
    const found = this.#history(this.#place(place)).find((post) => itemId(post) === item)
    if (found === undefined) throw new Unable('That message is not there any more.')
    return found
  }

  #room({ chat }: Spot): Room {
    return this.#server.world.room(this.#people.robin, chat)
  }

  #history(spot: Spot): Post[] {
    const posts = historyOf(this.#room(spot), this.#people.robin)
    const { topic } = spot
    return topic === undefined
      ? posts
      : posts.filter((post) => post.topic === topic || post.channelId === topic)
  }

  #conversation(place: TelegramPlace, index: DeliveryIndex): Conversation {
    const { id, name, kind, network = '', under, about, people } = place
    const { robin } = this.#people
    const room = this.#room(place)
    const items = this.#history(place)
      .slice(-MOST_ITEMS)
      .flatMap((post) => {
        const item = telegramItem(this.#server.world.realm, robin, post)
        return item === undefined ? [] : [{ ...item, chips: this.#heard(place, post, index) }]
      })
    return {
      id,
      name,
      kind,
      network,
      under,
      about,
      people,
      members: room.kind === 'direct' ? [] : [...room.members.keys()].map(nameOf),
      typing: this.#typing.in(room, robin).map(nameOf),
      items,
      can: { react: true, reply: true, redact: true, edit: true, read: true },
    }
  }

  /** What became of a message on its way to Matrix, and of what was done to it. */
  #heard({ id, tg }: TelegramPlace, post: Post, index: DeliveryIndex): Chip[] {
    const { alice } = this.#people
    if (post.action !== undefined) return []
    const number = messageIdIn(tg, Number(alice.id), post.idFor(alice))
    const changes = index.changesOf(id, number)
    if (post.author === alice) return changes
    const chips = index.ofRemote(id, number)
    if (chips.length > 0 || Date.now() - post.date * 1_000 < HEARD_AFTER_MS) return [...chips, ...changes]
    return [{ what: 'message', state: 'queued', why: 'the bridge is away and will fetch it' }]
  }
}

function placesOf({ alice, robin, mia, group, forum, topic }: People): TelegramPlace[] {
  const common = { network: 'telegram', people: [robin, mia].map(nameOf) }
  const place = (tg: TgChat, of: Omit<TelegramPlace, 'id' | 'tg' | 'network' | 'people'>): TelegramPlace => ({
    ...common,
    id: toChatId(tg),
    tg,
    ...of,
  })
  const channel = Number(group.id)
  return [
    place(
      { kind: 'channel', id: channel },
      {
        name: group.title,
        chat: group,
        topic: undefined,
        kind: 'group',
        under: 'group',
        about: 'A group of three: Alice’s own name for Robin stays out of it',
      },
    ),
    place(
      { kind: 'channel', id: Number(forum.id), topic },
      {
        name: 'Spring planting',
        chat: forum,
        topic,
        kind: 'topic',
        under: `topic of ${forum.title}`,
        about: `A topic of the forum “${forum.title}”, which is a space on Matrix`,
      },
    ),
    {
      ...place(
        { kind: 'user', id: Number(robin.id) },
        {
          name: nameOf(alice),
          chat: alice,
          topic: undefined,
          kind: 'dm',
          under: 'private',
          about: `Alice calls ${nameOf(robin)} “${NICKNAME}”`,
        },
      ),
      people: [nameOf(robin)],
    },
  ]
}
