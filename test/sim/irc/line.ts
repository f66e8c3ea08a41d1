/** Message tags by key; a tag without a value is the empty string. */
export type Tags = Record<string, string>

/** Who a line is from. A server has its name as `nick`; a line without source has three empty strings. */
export type Source = { nick: string; user: string; host: string }

export type ParsedLine = { tags: Tags; source: Source; command: string; params: string[]; raw: string }

const ESCAPES: Record<string, string> = { ';': '\\:', ' ': '\\s', '\\': '\\\\', '\r': '\\r', '\n': '\\n' }
const UNESCAPES: Record<string, string> = { ':': ';', s: ' ', r: '\r', n: '\n' }

/** Splits one line without its CR LF. Never throws: a line with nothing in it has an empty command. */
export function parseLine(raw: string): ParsedLine {
  let rest = raw
  let tags: Tags = {}
  let source: Source = { nick: '', user: '', host: '' }
  if (rest.startsWith('@')) {
    const [word, after] = takeWord(rest)
    tags = parseTags(word.slice(1))
    rest = after
  }
  if (rest.startsWith(':')) {
    const [word, after] = takeWord(rest)
    source = parseSource(word.slice(1))
    rest = after
  }
  const colon = rest.indexOf(' :')
  const middle = colon < 0 ? rest : rest.slice(0, colon)
  const [command = '', ...params] = middle.split(' ').filter((word) => word !== '')
  if (colon >= 0) params.push(rest.slice(colon + 2))
  return { tags, source, command: command.toUpperCase(), params, raw }
}

/** Everything behind the tags: what the 512-byte limit counts. */
export function formatBody(source: string, command: string, params: readonly string[]): string {
  const words = params.map((param, i) => (i === params.length - 1 ? lastParam(command, param) : param))
  return [...(source === '' ? [] : [`:${source}`]), command, ...words].join(' ')
}

export function formatTags(tags: Tags): string {
  return Object.entries(tags)
    .map(([key, value]) => (value === '' ? key : `${key}=${escapeTag(value)}`))
    .join(';')
}

export function escapeTag(value: string): string {
  return value.replace(/[; \\\r\n]/g, (c) => ESCAPES[c] ?? c)
}

/** The longest prefix of `text` that has at most `bytes` bytes and ends between two characters. */
export function cutBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  const data = Buffer.from(text)
  let end = bytes
  while (end > 0 && ((data[end] ?? 0) & 0xc0) === 0x80) end--
  return data.toString('utf8', 0, end)
}

function takeWord(text: string): [string, string] {
  const space = text.indexOf(' ')
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space).trimStart()]
}

function parseTags(text: string): Tags {
  const tags: Tags = {}
  for (const item of text.split(';')) {
    const equals = item.indexOf('=')
    const key = equals < 0 ? item : item.slice(0, equals)
    if (key !== '') tags[key] = equals < 0 ? '' : unescapeTag(item.slice(equals + 1))
  }
  return tags
}

function unescapeTag(value: string): string {
  return value.includes('\\') ? value.replace(/\\(.?)/g, (_, c: string) => UNESCAPES[c] ?? c) : value
}

function parseSource(text: string): Source {
  const at = text.indexOf('@')
  const bang = text.indexOf('!')
  const host = at < 0 ? '' : text.slice(at + 1)
  const name = at < 0 ? text : text.slice(0, at)
  return bang < 0
    ? { nick: name, user: '', host }
    : { nick: text.slice(0, bang), user: name.slice(bang + 1), host }
}

const ALWAYS_TRAILING = new Set(['PRIVMSG', 'NOTICE', 'QUIT', 'ERROR', 'TOPIC', 'PONG'])

function lastParam(command: string, param: string): string {
  const needed = param === '' || param.startsWith(':') || param.includes(' ')
  return needed || ALWAYS_TRAILING.has(command) ? `:${param}` : param
}
