import type { SimIrc, SimIrcClient } from '../../../test/sim/irc/index.ts'
import { CHANNEL } from './networks.ts'
import type { NetworkId } from './networks.ts'
import { IrcView } from './view.ts'

export const NICKS = ['Bob', 'Carol'] as const
export type Nick = (typeof NICKS)[number]

/** The people on one IRC network, each with a client; the page shows what Bob's shows. */
export class People {
  readonly network: NetworkId
  readonly server: SimIrc
  readonly view: IrcView
  readonly hasCaps: boolean
  readonly #clients: ReadonlyMap<Nick, SimIrcClient>
  #read = 0

  private constructor(network: NetworkId, server: SimIrc, clients: ReadonlyMap<Nick, SimIrcClient>) {
    this.network = network
    this.server = server
    this.#clients = clients
    this.hasCaps = server.connections().some(({ caps }) => caps.length > 0)
    this.view = new IrcView('Bob', (name) => name.toLowerCase())
  }

  static async connect(network: NetworkId, server: SimIrc): Promise<People> {
    const clients = new Map<Nick, SimIrcClient>()
    for (const nick of NICKS) {
      const client = await server.client(nick, { user: nick.toLowerCase() })
      client.join(CHANNEL)
      clients.set(nick, client)
    }
    return new People(network, server, clients)
  }

  /** Takes what the server has sent since the last time. @returns whether there was anything */
  update(): boolean {
    const { lines } = this.client('Bob')
    const news = lines.slice(this.#read)
    this.#read = lines.length
    for (const line of news) this.view.take(line)
    return news.length > 0
  }

  client(nick: Nick): SimIrcClient {
    const client = this.#clients.get(nick)
    if (client === undefined) throw new Error('nobody of that nick on the network')
    return client
  }

  /** Says something as a person's client would, whatever the server can do. */
  say(nick: Nick, target: string, text: string, replyTo?: { msgid: string | undefined; from: string }): void {
    const client = this.client(nick)
    const tagged = this.hasCaps && replyTo?.msgid !== undefined
    const words = replyTo === undefined || tagged ? text : `${replyTo.from}: ${text}`
    const tags = tagged ? { '+reply': replyTo.msgid ?? '', '+draft/reply': replyTo.msgid ?? '' } : {}
    if (this.hasCaps) return client.say(target, words, tags)
    for (const line of words.split('\n').filter((each) => each.trim() !== '')) {
      client.say(target, line)
      if (nick === 'Bob') {
        this.update()
        this.view.own(target, line)
      }
    }
  }
}
