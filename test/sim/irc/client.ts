import type { Link } from './link.ts'
import type { ParsedLine, Tags } from './line.ts'
import { formatTags, parseLine } from './line.ts'
import type { Part } from './multiline-batch.ts'
import { joinParts } from './multiline-batch.ts'
import { waitUntil } from './wait.ts'

export type Said = { from: string; to: string; text: string; msgid?: string; tags: Tags; command: string }

/** What a client needs of the server: a way in for its lines, and the casemapping. */
export type ClientHost = {
  connect(link: Link): { line: (line: string) => void; closed: () => void }
  fold(name: string): string
}

type OpenBatch = {
  type: string
  parent: string | undefined
  opening: ParsedLine
  parts: Part[]
  command: string
}

/** A user in this process. Its lines take the same way through the server as those of a socket, without one. */
export class SimIrcClient {
  nick: string
  /** everything received, in order */
  readonly lines: ParsedLine[] = []
  closed = false
  private readonly fold: (name: string) => string
  private readonly messages: Said[] = []
  private readonly batches = new Map<string, OpenBatch>()
  private readonly input: (line: string) => void
  private readonly hangUp: () => void
  private refs = 0

  constructor(host: ClientHost, nick: string) {
    this.nick = nick
    this.fold = (name) => host.fold(name)
    const { line, closed } = host.connect({
      certfp: undefined,
      secure: false,
      ports: undefined,
      write: (data) => this.receive(typeof data === 'string' ? data : Buffer.from(data).toString('utf8')),
      close: () => {
        this.closed = true
        closed()
      },
      pause: () => {},
      resume: () => {},
      freeze: () => {},
      thaw: () => {},
      shape: () => {},
    })
    this.input = line
    this.hangUp = closed
  }

  /** Sends a line; what it causes has happened when this returns, unless the server paces or holds it. */
  raw(line: string): void {
    if (this.closed) throw new Error(`${this.nick} is not connected to the simulated server`)
    this.input(line)
  }

  join(channel: string, key?: string): void {
    this.raw(key === undefined ? `JOIN ${channel}` : `JOIN ${channel} ${key}`)
  }

  part(channel: string, reason = ''): void {
    this.raw(`PART ${channel} :${reason}`)
  }

  /** Text with line breaks goes out as `draft/multiline`. */
  say(target: string, text: string, tags: Tags = {}): void {
    if (text.includes('\n')) this.multiline(target, text.split('\n'), tags)
    else this.raw(`${prefixed(tags)}PRIVMSG ${target} :${text}`)
  }

  action(target: string, text: string): void {
    this.say(target, `\x01ACTION ${text}\x01`)
  }

  notice(target: string, text: string): void {
    this.raw(`NOTICE ${target} :${text}`)
  }

  reply(target: string, msgid: string, text: string): void {
    this.say(target, text, { '+reply': msgid, '+draft/reply': msgid })
  }

  react(target: string, msgid: string, key: string): void {
    this.tag(target, { '+draft/react': key, '+reply': msgid, '+draft/reply': msgid })
  }

  unreact(target: string, msgid: string, key: string): void {
    this.tag(target, { '+draft/unreact': key, '+reply': msgid, '+draft/reply': msgid })
  }

  typing(target: string, state: 'active' | 'paused' | 'done'): void {
    this.tag(target, { '+typing': state })
  }

  redact(target: string, msgid: string, reason = ''): void {
    this.raw(`REDACT ${target} ${msgid} :${reason}`)
  }

  kick(channel: string, nick: string, reason = ''): void {
    this.raw(`KICK ${channel} ${nick} :${reason}`)
  }

  mode(target: string, ...change: string[]): void {
    this.raw(['MODE', target, ...change].join(' '))
  }

  topic(channel: string, text: string): void {
    this.raw(`TOPIC ${channel} :${text}`)
  }

  invite(nick: string, channel: string): void {
    this.raw(`INVITE ${nick} ${channel}`)
  }

  nickTo(nick: string): void {
    this.raw(`NICK ${nick}`)
  }

  quit(reason = ''): void {
    if (!this.closed) this.raw(`QUIT :${reason}`)
  }

  /** Ends the connection as if the process had died. */
  vanish(): void {
    this.closed = true
    this.hangUp()
  }

  /**
   * What others said, as it came: no echoes of its own, no history. A multiline message is one. `target` is a channel,
   * or the nick of the other side for private messages.
   */
  said(target?: string): Said[] {
    if (target === undefined) return [...this.messages]
    const wanted = this.fold(target)
    return this.messages.filter(({ from, to }) => {
      const isPrivate = this.fold(to) === this.fold(this.nick)
      return this.fold(to) === wanted || (isPrivate && this.fold(from) === wanted)
    })
  }

  waitFor(predicate: (client: SimIrcClient) => unknown, what: string, timeoutMs?: number): Promise<void> {
    return waitUntil(() => predicate(this), `${this.nick}: ${what}`, timeoutMs)
  }

  private tag(target: string, tags: Tags): void {
    this.raw(`${prefixed(tags)}TAGMSG ${target}`)
  }

  private multiline(target: string, lines: readonly string[], tags: Tags): void {
    const ref = `c${++this.refs}`
    this.raw(`${prefixed(tags)}BATCH +${ref} draft/multiline ${target}`)
    for (const line of lines) this.raw(`@batch=${ref} PRIVMSG ${target} :${line}`)
    this.raw(`BATCH -${ref}`)
  }

  private receive(data: string): void {
    for (const line of parseAll(data)) {
      this.lines.push(line)
      this.note(line)
    }
  }

  private note(line: ParsedLine): void {
    const { command, source, params, tags } = line
    switch (command) {
      case '001':
        this.nick = params[0] ?? this.nick
        break
      case 'NICK':
        if (this.fold(source.nick) === this.fold(this.nick)) this.nick = params[0] ?? this.nick
        break
      case 'BATCH':
        this.noteBatch(line)
        break
      case 'PRIVMSG':
      case 'NOTICE': {
        const batch = this.batches.get(tags['batch'] ?? '')
        if (batch?.type === 'draft/multiline') {
          batch.command = command
          batch.parts.push({ text: params[1] ?? '', concat: tags['draft/multiline-concat'] !== undefined })
        } else this.heard(line, command, params[0] ?? '', params[1] ?? '')
        break
      }
    }
  }

  private noteBatch(line: ParsedLine): void {
    const [ref = '', type = ''] = line.params
    const id = ref.slice(1)
    if (ref.startsWith('+')) {
      this.batches.set(id, { type, parent: line.tags['batch'], opening: line, parts: [], command: 'PRIVMSG' })
      return
    }
    const batch = this.batches.get(id)
    this.batches.delete(id)
    if (batch?.type !== 'draft/multiline') return
    this.heard(batch.opening, batch.command, batch.opening.params[2] ?? '', joinParts(batch.parts))
  }

  private heard({ source, tags }: ParsedLine, command: string, to: string, text: string): void {
    const parent = this.batches.get(tags['batch'] ?? '')
    const toMyself = this.fold(to) === this.fold(this.nick)
    if (parent?.type === 'chathistory' || (this.fold(source.nick) === this.fold(this.nick) && !toMyself))
      return
    const msgid = tags['msgid'] === undefined ? {} : { msgid: tags['msgid'] }
    this.messages.push({ from: source.nick, to, text, ...msgid, tags, command })
  }
}

let latest: { data: string; lines: ParsedLine[] } = { data: '', lines: [] }

/** Clients that get the same share what is parsed: a busy channel would fill the memory with copies. */
function parseAll(data: string): readonly ParsedLine[] {
  if (data !== latest.data) {
    const texts = data.split('\r\n').filter((text) => text !== '')
    latest = { data, lines: texts.map((text) => parseLine(text)) }
  }
  return latest.lines
}

function prefixed(tags: Tags): string {
  const text = formatTags(tags)
  return text === '' ? '' : `@${text} `
}
