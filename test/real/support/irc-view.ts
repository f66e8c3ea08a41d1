import type { IrcClient } from '../servers/irc-client.ts'
import type { IrcLine } from '../servers/irc-line.ts'
import { View } from './view.ts'

/** A channel, or a private conversation by the other's nick, as somebody on IRC sees it from now on. */
export class IrcView extends View {
  readonly #client: IrcClient
  readonly #where: string
  readonly #from: number
  readonly #nick: string

  constructor(client: IrcClient, where: string) {
    super()
    this.#client = client
    this.#where = where.toLowerCase()
    this.#from = client.lines.all.length
    this.#nick = client.nick
  }

  get label(): string {
    return `what ${this.#client.nick} sees in ${this.#where}`
  }

  /** The id of the newest line that says this, also of an own one where the server echoes. */
  async msgid(said: string): Promise<string> {
    await this.#client.waitFor((line) => words(line) === said)
    const line = this.#client.lines.all.findLast((each) => words(each) === said)
    return line?.tags['msgid'] ?? ''
  }

  protected lines(): string[] {
    // Both of them can take another nick.
    let [own, where] = [this.#nick, this.#where]
    const shown: string[] = []
    for (const line of this.#client.lines.all.slice(this.#from)) {
      const mine = line.nick === own
      if (!mine && line.nick !== '' && concerns(line, where, own)) shown.push(...this.#shown(line))
      if (line.command !== 'NICK') continue
      if (mine) own = line.params[0] ?? own
      if (line.nick.toLowerCase() === where) where = line.params[0]?.toLowerCase() ?? where
    }
    return shown
  }

  /** @returns the line, or nothing when a client shows nothing of it */
  #shown(line: IrcLine): string[] {
    const [target = '', second = '', third = ''] = line.params
    const why = (reason: string) => (reason === '' || reason === line.nick ? '' : ` (${reason})`)
    switch (line.command) {
      case 'PRIVMSG':
      case 'NOTICE':
        return [this.#said(line)]
      case 'TAGMSG':
        return this.#reaction(line)
      case 'JOIN':
        return [`${line.nick} joins`]
      case 'PART':
        return [`${line.nick} leaves${why(second)}`]
      case 'QUIT':
        return [`${line.nick} quits${why(target)}`]
      case 'NICK':
        return [`${line.nick} is now ${target}`]
      case 'KICK':
        return [`${line.nick} kicks ${second}${why(third)}`]
      case 'TOPIC':
        return [`${line.nick} sets the topic "${second}"`]
      case 'MODE':
        return [`${line.nick} sets ${line.params.slice(1).join(' ')}`]
      default:
        return []
    }
  }

  #said(line: IrcLine): string {
    const parent = line.tags['+draft/reply'] ?? line.tags['+reply']
    const answer = parent === undefined ? '' : `↪ ${this.#quoted(parent)} `
    if (line.command === 'NOTICE') return `-${line.nick}- ${answer}${words(line)}`
    const action = isAction(line)
    return `${action ? `* ${line.nick}` : `<${line.nick}>`} ${answer}${words(line)}`
  }

  #reaction({ nick, tags }: IrcLine): string[] {
    const target = this.#quoted(tags['+draft/reply'] ?? tags['+reply'])
    const [added, removed] = [tags['+draft/react'], tags['+draft/unreact']]
    if (added !== undefined) return [`${nick} reacts ${added} to ${target}`]
    return removed === undefined ? [] : [`${nick} takes ${removed} back from ${target}`]
  }

  #quoted(msgid: string | undefined): string {
    const line = this.#client.lines.all.find((each) => msgid !== undefined && each.tags['msgid'] === msgid)
    return `"${line === undefined ? '?' : words(line)}"`
  }
}

/** Whether a line of somebody else belongs to a channel, or to the conversation with somebody. */
function concerns({ command, nick, params }: IrcLine, where: string, own: string): boolean {
  const channel = /^[#&+!]/.test(where)
  const byThem = nick.toLowerCase() === where
  if (command === 'NICK' || command === 'QUIT') return channel || byThem
  return channel ? params[0]?.toLowerCase() === where : byThem && params[0] === own
}

const ACTION = /^\u0001ACTION (.*)\u0001$/s

const isAction = (line: IrcLine): boolean => ACTION.test(line.params[1] ?? '')

/** What was said, with its format codes. What nobody sees is left out: the break in a relayed name, spaces at the end. */
function words({ command, params }: IrcLine): string | undefined {
  if (command !== 'PRIVMSG' && command !== 'NOTICE') return undefined
  const text = params[1] ?? ''
  return (ACTION.exec(text)?.[1] ?? text).replaceAll('\u200b', '').trimEnd()
}
