import type { Closing } from './closing.ts'
import type { Sasl } from './link-options.ts'
import { nextNick } from './names.ts'
import type { IrcMessage, OutgoingLine } from './wire.ts'

/** What the registration needs of its connection. */
export interface Registering {
  nick: string
  readonly options: { nick: string; sasl?: Sasl }
  readonly welcomedAt: Date | undefined
  readonly isupport: { nickLen: number }
  write(line: OutgoingLine): boolean
  close(closing: Closing): void
  welcomed(): void
  /** The server has a policy of strict transport security. @returns whether the connection is given up for it */
  sts(value: string): boolean
}

const MAX_NICKS = 30

/** The part of getting in that irc-framework leaves open: other nicks, refused capabilities, refused passwords. */
export class Registration {
  readonly #link: Registering
  #attempts = 0

  constructor(link: Registering) {
    this.#link = link
  }

  /** Takes each line. @returns true when the library must not see it */
  onLine(m: IrcMessage): boolean {
    const link = this.#link
    const text = m.params.at(-1) ?? ''
    const before = link.welcomedAt === undefined
    switch (m.command) {
      case 'CAP':
        return this.#onCap(m)
      case '432':
      case '433':
      case '436':
      case '437':
        if (before) this.#otherNick(text)
        return false
      case '464':
        if (before) link.close({ kind: 'bad_credentials', text: `the server refused its password: ${text}` })
        return false
      case '465':
        link.close({ kind: 'blocked', text })
        return false
      case '902':
      case '904':
      case '905':
      case '906':
        if (link.options.sasl !== undefined) {
          link.close({
            kind: 'bad_credentials',
            text: `the server refused the account or its secret: ${text}`,
          })
        }
        return false
      case '908':
        link.close({
          kind: 'bad_credentials',
          text: `the server offers other ways to log in: ${m.params[1] ?? ''}`,
        })
        return false
      case '376':
      case '422':
        if (before) link.welcomed()
        return false
      default:
        return false
    }
  }

  #onCap(m: IrcMessage): boolean {
    const link = this.#link
    const verb = m.params[1]?.toUpperCase()
    if (m.params.length < 3) return true
    const caps = (m.params.at(-1) ?? '').split(' ').filter((cap) => cap !== '')
    const sts = caps.find((cap) => cap.startsWith('sts='))
    if ((verb === 'LS' || verb === 'NEW') && sts !== undefined && link.sts(sts.slice(4))) return true
    if (verb === 'NAK' && caps.length > 1 && link.welcomedAt === undefined) {
      // One that is refused takes all of its line with it. `sasl` comes last: the library logs in at once when it has it.
      const single = caps.toSorted((a, b) => Number(a === 'sasl') - Number(b === 'sasl'))
      for (const cap of single) link.write({ command: 'CAP', params: ['REQ', cap], trailing: true })
      return true
    }
    if (
      verb === 'ACK' &&
      caps.includes('sasl') &&
      link.welcomedAt !== undefined &&
      link.options.sasl !== undefined
    ) {
      // The services were away and are back.
      link.write({ command: 'AUTHENTICATE', params: [link.options.sasl.mechanism] })
    }
    return false
  }

  #otherNick(why: string): void {
    const link = this.#link
    this.#attempts++
    if (this.#attempts > MAX_NICKS) return link.close({ kind: 'throttled', text: `no nick is free: ${why}` })
    link.nick = nextNick(link.options.nick, this.#attempts, link.isupport.nickLen)
    link.write({ command: 'NICK', params: [link.nick] })
  }
}
