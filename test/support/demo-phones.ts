import type { Snapshot } from '../../src/demo/board.ts'
import type { Conversation, Item } from '../../src/demo/item.ts'
import type { SideId } from '../../src/demo/side.ts'
import { saying } from './demo-page.ts'
import type { DemoPage } from './demo-page.ts'

type Kind = Conversation['kind']

/** A conversation of a phone on both sides. */
type Pair = { room: Conversation; place: Conversation }

/** A network whose phone the demo shows: what differs in what they all do. */
export type PhoneNetwork = {
  side: Exclude<SideId, 'irc'>
  name: string
  /** Who writes in the tests, by the kinds of conversation that there are. */
  people: [Kind, string][]
  /** Whose phone it is. */
  owner: string
  /** What Alice's address book calls the owner. */
  nickname: string
  /** Where many lines are sent at once. */
  crowded: Kind
  /** What is typed on the phone, the text that it is then, and what Alice sees. */
  formatted: { typed: string; text: string; html: string }
  /** The text of Alice's `dear **all** <script>`. */
  dearAll: string
  /** A bold word as it is typed there, and its text. */
  round: { typed: string; text: string }
  /** The element that `*` makes of a word. */
  starred: string
  /** Whether deleted messages leave something behind that may still have their text. */
  keepsDeleted: boolean
  /** The status for editing what somebody else wrote. */
  notMine: number
}

export const TELEGRAM: PhoneNetwork = {
  side: 'telegram',
  name: 'Telegram',
  people: [
    ['dm', 'Robin Park'],
    ['group', 'Mia Chen'],
    ['topic', 'Mia Chen'],
  ],
  owner: 'Robin Park',
  nickname: 'Robin next door',
  crowded: 'topic',
  formatted: {
    typed: 'dear *Alice* & ||you|| <script>',
    text: 'dear Alice & you <script>',
    html: 'dear <em>Alice</em> &amp; <span data-mx-spoiler>you</span> &lt;script&gt;',
  },
  dearAll: 'dear all <script>',
  round: { typed: '**round**', text: 'round' },
  starred: 'em',
  keepsDeleted: false,
  notMine: 400,
}

export const WHATSAPP: PhoneNetwork = {
  side: 'whatsapp',
  name: 'WhatsApp',
  people: [
    ['dm', 'Sam Okoro'],
    ['group', 'Nora Lind'],
  ],
  owner: 'Sam Okoro',
  nickname: 'Sam from the boat',
  crowded: 'group',
  formatted: {
    typed: 'dear _Alice_ & *you* <script>',
    text: 'dear _Alice_ & *you* <script>',
    html: 'dear <em>Alice</em> &amp; <strong>you</strong> &lt;script&gt;',
  },
  dearAll: 'dear *all* <script>',
  round: { typed: '*round*', text: '*round*' },
  starred: 'strong',
  keepsDeleted: true,
  notMine: 409,
}

/** The smallest picture. */
export const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A phone on the page. */
export class DemoPhone {
  readonly #network: PhoneNetwork
  readonly #page: () => DemoPage

  /** `page` is asked when it is needed: tests are described before it is there. */
  constructor(network: PhoneNetwork, page: () => DemoPage) {
    this.#network = network
    this.#page = page
  }

  /** The page is up before Alice has linked the bridge to every phone. */
  linked(): Promise<true> {
    const { side, name } = this.#network
    return this.#page().eventually(`the rooms of ${name}`, ({ matrix, [side]: places }) =>
      places.every(({ id }) => matrix.some(({ twin, items }) => twin === id && items.some(isText)))
        ? true
        : undefined,
    )
  }

  async pair(kind: Kind): Promise<Pair> {
    return this.#pairIn(await this.#page().snapshot(), kind)
  }

  /** Looks at a conversation on both sides until something is so, and gives it. */
  crossed<T>(kind: Kind, what: string, find: (pair: Pair) => T | undefined): Promise<T> {
    return this.#page().eventually(what, (now) => find(this.#pairIn(now, kind)))
  }

  /** Waits for a text to be in Alice's room or at its place on the phone. */
  arrived(kind: Kind, where: keyof Pair, text: string): Promise<Item> {
    return this.crossed(kind, text, ({ [where]: side }) => side.items.find(saying(text)))
  }

  /** Does something on the phone that has to go well. */
  act(name: string, body: unknown): Promise<unknown> {
    return this.#page().act(`${this.#network.side}/${name}`, body)
  }

  /** Tries something on the phone. @returns the status */
  async tried(name: string, body: unknown): Promise<number> {
    return (await this.#page().send(`${this.#network.side}/${name}`, body)).status
  }

  /** Makes a poll on either side, and in each poll either side votes for something else. */
  async votedPolls(kind: Kind, who: string) {
    const page = this.#page()
    const { room: from, place: to } = await this.pair(kind)
    const { event } = await page.act('matrix/poll', {
      room: from.id,
      question: 'Tea?',
      options: ['Yes', 'No'],
    })
    await this.act('poll', { place: to.id, who, question: 'Cake?', options: ['Plum', 'Nut'] })
    const there = await this.crossed(kind, 'the poll of Alice', ({ place }) => place.items.find(asks('Tea?')))
    const here = await this.crossed(kind, `the poll from ${this.#network.name}`, ({ room }) =>
      room.items.find(asks('Cake?')),
    )
    const cake = await this.crossed(kind, 'it there', ({ place }) => place.items.find(asks('Cake?')))
    const nut = here.poll?.options[1]?.id
    await page.act('matrix/vote', { room: from.id, event: here.id, option: nut })
    await this.act('vote', { place: to.id, who, item: cake.id, option: '0' })
    await page.act('matrix/vote', { room: from.id, event, option: 'option-1' })
    await this.act('vote', { place: to.id, who, item: there.id, option: '1' })
    await this.crossed(kind, 'two votes in each poll on each side', (pair) =>
      [event, there.id, here.id, cake.id].every((id) => votesIn(pair, id) === '1,1') ? true : undefined,
    )
    return { from, to, event, there, here, cake }
  }

  /** Sends a picture with a caption, a voice message and a sticker from either side. */
  async sendFiles(kind: Kind, who: string): Promise<void> {
    const page = this.#page()
    const { room, place } = await this.pair(kind)
    for (const [side, to] of [
      ['matrix', room.id],
      [this.#network.side, place.id],
    ] as const) {
      const fields = { to, who, name: 'dot.png', caption: `a *dot* of ${side}` }
      await page.attach(side, fields, 'image/png', DOT)
    }
    for (const what of ['voice', 'sticker'] as const) {
      await page.act('matrix/sample', { room: room.id, what })
      await this.act(what, { place: place.id, who })
    }
  }

  #pairIn({ matrix, [this.#network.side]: places }: Snapshot, kind: Kind): Pair {
    const place = places.find((each) => each.kind === kind)
    const room = matrix.find(({ twin }) => twin === place?.id)
    if (place === undefined || room === undefined) throw new Error(`no ${kind} of ${this.#network.name}`)
    return { room, place }
  }
}

export const isText = ({ kind }: Item): boolean => kind === 'text'

const asks =
  (question: string) =>
  ({ poll }: Item): boolean =>
    poll?.question === question

/** The poll with an id, on whichever side it is. */
export const pollIn = ({ room, place }: Pair, id: string) =>
  [...room.items, ...place.items].find((item) => item.id === id)?.poll

export const votesIn = (pair: Pair, id: string): string | undefined =>
  pollIn(pair, id)
    ?.options.map(({ votes }) => votes)
    .join()
