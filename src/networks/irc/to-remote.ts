import type { TextContent } from '../../model/content.ts'
import type { MatrixUserId } from '../../model/ids.ts'
import type { RemoteAction, Target } from '../../model/remote-action.ts'
import { formatAction } from './ctcp.ts'
import { htmlToIrc, sanitizeLine, textToIrc } from './format.ts'
import { msgidOf } from './ids.ts'
import { plainName } from './names.ts'
import type { Part } from './progress.ts'
import { ACTION_BYTES, cutBytes, payloadLimit, splitLines } from './splitter.ts'
import type { SplitLine } from './splitter.ts'

/** The connection that speaks, as far as it decides how something is said. */
export type Voice = {
  nick: string
  user: string | undefined
  host: string | undefined
  lineLen: number
  target: string
  /** Whether a client-only tag reaches others. */
  sendsTag(tag: string): boolean
  multiline: { maxBytes: number; maxLines: number } | undefined
  /** `draft/message-redaction` */
  redacts: boolean
  reactionsAsText: boolean
  /** The present nick of a Matrix user. */
  mention(user: MatrixUserId): string | undefined
  /** Whose words the bot carries. */
  speaker: string | undefined
  /** The nick under which their words can be said (RELAYMSG). */
  relayNick: string | undefined
  now: Date
}

export type Said = { parts: Part[]; note?: string } | { refused: string }

const RECENT_MS = 300_000
const QUOTE_CHARACTERS = 50
const SPEAKER_BYTES = 60

type Saying = Extract<RemoteAction, { kind: 'message' | 'reaction' | 'reaction-removal' | 'redaction' }>

/** What goes to the server for something that is said. */
export function toRemote(action: Saying, voice: Voice): Said {
  switch (action.kind) {
    case 'message': {
      const { content } = action
      if (content.kind !== 'text') return { refused: `IRC has no ${content.kind}.` }
      return message(content, action.replyTo ?? action.threadRoot, voice)
    }
    case 'reaction':
      return reaction(action.target, action.key, voice)
    case 'reaction-removal':
      return reactionRemoval(action, voice)
    default:
      return redaction(action.target, action.reason, voice)
  }
}

/** The text of a message in IRC's own formats. */
export function ircText({ body, html }: TextContent, voice: Voice): string {
  const mention = (user: string) => voice.mention(user as MatrixUserId)
  return html === undefined ? textToIrc(body) : htmlToIrc(html, { mention })
}

function message(content: TextContent, replyTo: Target | undefined, voice: Voice): Said {
  const msgid = replyTo && firstMsgid(replyTo)
  const tagged = msgid !== undefined && sendsReplies(voice)
  const quote = replyTo === undefined || tagged ? '' : quoteOf(replyTo, voice)
  const text = quote + ircText(content, voice)
  const tags = tagged ? replyTags(msgid) : undefined
  const command = content.style === 'notice' ? 'NOTICE' : 'PRIVMSG'
  const emote = content.style === 'emote'
  const { lead, own } = framing(emote, voice)
  const as = command === 'PRIVMSG' ? voice.relayNick : undefined
  const extra = Buffer.byteLength(lead) + (emote ? ACTION_BYTES : 0)
  const nick = as !== undefined && as.length > voice.nick.length ? as : voice.nick
  const lines = splitLines(text, payloadLimit({ ...voice, nick, command, extra }))
  if (lines.length === 0) return { refused: 'There is nothing in it that IRC could show.' }
  const { target } = voice
  const relayed = (line: string): Part => ({
    command: 'RELAYMSG',
    target,
    text: emote ? formatAction(line) : line,
    plain: lead + line,
    ...(as !== undefined && { as }),
  })
  if (as !== undefined) {
    return { parts: lines.map((line, i) => ({ ...relayed(line.text), ...(tags && i === 0 && { tags }) })) }
  }
  if (!own && fitsMultiline(lines, lead, voice)) {
    const [first, ...rest] = lines
    const all = first === undefined ? [] : [{ ...first, text: lead + first.text }, ...rest]
    return { parts: [{ command, target, lines: all, text: joined(all), ...(tags && { tags }) }] }
  }
  return {
    parts: lines.map((line, i) => ({
      command,
      target,
      text: own ? formatAction(line.text) : lead + line.text,
      ...(tags && i === 0 && { tags }),
    })),
  }
}

/** What stands before each line, and whether the line is an action of the speaking connection itself. */
function framing(emote: boolean, voice: Voice): { lead: string; own: boolean } {
  if (voice.speaker === undefined) return { lead: '', own: emote }
  const name = speakerName(voice.speaker)
  return { lead: emote ? `* ${name} ` : `<${name}> `, own: false }
}

/** A name with a break that nobody sees, so that it does not alert a person of the same nick. */
export function speakerName(name: string): string {
  const [first = '', ...rest] = Array.from(plainName(name, SPEAKER_BYTES))
  return rest.length === 0 ? first : `${first}\u200b${rest.join('')}`
}

function fitsMultiline(lines: SplitLine[], lead: string, { multiline }: Voice): boolean {
  if (multiline === undefined || lines.length < 2 || lines.length > multiline.maxLines) return false
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line.text) + (line.concat ? 0 : 1), 0)
  return bytes + Buffer.byteLength(lead) <= multiline.maxBytes
}

const joined = (lines: SplitLine[]) =>
  lines.reduce((text, line, i) => text + (i === 0 || line.concat ? '' : '\n') + line.text, '')

/** How an answer begins where no tag can say what it answers. */
function quoteOf(target: Target, voice: Voice): string {
  const name = target.authorName === undefined ? undefined : plainName(target.authorName, SPEAKER_BYTES)
  if (name === undefined || name === '') return ''
  const recent = voice.now.getTime() - target.at.getTime() < RECENT_MS
  if (target.excerpt === undefined || (recent && !target.own)) return `${name}: `
  return `${name}: "${excerptOf(target)}" <- `
}

function excerptOf(target: Target): string {
  const line = sanitizeLine(target.excerpt ?? '')
  const characters = Array.from(line)
  return characters.length <= QUOTE_CHARACTERS
    ? line
    : `${characters.slice(0, QUOTE_CHARACTERS).join('').trimEnd()}…`
}

function reaction(target: Target, key: string, voice: Voice): Said {
  const msgid = firstMsgid(target)
  if (msgid !== undefined && voice.speaker === undefined && sendsReactions(voice)) {
    const tags = { '+draft/react': sanitizeLine(key), ...replyTags(msgid) }
    return { parts: [{ command: 'TAGMSG', target: voice.target, tags }] }
  }
  if (!voice.reactionsAsText) return { refused: 'Reactions are not shown on this IRC network.' }
  const to = target.authorName === undefined ? '' : ` to ${plainName(target.authorName, SPEAKER_BYTES)}`
  const what = target.excerpt === undefined ? '' : `: "${excerptOf(target)}"`
  const { lead, own } = framing(true, voice)
  const limit = payloadLimit({ ...voice, command: 'PRIVMSG', extra: ACTION_BYTES + Buffer.byteLength(lead) })
  const words = cutBytes(`reacted ${sanitizeLine(key)}${to}${what}`, limit)
  const text = own ? formatAction(words) : lead + words
  return { parts: [{ command: 'PRIVMSG', target: voice.target, text }] }
}

function reactionRemoval(action: Extract<Saying, { kind: 'reaction-removal' }>, voice: Voice): Said {
  const msgid = firstMsgid(action.target)
  if (msgid === undefined || voice.speaker !== undefined || !sendsReactions(voice)) {
    return { parts: [], note: 'IRC was not told that the reaction is taken back.' }
  }
  const tags = { '+draft/unreact': sanitizeLine(action.key), ...replyTags(msgid) }
  return { parts: [{ command: 'TAGMSG', target: voice.target, tags }] }
}

function redaction(target: Target, reason: string | undefined, voice: Voice): Said {
  const msgids = target.remoteIds.flatMap((id) => msgidOf(id) ?? [])
  if (!voice.redacts || msgids.length === 0)
    return { refused: 'IRC keeps what was said: the text stays there.' }
  const words = sanitizeLine(reason ?? '')
  return {
    parts: msgids.map((msgid) => ({
      command: 'REDACT',
      target: voice.target,
      params: words === '' ? [msgid] : [msgid, cutBytes(words, 200)],
    })),
  }
}

const firstMsgid = (target: Target) => {
  const [first] = target.remoteIds
  return first === undefined ? undefined : msgidOf(first)
}

// Clients in the wild read one or the other name of the tag.
const replyTags = (msgid: string) => ({ '+reply': msgid, '+draft/reply': msgid })

export const sendsReplies = (voice: Pick<Voice, 'sendsTag'>) =>
  voice.sendsTag('reply') || voice.sendsTag('draft/reply')

export const sendsReactions = (voice: Pick<Voice, 'sendsTag'>) =>
  voice.sendsTag('draft/react') && sendsReplies(voice)
