import { sanitize } from '../../matrix/html.ts'
import { ircToRich } from '../../networks/irc/format.ts'
import type { ParsedLine } from '../../../test/sim/irc/index.ts'
import { excerpt } from '../item.ts'
import type { Item } from '../item.ts'

/** `msgid` is what the ledger knows the message by; servers without capabilities give none. */
export type IrcItem = Item & { msgid?: string; target: string }

type Batch = { opening: ParsedLine; parts: { text: string; concat: boolean }[]; command: string }

const TYPING_MS = 6_000

/** What a person's IRC client shows, made line by line from what its server sends. */
export class IrcView {
  readonly #nick: string
  readonly #fold: (name: string) => string
  readonly #items: IrcItem[] = []
  readonly #byMsgid = new Map<string, IrcItem>()
  readonly #batches = new Map<string, Batch>()
  readonly #typing = new Map<string, { nick: string; target: string; until: number }>()
  #made = 0

  /** `fold` is the casemapping of the server. */
  constructor(nick: string, fold: (name: string) => string) {
    this.#nick = nick
    this.#fold = fold
  }

  /** Everything of one conversation: a channel, or the nick of the other side. */
  items(target: string): IrcItem[] {
    return this.#items.filter((item) => this.#fold(item.target) === this.#fold(target))
  }

  typing(target: string, now: number): string[] {
    const wanted = this.#fold(target)
    return [...this.#typing.values()]
      .filter((one) => one.until > now && this.#fold(one.target) === wanted)
      .map(({ nick }) => nick)
  }

  find(id: string): IrcItem | undefined {
    return this.#items.find((item) => item.id === id)
  }

  take(line: ParsedLine): void {
    const { command, params, source, tags } = line
    switch (command) {
      case 'BATCH':
        return this.#batch(line)
      case 'PRIVMSG':
      case 'NOTICE': {
        const batch = this.#batches.get(tags['batch'] ?? '')
        if (batch === undefined) return this.#said(line, command, params[0] ?? '', params[1] ?? '')
        batch.command = command
        batch.parts.push({ text: params[1] ?? '', concat: tags['draft/multiline-concat'] !== undefined })
        return undefined
      }
      case 'TAGMSG':
        return this.#tagged(line, params[0] ?? '')
      case 'REDACT': {
        const item = this.#byMsgid.get(params[1] ?? '')
        if (item) Object.assign(item, { redacted: true, html: 'Message deleted', text: 'Message deleted' })
        return undefined
      }
      case 'JOIN':
        return this.#event(line, params[0] ?? '', `${source.nick} joined`)
      case 'PART':
        return this.#event(line, params[0] ?? '', `${source.nick} left`)
      case 'KICK':
        return this.#event(line, params[0] ?? '', `${source.nick} removed ${params[1] ?? ''}`)
      case 'TOPIC':
        return this.#event(line, params[0] ?? '', `${source.nick} set the topic: ${params[1] ?? ''}`)
      case 'QUIT':
        for (const target of this.#channels()) this.#event(line, target, `${source.nick} quit`)
        return undefined
      default:
        return undefined
    }
  }

  /** What the person wrote themselves, on a server that does not echo it. */
  own(target: string, text: string): void {
    const raw = `PRIVMSG ${target} :${text}`
    const source = { nick: this.#nick, user: '', host: '' }
    this.#said({ tags: {}, source, command: 'PRIVMSG', params: [target, text], raw }, 'PRIVMSG', target, text)
  }

  #channels(): string[] {
    return [...new Set(this.#items.map((item) => item.target).filter((name) => name.startsWith('#')))]
  }

  #batch(line: ParsedLine): void {
    const [ref = '', type] = line.params
    const id = ref.slice(1)
    if (ref.startsWith('+')) {
      if (type === 'draft/multiline') this.#batches.set(id, { opening: line, parts: [], command: 'PRIVMSG' })
      return
    }
    const batch = this.#batches.get(id)
    this.#batches.delete(id)
    if (batch === undefined) return
    const text = batch.parts.reduce(
      (all, part, i) => all + (i === 0 || part.concat ? '' : '\n') + part.text,
      '',
    )
    this.#said(batch.opening, batch.command, batch.opening.params[2] ?? '', text)
  }

  #said(line: ParsedLine, command: string, to: string, text: string): void {
    const { source, tags } = line
    if (source.user === '' && source.host === '' && source.nick.includes('.')) return
    const action = /^\x01ACTION ([^]*?)\x01?$/.exec(text)
    const { body, html } = ircToRich(action?.[1] ?? text)
    const parent = this.#byMsgid.get(tags['+reply'] ?? tags['+draft/reply'] ?? '')
    const msgid = tags['msgid']
    const item: IrcItem = {
      ...this.#base(line, this.#conversation(source.nick, to)),
      kind: action ? 'emote' : command === 'NOTICE' ? 'notice' : 'text',
      html: html === undefined ? escapeLines(body) : sanitize(html),
      text: body,
      ...(msgid !== undefined && { msgid }),
      ...(parent && { reply: { from: parent.from, text: excerpt(parent.text) } }),
    }
    this.#items.push(item)
    if (msgid !== undefined) this.#byMsgid.set(msgid, item)
    this.#typing.delete(`${source.nick} ${item.target}`)
  }

  #tagged({ tags, source }: ParsedLine, to: string): void {
    const typing = tags['+typing']
    const target = this.#conversation(source.nick, to)
    if (typing !== undefined && source.nick !== this.#nick) {
      const until = typing === 'active' ? Date.now() + TYPING_MS : 0
      this.#typing.set(`${source.nick} ${target}`, { nick: source.nick, target, until })
    }
    const item = this.#byMsgid.get(tags['+reply'] ?? tags['+draft/reply'] ?? '')
    if (item === undefined) return
    const put = tags['+draft/react']
    const taken = tags['+draft/unreact']
    if (put !== undefined) this.#react(item, put, source.nick)
    if (taken !== undefined) unreact(item, taken, source.nick)
  }

  #react(item: IrcItem, key: string, nick: string): void {
    const known = item.reactions.find((reaction) => reaction.key === key)
    const mine = nick === this.#nick
    if (known === undefined) item.reactions.push({ key, by: [nick], mine })
    else if (!known.by.includes(nick)) {
      known.by.push(nick)
      known.mine ||= mine
    }
  }

  #event(line: ParsedLine, target: string, text: string): void {
    this.#items.push({ ...this.#base(line, target), kind: 'event', text, html: escapeLines(text) })
  }

  #base(line: ParsedLine, target: string): Omit<IrcItem, 'kind' | 'html' | 'text'> {
    const time = Date.parse(line.tags['time'] ?? '')
    this.#made += 1
    return {
      id: `irc-${this.#made}`,
      from: line.source.nick,
      mine: line.source.nick === this.#nick,
      at: Number.isNaN(time) ? Date.now() : time,
      reactions: [],
      chips: [],
      raw: line.raw,
      target,
    }
  }

  #conversation(from: string, to: string): string {
    return this.#fold(to) === this.#fold(this.#nick) ? from : to
  }
}

function unreact(item: IrcItem, key: string, nick: string): void {
  for (const reaction of item.reactions) {
    if (reaction.key === key) reaction.by = reaction.by.filter((each) => each !== nick)
  }
  item.reactions = item.reactions.filter((reaction) => reaction.by.length > 0)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\n': '<br>' }
const escapeLines = (text: string): string => text.replace(/[&<>\n]/g, (c) => ENTITIES[c] ?? c)
