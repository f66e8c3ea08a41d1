import { WAMessageStubType as Stub } from '@whiskeysockets/baileys'
import type { proto } from '@whiskeysockets/baileys'
import { escapeHtml, sanitize } from '../../matrix/html.ts'
import { fromMarkup } from '../../networks/whatsapp/from-markup.ts'
import { mediaWords } from '../../networks/whatsapp/from-media.ts'
import { optionId, pollOf } from '../../networks/whatsapp/from-poll.ts'
import { unwrap } from '../../networks/whatsapp/unwrap.ts'
import { readWaveform } from '../../networks/whatsapp/waveform.ts'
import type { SimAccount } from '../../../test/sim/whatsapp/world/account.ts'
import { excerpt } from '../item.ts'
import type { Item, MediaView, PollView, Reaction } from '../item.ts'
import type { Said } from './memory.ts'
import { memberAt } from './people.ts'
import type { People } from './people.ts'

/** How the page names a message. */
export const itemId = ({ id }: Said): string => `wa-${id}`

/** A message as its reader's phone shows it; undefined for what phones do not show. */
export function whatsappItem(people: People, owner: SimAccount, said: Said): Item | undefined {
  const { author, content, context, deleted, edited, message } = said
  const base = {
    id: itemId(said),
    from: author.name,
    mine: author === owner,
    at: said.at,
    chips: [],
    reactions: deleted ? [] : reactionsOf(said, owner),
    raw: JSON.stringify(message, plain, 1),
  }
  if (message.messageStubType) {
    const words = stubWords(message, author)
    return words === undefined ? undefined : { ...base, kind: 'event', text: words, html: escapeHtml(words) }
  }
  const poll = pollOf(content)
  const file = fileOf(said)
  if (!poll && file === undefined && textOf(content) === '') return undefined
  const { body, html } = fromMarkup(textOf(content))
  const quoted = context?.quotedMessage && unwrap(context.quotedMessage).content
  const asked = memberAt(people, context?.participant)
  return {
    ...base,
    kind: poll ? 'poll' : (file?.kind ?? 'text'),
    text: poll?.name ?? body,
    html: html === undefined ? escapeHtml(body).replaceAll('\n', '<br>') : sanitize(html),
    ...(file && { media: file.view }),
    ...(poll && { poll: pollView(poll, said, owner) }),
    ...(edited && { edited }),
    ...(deleted && { redacted: true }),
    ...(quoted && { reply: { from: asked?.name ?? '', text: excerpt(wordsOf(quoted)) } }),
    ...(author === owner && { readBy: [...said.readers].map(({ name }) => name), arrived: said.arrived }),
  }
}

const textOf = (content: proto.IMessage): string =>
  content.conversation ??
  content.extendedTextMessage?.text ??
  content.imageMessage?.caption ??
  content.videoMessage?.caption ??
  content.documentMessage?.caption ??
  ''

const wordsOf = (content: proto.IMessage): string =>
  fromMarkup(textOf(content)).body || pollOf(content)?.name || mediaWords(content) || 'a message'

function reactionsOf({ reactions }: Said, owner: SimAccount): Reaction[] {
  const found = new Map<string, Reaction>()
  for (const [by, key] of reactions) {
    const known = found.get(key) ?? { key, by: [], mine: false }
    known.by.push(by.name)
    known.mine ||= by === owner
    found.set(key, known)
  }
  return [...found.values()]
}

function fileOf({ id, content }: Said): { kind: Item['kind']; view: MediaView } | undefined {
  const { imageMessage, videoMessage, audioMessage, documentMessage, stickerMessage } = content
  const url = `media/whatsapp/${id}`
  if (imageMessage) return { kind: 'image', view: { url, name: 'photo' } }
  if (stickerMessage) return { kind: 'sticker', view: { url, name: 'sticker' } }
  if (videoMessage) return { kind: 'file', view: { url, name: 'video' } }
  if (documentMessage) return { kind: 'file', view: { url, name: documentMessage.fileName ?? 'file' } }
  if (!audioMessage) return undefined
  if (audioMessage.ptt !== true) return { kind: 'file', view: { url, name: 'audio' } }
  const waveform = readWaveform(audioMessage.waveform ?? new Uint8Array())
  return {
    kind: 'voice',
    view: { url, name: 'voice message', durationMs: (audioMessage.seconds ?? 0) * 1_000, waveform },
  }
}

function pollView(poll: proto.Message.IPollCreationMessage, { votes }: Said, owner: SimAccount): PollView {
  const own = votes.get(owner) ?? []
  return {
    question: poll.name ?? '',
    options: (poll.options ?? []).map(({ optionName }, i) => {
      const hash = optionId(optionName ?? '')
      const chosen = [...votes.values()].filter((options) => options.includes(hash))
      return { id: String(i), text: optionName ?? '', votes: chosen.length, mine: own.includes(hash) }
    }),
    voters: votes.size,
    ended: false,
  }
}

/** What the server told of the group, in words; undefined for what need not be shown. */
function stubWords(
  { messageStubType, messageStubParameters }: Said['message'],
  { name }: SimAccount,
): string | undefined {
  const [first = ''] = messageStubParameters ?? []
  switch (messageStubType) {
    case Stub.GROUP_CREATE:
      return `${name} created the group`
    case Stub.GROUP_CHANGE_SUBJECT:
      return `${name} named it “${first}”`
    case Stub.GROUP_CHANGE_DESCRIPTION:
      return `${name} changed the description`
    case Stub.GROUP_CHANGE_ICON:
      return `${name} changed the picture`
    case Stub.GROUP_PARTICIPANT_LEAVE:
    case Stub.GROUP_PARTICIPANT_REMOVE:
      return `${name} left, or removed somebody`
    default:
      return undefined
  }
}

/** Bytes as text, and numbers of 64 bits as numbers: what protobuf has no JSON for. */
function plain(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  const { type, data, low, high, toNumber } = value as Record<string, unknown>
  if (type === 'Buffer' && Array.isArray(data)) return Buffer.from(data as number[]).toString('base64')
  return typeof low === 'number' && typeof high === 'number' && typeof toNumber === 'function'
    ? high * 2 ** 32 + (low >>> 0)
    : value
}
