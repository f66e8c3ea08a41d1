import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { formatTags, parseIrcLine, type IrcLine } from './irc-line.ts'
import { Watch, type WaitOptions } from './watch.ts'

export interface IrcClientOptions {
  readonly port: number
  readonly host?: string
  readonly nick: string
  /**
   * Capabilities to ask for; those not offered are left out. `all` asks for everything offered, except the
   * capability with which InspIRCd catches clients that do so blindly. Default none.
   */
  readonly caps?: readonly string[] | 'all'
  readonly password?: string
}

const poison = 'inspircd.org/poison'

type Tags = Readonly<Record<string, string>>

/** The contact on the other side: a raw socket that answers PING and keeps every line it was sent. */
export class IrcClient {
  /** Every line from the server, in order. */
  readonly lines = new Watch<IrcLine>()
  /** Capabilities the server offered, name to value; empty unless `caps` were asked for. */
  readonly offered = new Map<string, string>()
  nick: string
  readonly #socket: Socket
  readonly #closed: Promise<void>
  #rest = Buffer.alloc(0)
  #fences = 0

  private constructor(socket: Socket, nick: string) {
    this.#socket = socket
    this.nick = nick
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.setNoDelay(true)
    socket.on('data', (bytes) => this.#read(bytes))
    // A reset is one way of being closed; tests look at `closed`.
    socket.on('error', () => undefined)
  }

  /** Connects and registers. Rejects when the server refuses the nick. */
  static async connect(options: IrcClientOptions): Promise<IrcClient> {
    const socket = connect(options.port, options.host ?? '127.0.0.1')
    await once(socket, 'connect')
    const client = new IrcClient(socket, options.nick)
    await client.#register(options)
    return client
  }

  async #register(options: IrcClientOptions): Promise<void> {
    if (options.password !== undefined) this.send(`PASS :${options.password}`)
    const caps = options.caps ?? []
    if (caps.length > 0) {
      this.send('CAP LS 302')
      await this.waitFor(
        (line) => line.command === 'CAP' && line.params[1] === 'LS' && line.params.length === 3,
      )
      this.#readOffer()
      const wanted =
        caps === 'all'
          ? [...this.offered.keys()].filter((cap) => cap !== poison)
          : caps.filter((cap) => this.offered.has(cap))
      if (wanted.length > 0) {
        this.send(`CAP REQ :${wanted.join(' ')}`)
        const answer = await this.waitFor(
          (line) => line.command === 'CAP' && /^(ACK|NAK)$/.test(line.params[1] ?? ''),
        )
        if (answer.params[1] === 'NAK') throw new Error(`refused: ${answer.raw}`)
      }
    }
    this.send(`NICK ${this.nick}`)
    this.send(`USER ${this.nick} 0 * :${this.nick}`)
    if (caps.length > 0) this.send('CAP END')
    const answer = await this.waitFor((line) => /^(001|43[1-7]|46[45]|ERROR)$/.test(line.command))
    if (answer.command !== '001') throw new Error(`not registered: ${answer.raw}`)
    await this.waitFor((line) => line.command === '376' || line.command === '422')
  }

  #readOffer(): void {
    for (const line of this.lines.all) {
      if (line.command !== 'CAP' || line.params[1] !== 'LS') continue
      for (const cap of (line.params.at(-1) ?? '').split(' ').filter((part) => part !== '')) {
        const [name = '', ...value] = cap.split('=')
        this.offered.set(name, value.join('='))
      }
    }
  }

  /** Writes one line, or raw bytes, and the line end. */
  send(line: string | Uint8Array, tags: Tags = {}): void {
    this.#socket.write(Buffer.concat([Buffer.from(formatTags(tags)), Buffer.from(line), Buffer.from('\r\n')]))
  }

  /** The first line, past or to come, that satisfies `wanted`. */
  async waitFor(wanted: (line: IrcLine) => boolean, options?: WaitOptions): Promise<IrcLine> {
    return this.lines.waitFor(wanted, options)
  }

  /** Waits for PRIVMSG to `target` (a channel or this nick) with exactly this text. */
  async waitForText(target: string, text: string, options?: WaitOptions): Promise<IrcLine> {
    return this.waitFor((line) => isMessage(line, target) && line.params[1] === text, options)
  }

  /** All PRIVMSG lines to `target` so far. */
  messages(target: string): IrcLine[] {
    return this.lines.all.filter((line) => isMessage(line, target))
  }

  /** Resolves when the server has processed everything sent before. */
  async fence(): Promise<void> {
    const token = `fence-${this.#fences++}`
    this.send(`PING ${token}`)
    await this.waitFor((line) => line.command === 'PONG' && line.params.at(-1) === token)
  }

  say(target: string, text: string, tags: Tags = {}): void {
    this.send(`PRIVMSG ${target} :${text}`, tags)
  }

  notice(target: string, text: string, tags: Tags = {}): void {
    this.send(`NOTICE ${target} :${text}`, tags)
  }

  action(target: string, text: string): void {
    this.say(target, `\u0001ACTION ${text}\u0001`)
  }

  reply(target: string, msgid: string, text: string): void {
    this.say(target, text, replyTags(msgid))
  }

  react(target: string, msgid: string, key: string): void {
    this.send(`TAGMSG ${target}`, { ...replyTags(msgid), '+draft/react': key })
  }

  unreact(target: string, msgid: string, key: string): void {
    this.send(`TAGMSG ${target}`, { ...replyTags(msgid), '+draft/unreact': key })
  }

  typing(target: string, state: 'active' | 'paused' | 'done'): void {
    this.send(`TAGMSG ${target}`, { '+typing': state })
  }

  redact(target: string, msgid: string, reason = ''): void {
    this.send(`REDACT ${target} ${msgid} :${reason}`)
  }

  /** Joins and waits until the server has listed the members. */
  async join(channel: string, key = ''): Promise<void> {
    const from = this.lines.all.length
    this.send(`JOIN ${channel} ${key}`.trimEnd())
    await this.waitFor((line) => line.command === '366' && same(line.params[1], channel), { from })
  }

  part(channel: string, reason = ''): void {
    this.send(`PART ${channel} :${reason}`)
  }

  kick(channel: string, nick: string, reason = ''): void {
    this.send(`KICK ${channel} ${nick} :${reason}`)
  }

  mode(target: string, ...modes: readonly string[]): void {
    this.send(`MODE ${target} ${modes.join(' ')}`)
  }

  topic(channel: string, topic: string): void {
    this.send(`TOPIC ${channel} :${topic}`)
  }

  invite(nick: string, channel: string): void {
    this.send(`INVITE ${nick} ${channel}`)
  }

  away(reason = ''): void {
    this.send(reason === '' ? 'AWAY' : `AWAY :${reason}`)
  }

  /** Changes the nick and waits for the server to say so. */
  async changeNick(nick: string): Promise<void> {
    const from = this.lines.all.length
    this.send(`NICK ${nick}`)
    await this.waitFor((line) => line.command === 'NICK' && line.params[0] === nick, { from })
  }

  /** Nicks in a channel, with their prefixes removed. */
  async names(channel: string): Promise<string[]> {
    const from = this.lines.all.length
    this.send(`NAMES ${channel}`)
    await this.waitFor((line) => line.command === '366' && same(line.params[1], channel), { from })
    const replies = this.lines.all
      .slice(from)
      .filter((line) => line.command === '353' && same(line.params[2], channel))
    return replies
      .flatMap((line) => (line.params[3] ?? '').split(' '))
      .filter((entry) => entry !== '')
      .map((entry) => entry.replace(/^[~&@%+]+/, '').split('!')[0] ?? '')
  }

  /** Says goodbye and waits for the server to close the link. */
  async quit(reason = ''): Promise<void> {
    this.send(`QUIT :${reason}`)
    await this.#closed
  }

  /** Cuts the link without a word. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** Resolves when the link has ended, whoever ended it. */
  async closed(): Promise<void> {
    await this.#closed
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const text = this.#rest.subarray(0, end).toString('utf8').replace(/\r$/, '')
      this.#rest = this.#rest.subarray(end + 1)
      this.#accept(parseIrcLine(text))
    }
  }

  #accept(line: IrcLine): void {
    if (line.command === 'PING') this.send(`PONG :${line.params[0] ?? ''}`)
    if (line.command === 'NICK' && line.nick === this.nick) this.nick = line.params[0] ?? this.nick
    this.lines.push(line)
  }
}

const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase()
const isMessage = (line: IrcLine, target: string): boolean =>
  line.command === 'PRIVMSG' && same(line.params[0], target)
// Clients in the wild read one or the other name.
const replyTags = (msgid: string): Tags => ({ '+reply': msgid, '+draft/reply': msgid })
