import type { proto } from '@whiskeysockets/baileys'
import type {
  ContactContent,
  LocationContent,
  MediaContent,
  MessageContent,
  TextContent,
} from '../../model/content.ts'
import type { RemoteAction, Target } from '../../model/remote-action.ts'
import { refusedPlan } from './call.ts'
import type { WaCall, WaPlan } from './call.ts'
import { TEXT_LIMIT } from './limits.ts'
import { keysOf } from './message-key.ts'
import { cleanName } from './names.ts'
import { split } from './split.ts'
import { toPlain } from './to-markup.ts'
import type { WaText } from './to-markup.ts'
import { pollTrouble, pollWords, toPoll } from './to-poll.ts'
import { authorAddress, contextFor, leadOf, spoken, toText } from './to-text.ts'
import { takesCaption, toUpload } from './to-upload.ts'
import type { Voice } from './voice.ts'

type Message = Extract<RemoteAction, { kind: 'message' }>

const NOTHING = 'There is nothing in it that WhatsApp could show.'

/** The messages that a message of Matrix becomes: mostly one. */
export function toMessage(action: Message, voice: Voice): WaPlan {
  const { content } = action
  const reply = replyContext(action.replyTo ?? action.threadRoot, voice)
  switch (content.kind) {
    case 'text':
      return texts(toText(content, content.mentions ?? [], voice), content, reply, voice)
    case 'media':
      return media(content, reply, voice)
    case 'location':
      return withSpeaker(location(content, { ...contextFor(voice), ...reply }), voice)
    case 'contact':
      return withSpeaker(contacts(content, { ...contextFor(voice), ...reply }), voice)
    case 'poll': {
      const trouble = pollTrouble(content)
      if (trouble !== undefined) {
        const plan = texts(plain(pollWords(content)), { style: 'text' }, reply, voice)
        return 'refused' in plan ? plan : { ...plan, note: trouble }
      }
      const { message, optionIds } = toPoll(content, voice.secret, { ...contextFor(voice), ...reply })
      const nodes = [{ tag: 'meta', attrs: { polltype: 'creation' } }]
      const plan = withSpeaker(message, voice, { nodes })
      return 'refused' in plan ? plan : { ...plan, optionIds }
    }
    case 'unsupported':
      return texts(plain(content.text), { style: 'emote' }, reply, voice)
  }
}

export const plain = (body: string): WaText => ({ text: toPlain(body), mentioned: [] })

/** What a message answers, with its first words: the app shows them also where it does not have the message. */
export function replyContext(target: Target | undefined, voice: Voice): proto.IContextInfo {
  const [key] = target === undefined ? [] : keysOf(voice, target.remoteIds)
  if (target === undefined || !key?.id) return {}
  return {
    stanzaId: key.id,
    participant: authorAddress(voice, key),
    quotedMessage: { conversation: target.excerpt ?? '' },
  }
}

function texts(
  text: WaText,
  { style, mentionsRoom, previews }: Pick<TextContent, 'style' | 'mentionsRoom' | 'previews'>,
  reply: proto.IContextInfo,
  voice: Voice,
): WaPlan {
  const said = spoken(text, style, voice)
  const parts = text.text.trim() === '' ? [] : split(said.text, TEXT_LIMIT)
  if (parts.length === 0) return refusedPlan(NOTHING)
  const options = { mentioned: said.mentioned, everybody: mentionsRoom === true }
  return {
    calls: parts.map((part, i) => {
      const context = { ...contextFor(voice, options), ...(i === 0 && reply) }
      return shown(textMessage(part, context, i === 0 ? previews : undefined))
    }),
  }
}

export const shown = (message: proto.IMessage): WaCall => ({ kind: 'send', message, shown: true })

/** Text as the app has it; with what the sender saw beside a link in it (MSC4095). */
export function textMessage(
  text: string,
  contextInfo: proto.IContextInfo,
  previews?: TextContent['previews'],
): proto.IMessage {
  const preview = previews?.find(({ url, title }) => text.includes(url) && (title ?? '') !== '')
  return {
    extendedTextMessage: {
      text,
      ...(preview !== undefined && {
        matchedText: preview.url,
        title: preview.title ?? '',
        ...(preview.description !== undefined && { description: preview.description }),
      }),
      ...(Object.keys(contextInfo).length > 0 && { contextInfo }),
    },
  }
}

/** The attachment with its caption; what can stand under none goes as text before it. */
function media(content: MediaContent, reply: proto.IContextInfo, voice: Voice): WaPlan {
  const { upload, note } = toUpload(content)
  const said = spoken(toText(content.caption ?? { body: '' }, content.mentions ?? [], voice), 'text', voice)
  const context = { ...contextFor(voice, said), ...reply }
  const noted = note === undefined ? {} : { note }
  if (takesCaption(upload) && said.text.length <= TEXT_LIMIT)
    return { calls: [{ kind: 'upload', upload, caption: said.text, context }], ...noted }
  const words = split(said.text, TEXT_LIMIT).map((part) => shown(textMessage(part, contextFor(voice, said))))
  const alone = { ...contextFor(voice), ...reply }
  return { calls: [...words, { kind: 'upload', upload, caption: '', context: alone }], ...noted }
}

/** What takes no words: whose it is goes before it. */
function withSpeaker(
  message: proto.IMessage,
  voice: Voice,
  extra: Pick<Extract<WaCall, { kind: 'send' }>, 'nodes'> = {},
): WaPlan {
  const lead = leadOf(voice).trimEnd()
  const before = lead === '' ? [] : [shown(textMessage(lead, contextFor(voice)))]
  return { calls: [...before, { kind: 'send', message, shown: true, ...extra }] }
}

function location(
  { latitude, longitude, name }: LocationContent,
  contextInfo: proto.IContextInfo,
): proto.IMessage {
  const [title = '', ...address] = cleanName(name ?? '').split(', ')
  return {
    locationMessage: {
      degreesLatitude: latitude,
      degreesLongitude: longitude,
      ...(title !== '' && { name: title }),
      ...(address.length > 0 && { address: address.join(', ') }),
      ...(Object.keys(contextInfo).length > 0 && { contextInfo }),
    },
  }
}

function contacts({ contacts: all }: ContactContent, contextInfo: proto.IContextInfo): proto.IMessage {
  const cards = all.map(({ name, phones, vcard }) => ({
    displayName: cleanName(name),
    vcard: vcard !== undefined && /^BEGIN:VCARD/i.test(vcard) ? vcard : toCard(name, phones),
  }))
  const context = Object.keys(contextInfo).length > 0 ? { contextInfo } : {}
  const [first] = cards
  if (cards.length === 1 && first !== undefined) return { contactMessage: { ...first, ...context } }
  const displayName = `${cards.length} contacts`
  return { contactsArrayMessage: { displayName, contacts: cards, ...context } }
}

/** RFC 2426; `waid` is the number by which the app finds the person. */
function toCard(name: string, phones: readonly string[]): string {
  const escaped = cleanName(name).replace(/[\\;,]/g, '\\$&')
  const numbers = phones.map((phone) => {
    const digits = phone.replace(/\D/g, '')
    return `TEL;type=CELL;waid=${digits}:${phone.replace(/[^\d+() .-]/g, '')}`
  })
  return ['BEGIN:VCARD', 'VERSION:3.0', `N:;${escaped};;;`, `FN:${escaped}`, ...numbers, 'END:VCARD'].join(
    '\n',
  )
}

/** The text of a message in one piece, for an edit; undefined when it has no text. */
export function textOf(content: MessageContent, voice: Voice): WaText | undefined {
  switch (content.kind) {
    case 'text':
      return spoken(toText(content, content.mentions ?? [], voice), content.style, voice)
    case 'media':
      return spoken(toText(content.caption ?? { body: '' }, content.mentions ?? [], voice), 'text', voice)
    case 'unsupported':
      return spoken(plain(content.text), 'emote', voice)
    default:
      return undefined
  }
}
