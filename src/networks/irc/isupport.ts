import { readCasemap } from './casemap.ts'
import type { Casemap } from './casemap.ts'

export type PrefixMode = { mode: string; symbol: string }
export type ChanModes = { A: string; B: string; C: string; D: string }

/** What a server said of itself in 005, with the defaults of RFC 1459 and RFC 2812. One for each connection. */
export class Isupport {
  casemap: Casemap = 'rfc1459'
  nickLen = 30
  channelLen = 50
  topicLen = 300
  kickLen = 180
  awayLen = 200
  nameLen = 128
  lineLen = 512
  userLen = 10
  hostLen = 63
  chanTypes = '#&'
  /** Symbols that may stand before a channel to reach only its ops or voiced. */
  statusMsg = ''
  /** Highest first. */
  prefix: PrefixMode[] = []
  chanModes: ChanModes = { A: 'b', B: 'k', C: 'l', D: 'imnpst' }
  network: string | undefined
  /** Targets that one PRIVMSG may have. */
  maxTargets = 1
  /** Changes with a parameter that one MODE may have. */
  modesPerLine = 3
  /** Entries that MONITOR holds, Infinity without a limit, undefined where there is no MONITOR. */
  monitor: number | undefined
  /** Messages that one CHATHISTORY gives, Infinity without a limit, undefined where none is advertised. */
  chatHistory: number | undefined
  msgRefTypes: string[] = []
  clientTagDeny = new TagDeny('')
  /** The user mode by which a bot marks itself. */
  bot: string | undefined
  utf8Only = false
  readonly #tokens = new Map<string, string>()

  constructor() {
    this.#read()
  }

  /** Takes the tokens of one 005 line. `-KEY` takes back; whatever is no token (the closing words) is skipped. */
  apply(tokens: string[]): void {
    for (const token of tokens) {
      const [, minus, key, value] = /^(-?)([A-Za-z0-9./]+)(?:=(\S*))?$/.exec(token) ?? []
      if (key === undefined) continue
      if (minus === '-') this.#tokens.delete(key.toUpperCase())
      else this.#tokens.set(key.toUpperCase(), unescape(value ?? ''))
    }
    this.#read()
  }

  /** The value of a token as advertised; an empty string when it has none. */
  get(key: string): string | undefined {
    return this.#tokens.get(key)
  }

  isChannel(target: string): boolean {
    return target !== '' && this.chanTypes.includes(target.charAt(0))
  }

  /** Takes apart a target such as `@#channel`; undefined for any other. */
  statusTarget(target: string): { status: string; channel: string } | undefined {
    let at = 0
    while (at < target.length && this.statusMsg.includes(target.charAt(at))) at++
    const channel = target.slice(at)
    return at > 0 && this.isChannel(channel) ? { status: target.slice(0, at), channel } : undefined
  }

  #read(): void {
    this.casemap = readCasemap(this.#tokens.get('CASEMAPPING'))
    this.nickLen = this.#number('NICKLEN') ?? this.#number('MAXNICKLEN') ?? 30
    this.channelLen = this.#number('CHANNELLEN') ?? 50
    this.topicLen = this.#number('TOPICLEN') ?? 300
    this.kickLen = this.#number('KICKLEN') ?? 180
    this.awayLen = this.#number('AWAYLEN') ?? 200
    this.nameLen = this.#number('NAMELEN') ?? 128
    this.lineLen = this.#number('LINELEN') ?? 512
    this.userLen = this.#number('USERLEN') ?? 10
    this.hostLen = this.#number('HOSTLEN') ?? 63
    this.chanTypes = this.#tokens.get('CHANTYPES') ?? '#&'
    this.statusMsg = this.#tokens.get('STATUSMSG') ?? ''
    this.prefix = readPrefix(this.#tokens.get('PREFIX') ?? '(ov)@+')
    this.chanModes = readChanModes(this.#tokens.get('CHANMODES') ?? 'b,k,l,imnpst')
    this.network = this.#tokens.get('NETWORK') || undefined
    this.maxTargets = targets(this.#tokens.get('TARGMAX')) ?? this.#number('MAXTARGETS') ?? 1
    this.modesPerLine = this.#tokens.has('MODES') ? (this.#limit('MODES') ?? 3) : 3
    this.monitor = this.#limit('MONITOR')
    this.chatHistory = this.#limit('CHATHISTORY') ?? this.#limit('DRAFT/CHATHISTORY')
    this.msgRefTypes = (this.#tokens.get('MSGREFTYPES') ?? '').split(',').filter((type) => type !== '')
    this.clientTagDeny = new TagDeny(this.#tokens.get('CLIENTTAGDENY') ?? '')
    this.bot = this.#tokens.get('BOT')?.charAt(0) || undefined
    this.utf8Only = this.#tokens.has('UTF8ONLY')
  }

  #number(key: string): number | undefined {
    const value = this.#tokens.get(key)
    return value !== undefined && /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined
  }

  /** A number where a missing value, or 0, means that there is no limit. */
  #limit(key: string): number | undefined {
    if (!this.#tokens.has(key)) return undefined
    return this.#number(key) ?? Number.POSITIVE_INFINITY
  }
}

/** CLIENTTAGDENY: the client-only tags that the server does not pass on. */
export class TagDeny {
  readonly #all: boolean
  readonly #denied: Set<string>
  readonly #exempt: Set<string>

  constructor(value: string) {
    const items = value.split(',').filter((item) => item !== '')
    this.#all = items.includes('*')
    this.#exempt = new Set(items.filter((item) => item.startsWith('-')).map((item) => item.slice(1)))
    this.#denied = new Set(items.filter((item) => !item.startsWith('-')))
  }

  /** Whether a client-only tag, named with or without its `+`, reaches others. */
  allows(tag: string): boolean {
    const key = tag.replace(/^\+/, '')
    return this.#all ? this.#exempt.has(key) : !this.#denied.has(key)
  }
}

const unescape = (value: string) =>
  value.replace(/\\x([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

function readPrefix(value: string): PrefixMode[] {
  const [, modes = '', symbols = ''] = /^\(([^)]*)\)(.*)$/.exec(value) ?? []
  return modes.split('').flatMap((mode, index) => {
    const symbol = symbols.charAt(index)
    return symbol === '' ? [] : [{ mode, symbol }]
  })
}

function readChanModes(value: string): ChanModes {
  const [A = '', B = '', C = '', D = ''] = value.split(',')
  return { A, B, C, D }
}

function targets(value: string | undefined): number | undefined {
  const found = /(?:^|,)PRIVMSG:(\d*)(?:,|$)/i.exec(value ?? '')
  if (found === null) return undefined
  return found[1] === '' ? Number.POSITIVE_INFINITY : Math.max(1, Number(found[1]))
}
