import { ViaductError } from '../../model/errors.ts'
import { trimEnd } from './sanitize.ts'

export type IrcSource = { nick: string; user?: string; host?: string; raw: string }

/** One line as received. `command` is in upper case; tag values are unescaped; `raw` is the line without its end. */
export type IrcMessage = {
  tags: Record<string, string>
  source?: IrcSource
  command: string
  params: string[]
  raw: string
}

export type OutgoingLine = {
  tags?: Record<string, string | true>
  command: string
  params: string[]
  /** Whether `:` goes before the last parameter; by default where the command takes text there, or where it must. */
  trailing?: boolean
}

/** Bytes of tag data that a client may send (IRCv3 message-tags). */
export const MAX_TAG_BYTES = 4094

const COMMAND = /^(?:[A-Za-z]+|\d{3})$/
const TAG_KEY = /^\+?(?:[A-Za-z0-9.-]+\/)?[A-Za-z0-9-]+$/

/** Which parameter of a command is text, counted from 0. */
const TEXT_PARAM: Readonly<Record<string, number>> = {
  AWAY: 0,
  KICK: 2,
  NOTICE: 1,
  PART: 1,
  PRIVMSG: 1,
  QUIT: 0,
  REDACT: 2,
  RELAYMSG: 2,
  SETNAME: 0,
  SQUERY: 1,
  TOPIC: 1,
  USER: 3,
  WALLOPS: 0,
}

/** Reads one line. Total: whatever cannot be a message of the protocol gives undefined, nothing throws. */
export function parseLine(line: string): IrcMessage | undefined {
  const raw = trimEnd(line, '\r\n')
  let rest = raw
  const word = (): string => {
    const end = rest.indexOf(' ')
    const found = end < 0 ? rest : rest.slice(0, end)
    rest = end < 0 ? '' : rest.slice(end).replace(/^ +/, '')
    return found
  }
  rest = rest.replace(/^ +/, '')
  const tags = rest.startsWith('@') ? parseTags(word().slice(1)) : emptyTags()
  const source = rest.startsWith(':') ? parseSource(word().slice(1)) : undefined
  const command = word()
  if (!COMMAND.test(command)) return undefined
  const params: string[] = []
  for (;;) {
    if (rest === '') break
    if (rest.startsWith(':')) {
      params.push(rest.slice(1))
      break
    }
    params.push(word())
  }
  const message = { tags, command: command.toUpperCase(), params, raw }
  return source === undefined ? message : { ...message, source }
}

// Without a prototype, so that a tag called `__proto__` is a tag like any other.
const emptyTags = (): Record<string, string> => Object.create(null) as Record<string, string>

function parseTags(data: string): Record<string, string> {
  const tags = emptyTags()
  for (const item of data.split(';')) {
    if (item === '') continue
    const equals = item.indexOf('=')
    // Of repeated keys the last counts, as message-tags demands.
    if (equals < 0) tags[item] = ''
    else tags[item.slice(0, equals)] = unescapeTag(item.slice(equals + 1))
  }
  return tags
}

function parseSource(raw: string): IrcSource {
  const at = raw.lastIndexOf('@')
  const head = at < 0 ? raw : raw.slice(0, at)
  const bang = head.indexOf('!')
  return {
    nick: bang < 0 ? head : head.slice(0, bang),
    ...(bang < 0 ? {} : { user: head.slice(bang + 1) }),
    ...(at < 0 ? {} : { host: raw.slice(at + 1) }),
    raw,
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  ';': '\\:',
  ' ': '\\s',
  '\\': '\\\\',
  '\r': '\\r',
  '\n': '\\n',
}
const UNESCAPES: Readonly<Record<string, string>> = { ':': ';', s: ' ', '\\': '\\', r: '\r', n: '\n' }

function escapeTag(value: string): string {
  return value.replace(/[; \\\r\n]/g, (c) => ESCAPES[c] ?? c)
}

function unescapeTag(value: string): string {
  // A backslash before any other character, or at the end, is dropped.
  return value.replace(/\\(.?)/gsu, (_, c: string) => UNESCAPES[c] ?? c)
}

/**
 * Writes one line, without its end.
 * @throws ViaductError `bad_request` when the parts cannot be one line; the words never repeat a parameter.
 */
export function formatLine(m: OutgoingLine): string {
  if (!COMMAND.test(m.command)) throw refuse('not a command')
  const command = m.command.toUpperCase()
  const words = [command]
  const last = m.params.length - 1
  for (const [index, param] of m.params.entries()) {
    if (/[\0\r\n]/.test(param)) throw refuse(`control byte in parameter ${index} of ${command}`)
    const bare = param !== '' && !param.includes(' ') && !param.startsWith(':')
    const trailing = index === last && (m.trailing ?? (TEXT_PARAM[command] === index || !bare))
    if (!bare && !trailing) throw refuse(`parameter ${index} of ${command} must be one word`)
    words.push(trailing ? `:${param}` : param)
  }
  return formatTags(m.tags ?? {}) + words.join(' ').toWellFormed()
}

function formatTags(tags: Record<string, string | true>): string {
  const items = Object.entries(tags).map(([key, value]) => {
    if (!TAG_KEY.test(key)) throw refuse('not a tag key')
    if (value === true || value === '') return key
    if (value.includes('\0')) throw refuse(`control byte in tag ${key}`)
    return `${key}=${escapeTag(value.toWellFormed())}`
  })
  if (items.length === 0) return ''
  const data = items.join(';')
  if (Buffer.byteLength(data) > MAX_TAG_BYTES) throw refuse('more tag data than a line may carry')
  return `@${data} `
}

const refuse = (why: string) => new ViaductError('bad_request', `IRC line refused: ${why}`)

/** Bytes of a line that count towards LINELEN: without tags, with CR LF. */
export function lineBytes(line: string): number {
  const start = line.startsWith('@') ? line.indexOf(' ') + 1 : 0
  return Buffer.byteLength(line.slice(start)) + 2
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const windows1252 = new TextDecoder('windows-1252')

/** The text of a line's bytes: strict UTF-8, and windows-1252 for whatever is not. */
export function decodeLine(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return windows1252.decode(bytes)
  }
}
