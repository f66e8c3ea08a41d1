import type { TextContent } from '../../model/content.ts'
import { remoteMessageId } from '../../model/ids.ts'
import type { RemoteMessageId } from '../../model/ids.ts'
import { isBatch, multilineText } from './batch.ts'
import type { Batch } from './batch.ts'
import { parseCtcp } from './ctcp.ts'
import type { Ctcp } from './ctcp.ts'
import { ircToRich } from './format.ts'
import type { RichOptions } from './format.ts'
import type { IrcMessage, IrcSource } from './wire.ts'

/** Something that somebody said or did with tags: a line, or a multiline batch. */
export type Said = {
  command: 'PRIVMSG' | 'NOTICE' | 'TAGMSG'
  source: IrcSource
  target: string
  text: string
  tags: Record<string, string>
}

const SKEW_MS = 5 * 60_000

/** Reads what was said; undefined for everything else, and for lines that lack what they need. */
export function readSaid(item: IrcMessage | Batch): Said | undefined {
  if (isBatch(item)) {
    const [first] = item.items
    const [target] = item.params
    if (item.batch !== 'draft/multiline' || first === undefined || isBatch(first) || target === undefined) {
      return undefined
    }
    const { command, source } = first
    if ((command !== 'PRIVMSG' && command !== 'NOTICE') || !source?.nick) return undefined
    return { command, source, target, text: multilineText(item), tags: item.tags }
  }
  const { command, source, params, tags } = item
  const [target, text] = params
  if (source === undefined || source.nick === '' || !target) return undefined
  if (command === 'TAGMSG') return { command, source, target, text: '', tags }
  if ((command !== 'PRIVMSG' && command !== 'NOTICE') || text === undefined) return undefined
  return { command, source, target, text, tags }
}

/** The nick of the connection that said it, which for RELAYMSG is not the one it was said under. */
export const speakerOf = ({ source, tags }: Said) => tags['draft/relaymsg'] || source.nick

/** A CTCP request or answer; ACTION is none, it is said. */
export function ctcpOf(said: Said): Ctcp | undefined {
  const ctcp = said.command === 'TAGMSG' ? undefined : parseCtcp(said.text)
  return ctcp?.command === 'ACTION' ? undefined : ctcp
}

/** What was said, as Matrix shows it; undefined when nothing is to be seen of it. `status`: only those heard it. */
export function contentOf(
  said: Said,
  o: RichOptions & { status?: string | undefined },
): TextContent | undefined {
  const ctcp = parseCtcp(said.text)
  const action = ctcp?.command === 'ACTION'
  const { body, html, mentions } = ircToRich(action ? ctcp.args : said.text, o)
  if (body === '') return undefined
  const only = o.status === undefined ? '' : `(to ${o.status}) `
  const notice = said.command === 'NOTICE' || 'bot' in said.tags
  return {
    kind: 'text',
    style: action ? 'emote' : notice ? 'notice' : 'text',
    body: only + body,
    ...(html !== undefined && { html: only + html }),
    ...(mentions.length > 0 && { mentions }),
  }
}

/** The time a line carries, where it is near ours or comes from history; otherwise ours. */
export function timeOf(tags: Record<string, string>, now: Date, fromHistory: boolean): Date {
  const at = Date.parse(tags['time'] ?? '')
  if (Number.isNaN(at)) return now
  return fromHistory || Math.abs(at - now.getTime()) <= SKEW_MS ? new Date(at) : now
}

/** The message that a line answers, reacts to or takes a reaction from. */
export function replyOf(tags: Record<string, string>): RemoteMessageId | undefined {
  const msgid = tags['+reply'] ?? tags['+draft/reply']
  return msgid === undefined || msgid === '' ? undefined : remoteMessageId(msgid)
}

/** A reaction put or taken back by a line. */
export function reactionOf(
  tags: Record<string, string>,
): { kind: 'reaction' | 'reaction-removal'; target: RemoteMessageId; key: string } | undefined {
  const target = replyOf(tags)
  const put = tags['+draft/react']
  const taken = tags['+draft/unreact']
  if (target === undefined) return undefined
  if (put !== undefined && put !== '') return { kind: 'reaction', target, key: cutKey(put) }
  return taken === undefined || taken === ''
    ? undefined
    : { kind: 'reaction-removal', target, key: cutKey(taken) }
}

const MAX_KEY_CHARACTERS = 100

const cutKey = (key: string) => Array.from(key.toWellFormed()).slice(0, MAX_KEY_CHARACTERS).join('')
