import type { Mention, RichText, TextContent } from '../../model/content.ts'
import type { Target } from '../../model/remote-action.ts'
import type { TgReply } from './call.ts'
import { GENERAL_TOPIC, numberFor, parseUserId } from './ids.ts'
import { QUOTE_LENGTH } from './limits.ts'
import { codePoints, joined, marked, part, plain, trimmed } from './spans.ts'
import type { TgText } from './spans.ts'
import { toEntities, toPlain } from './to-entities.ts'
import type { TgMention } from './to-entities.ts'
import type { Voice } from './voice.ts'

const LONGEST_NAME = 60

/** Text of Matrix with its formats; people who are named in it can be reached where the account knows them. */
export function toText({ body, html }: RichText, mentions: readonly Mention[], voice: Voice): TgText {
  if (html === undefined) return toPlain(body)
  const mention = (user: string): TgMention | undefined => {
    const remote = mentions.find((each) => each.user === user)?.remote
    const person = remote === undefined ? undefined : parseUserId(remote)
    if (person?.kind !== 'user') return undefined
    const input = voice.inputUser(person.id)
    if (input !== undefined) return { user: input }
    const username = voice.usernameOf(person.id)
    return username === undefined ? undefined : { username }
  }
  const text = toEntities(html, { mention })
  return text.text === '' ? toPlain(body) : text
}

/** What somebody says. Telegram knows no actions: the account's own stand in italics. */
export function styled(text: TgText, style: TextContent['style'], voice: Voice): TgText {
  if (style !== 'emote' || voice.speaker !== undefined || text.text === '') return text
  const whole = marked(text.text, 'messageEntityItalic').entities
  return { text: text.text, entities: [...whole, ...text.entities] }
}

/** Whose words they are, before the words; nothing when they are the account's own. */
export function leadOf(voice: Voice, style: TextContent['style'] = 'text'): TgText {
  if (voice.speaker === undefined) return plain('')
  const name = marked(speakerName(voice.speaker), 'messageEntityBold')
  return style === 'emote' ? joined(plain('* '), name, plain(' ')) : joined(name, plain(': '))
}

function speakerName(name: string): string {
  const line = name.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ').trim()
  const short = Array.from(line.toWellFormed()).slice(0, LONGEST_NAME).join('')
  return short === '' ? 'Somebody' : short
}

/** What a message answers, and what has to be said before it where the account has no number for that. */
export function replyTo(target: Target | undefined, voice: Voice): { reply: TgReply; lead: TgText } {
  const { topic: at } = voice.chat
  const topic = at === undefined || at === GENERAL_TOPIC ? {} : { topic: at }
  const to = target === undefined ? undefined : numberFor(target.remoteIds, voice.chat, voice.account)
  if (to !== undefined) return { reply: { to, ...topic }, lead: plain('') }
  return { reply: topic, lead: target === undefined ? plain('') : inWords(target) }
}

/** The beginning of what is answered, as a quote. */
function inWords({ authorName, excerpt }: Target): TgText {
  const said = (excerpt ?? '').trim()
  const name = authorName === undefined ? '' : speakerName(authorName)
  const text = [name, said].filter((each) => each !== '').join(': ')
  if (text === '') return plain('')
  return joined(
    { text, entities: [{ _: 'messageEntityBlockquote', offset: 0, length: text.length }] },
    plain('\n'),
  )
}

/**
 * A text that begins with a quote of the very message that it answers: the quote goes into the reply, where Telegram
 * shows the passage itself. Everything else stays a quote in the text.
 */
export function quoteFrom(
  text: TgText,
  target: Target | undefined,
  reply: TgReply,
): { text: TgText; reply: TgReply } {
  const first = text.entities.find(({ offset }) => offset === 0)
  const block = first?._ === 'messageEntityBlockquote' ? first : undefined
  if (block === undefined || target?.excerpt === undefined || reply.to === undefined) return { text, reply }
  const inside = part({ ...text, entities: text.entities.filter((each) => each !== block) }, 0, block.length)
  const quote = trimmed(inside)
  const rest = trimmed(part(text, block.length, text.text.length))
  const whole = target.excerpt.replace(/…$/, '')
  const isTheirs = quote.text !== '' && whole.includes(quote.text) && quote.text.length < whole.length
  if (!isTheirs || rest.text === '' || codePoints(quote.text) > QUOTE_LENGTH) return { text, reply }
  return { text: rest, reply: { ...reply, quote } }
}
