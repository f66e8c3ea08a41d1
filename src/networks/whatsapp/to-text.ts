import type { proto } from '@whiskeysockets/baileys'
import type { Mention, RichText, TextContent } from '../../model/content.ts'
import { isSelf } from './names.ts'
import { addressOf, ownId } from './message-key.ts'
import { writeLines } from './markup-lines.ts'
import { toUserId } from './ids.ts'
import { toMarkup, toPlain } from './to-markup.ts'
import type { WaText } from './to-markup.ts'
import type { Voice } from './voice.ts'

/** What was written on Matrix, as WhatsApp takes it. */
export function toText(text: RichText, mentions: readonly Mention[], voice: Voice): WaText {
  const found = new Map(
    mentions.flatMap(({ user, remote }) => (remote === undefined ? [] : [[user as string, remote]])),
  )
  const addresses = new Map([...found].map(([user, remote]) => [user, addressOf(voice, remote)] as const))
  if (text.html === undefined) return plainWithMentions(text.body, mentions, addresses)
  return toMarkup(text.html, { mention: (user) => addresses.get(user) })
}

/** Who is mentioned without a pill is told so all the same (MSC3952): where the text has their name, by digits. */
function plainWithMentions(
  body: string,
  mentions: readonly Mention[],
  addresses: ReadonlyMap<string, string>,
): WaText {
  let text = toPlain(body)
  const mentioned: string[] = []
  for (const { user, name } of mentions) {
    const address = addresses.get(user)
    if (address === undefined) continue
    mentioned.push(address)
    const at = `@${address.slice(0, address.indexOf('@'))}`
    const names = [name === undefined ? undefined : `@${name}`, name, user]
    const named = names.find((each) => each !== undefined && each !== '' && text.includes(each))
    if (named !== undefined) text = text.replace(named, () => at)
  }
  return { text, mentioned }
}

/** Whose words they are, when the account carries those of others. */
export function leadOf({ speaker }: Voice, style: TextContent['style'] = 'text'): string {
  if (speaker === undefined || speaker.trim() === '') return ''
  const name = speaker.replace(/\s+/g, ' ').trim()
  const bold = writeLines([{ prefix: '', runs: [{ text: name, styles: new Set(['bold'] as const) }] }])
  return style === 'emote' ? `${bold} ` : `${bold}: `
}

/** Text with what stands before it; an emote of the account's owner is in italics, having no name before it. */
export function spoken({ text, mentioned }: WaText, style: TextContent['style'], voice: Voice): WaText {
  const lead = leadOf(voice, style)
  if (lead !== '' || style !== 'emote' || text.trim() === '') return { text: lead + text, mentioned }
  const marked = text
    .split('\n')
    .map((line) => (line.trim() === '' || /_|^(?:> |[-*] |```)/.test(line) ? line : `_${line.trim()}_`))
    .join('\n')
  return { text: marked, mentioned }
}

/** What goes with every message: whom it mentions, that it disappears. */
export function contextFor(
  voice: Voice,
  { mentioned = [], everybody = false }: { mentioned?: readonly string[]; everybody?: boolean } = {},
): proto.IContextInfo {
  const seconds = voice.disappearingSeconds ?? 0
  return {
    ...(mentioned.length > 0 && { mentionedJid: [...mentioned] }),
    ...(everybody && { nonJidMentions: 1 }),
    ...(seconds > 0 && { expiration: seconds }),
  }
}

/** The address of whoever wrote what is answered. */
export function authorAddress(voice: Voice, key: proto.IMessageKey): string {
  if (key.fromMe === true) return addressOf(voice, ownId(voice))
  const user = toUserId(key.participant ?? voice.jid)
  return user === undefined || isSelf(voice, user) ? addressOf(voice, ownId(voice)) : addressOf(voice, user)
}
