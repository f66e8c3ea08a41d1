/** One line of the IRC protocol, with IRCv3 message tags. */
export interface IrcLine {
  readonly tags: Readonly<Record<string, string>>
  /** Prefix as sent, without the colon: a server name or `nick!user@host`; empty when absent. */
  readonly source: string
  readonly nick: string
  readonly command: string
  readonly params: readonly string[]
  readonly raw: string
}

const tagEscapes: Readonly<Record<string, string>> = { ':': ';', s: ' ', '\\': '\\', r: '\r', n: '\n' }

/** Parses a line without its line end (modern IRC client protocol, message tags specification). */
export function parseIrcLine(raw: string): IrcLine {
  const match = /^(?:@(\S+) +)?(?::(\S+) +)?(\S+)(.*)$/s.exec(raw)
  if (match === null) return { tags: {}, source: '', nick: '', command: '', params: [], raw }
  const [, tagText = '', source = '', command = '', rest = ''] = match
  const trailing = / :(.*)$/s.exec(rest)
  const middle = trailing === null ? rest : rest.slice(0, trailing.index)
  const params = middle.split(' ').filter((param) => param !== '')
  if (trailing !== null) params.push(trailing[1] ?? '')
  const nick = source.split('!')[0] ?? ''
  return { tags: parseTags(tagText), source, nick, command: command.toUpperCase(), params, raw }
}

function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const pair of text.split(';').filter((part) => part !== '')) {
    const [key = '', ...value] = pair.split('=')
    tags[key] = value.join('=').replace(/\\(.?)/gs, (_, letter: string) => tagEscapes[letter] ?? letter)
  }
  return tags
}

/** Writes tags as the `@…` part of a line, with the space after it; empty without tags. */
export function formatTags(tags: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(tags).map(([key, value]) =>
    value === '' ? key : `${key}=${escapeTag(value)}`,
  )
  return pairs.length === 0 ? '' : `@${pairs.join(';')} `
}

function escapeTag(value: string): string {
  return value.replace(/[; \\\r\n]/g, (found) => {
    const letter = Object.keys(tagEscapes).find((key) => tagEscapes[key] === found) ?? ''
    return `\\${letter}`
  })
}
