import type { Settings } from './options.ts'

/** Length limits the server enforces; the ones of 005. */
export const LIMITS = {
  away: 300,
  channel: 64,
  host: 64,
  kick: 300,
  list: 100,
  monitor: 100,
  realname: 128,
  targets: 4,
  topic: 390,
  user: 10,
  history: 100,
} as const

/** Channel mode letters by class: list, parameter always, parameter when set, flag; and the membership prefixes. */
export const CHANNEL_MODES = { list: 'beI', always: 'k', whenSet: 'l', flag: 'imnpst' } as const

/** Highest rank first. */
export const PREFIXES: readonly (readonly [mode: string, prefix: string])[] = [
  ['q', '~'],
  ['a', '&'],
  ['o', '@'],
  ['h', '%'],
  ['v', '+'],
]

/** Tokens of RPL_ISUPPORT: name to value, `true` for a token without one. */
export function isupportTokens(settings: Settings, chathistory: boolean): Map<string, string | true> {
  const letters = PREFIXES.map(([mode]) => mode).join('')
  const signs = PREFIXES.map(([, prefix]) => prefix).join('')
  const tokens = new Map<string, string | true>([
    ['AWAYLEN', `${LIMITS.away}`],
    ['BOT', 'B'],
    ['CASEMAPPING', settings.casemapping],
    ['CHANLIMIT', '#:100'],
    ['CHANMODES', Object.values(CHANNEL_MODES).join(',')],
    ['CHANNELLEN', `${LIMITS.channel}`],
    ['CHANTYPES', '#'],
    ['EXCEPTS', 'e'],
    ['HOSTLEN', `${LIMITS.host}`],
    ['INVEX', 'I'],
    ['KICKLEN', `${LIMITS.kick}`],
    ['LINELEN', '512'],
    ['MAXLIST', `${CHANNEL_MODES.list}:${LIMITS.list}`],
    ['MODES', '20'],
    ['MONITOR', `${LIMITS.monitor}`],
    ['NAMELEN', `${LIMITS.realname}`],
    ['NETWORK', settings.network],
    ['NICKLEN', `${settings.nickLen}`],
    ['PREFIX', `(${letters})${signs}`],
    ['STATUSMSG', signs],
    ['TARGMAX', `NAMES:1,LIST:1,KICK:1,WHOIS:1,PRIVMSG:${LIMITS.targets},NOTICE:${LIMITS.targets},MONITOR:`],
    ['TOPICLEN', `${LIMITS.topic}`],
    ['USERLEN', `${LIMITS.user}`],
  ])
  if (chathistory) tokens.set('CHATHISTORY', `${LIMITS.history}`).set('MSGREFTYPES', 'msgid,timestamp')
  for (const [name, value] of Object.entries(settings.isupport ?? {})) {
    if (value === '') tokens.delete(name)
    else tokens.set(name, value)
  }
  return tokens
}

/** Whether CLIENTTAGDENY blocks a client-only tag, given with its `+`. `*` blocks all, `-name` exempts. */
export function isTagDenied(deny: string | true | undefined, tag: string): boolean {
  if (typeof deny !== 'string') return false
  const entries = deny.split(',')
  const name = tag.slice(1)
  return entries.includes(name) || (entries.includes('*') && !entries.includes(`-${name}`))
}
