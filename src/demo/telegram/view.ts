import type { tl } from '@mtcute/core'
import { escapeHtml, sanitize } from '../../matrix/html.ts'
import { matrixUserId } from '../../model/ids.ts'
import { fromEntities } from '../../networks/telegram/from-entities.ts'
import { readWaveform } from '../../networks/telegram/waveform.ts'
import type { TlObject } from '../../../test/sim/telegram/contract.ts'
import type { Account, Media, Post } from '../../../test/sim/telegram/world/index.ts'
import { isSticker, isVoice } from '../../../test/sim/telegram/world/media.ts'
import { optionKey } from '../../../test/sim/telegram/world/poll.ts'
import type { Realm } from '../../../test/sim/telegram/world/realm.ts'
import { reactionKey } from '../../../test/sim/telegram/world/reactions.ts'
import { messageTl } from '../../../test/sim/telegram/world/render/message.ts'
import { viewOf } from '../../../test/sim/telegram/world/view.ts'
import { excerpt } from '../item.ts'
import type { Item, MediaView, PollView, Reaction } from '../item.ts'
import { nameOf } from './people.ts'
import { serviceWords } from './service-words.ts'

/** How the page names a message. */
export const itemId = (post: Post): string => `tg-${post.globalId}`

/** A message as a person's phone shows it; undefined for service messages that phones do not show. */
export function telegramItem(realm: Realm, viewer: Account, post: Post): Item | undefined {
  const object = messageTl(viewOf(realm, viewer), post)
  const base = {
    id: itemId(post),
    from: nameOf(post.author),
    mine: post.author === viewer,
    at: post.date * 1_000,
    chips: [],
    reactions: reactionsOf(post, viewer),
    raw: JSON.stringify(object, plain, 1),
  }
  const action = post.action?.(viewOf(realm, viewer))
  if (action !== undefined) {
    const words = serviceWords(action, post)
    return words === undefined ? undefined : { ...base, kind: 'event', text: words, html: escapeHtml(words) }
  }
  const { media, replyTo } = post
  const file = media && fileOf(media, post)
  const poll = media?.kind === 'poll' ? pollOf(media, viewer, realm.now()) : undefined
  return {
    ...base,
    kind: file?.kind ?? (poll ? 'poll' : 'text'),
    text: poll?.question ?? post.text,
    html: htmlOf(post),
    ...(file && { media: file.view }),
    ...(poll && { poll }),
    ...(post.editDate !== undefined && { edited: true }),
    ...(replyTo && { reply: { from: nameOf(replyTo.post.author), text: excerpt(wordsOf(replyTo.post)) } }),
    readBy: [...post.readBy.keys()].filter((reader) => reader !== post.author).map(nameOf),
  }
}

function htmlOf({ text, entities }: Post): string {
  const shown = entities.map(entityOf)
  const { html } = fromEntities(text, shown, {
    userIdOf: matrixUserId,
    userOfName: () => undefined,
    emojiPicture: () => undefined,
  })
  return html === undefined ? escapeHtml(text).replaceAll('\n', '<br>') : sanitize(html)
}

/** The server's objects differ from mtcute's in the case of their names only; who is named is shown, not linked. */
function entityOf(entity: TlObject): tl.TypeMessageEntity {
  const isMention = entity._ === 'messageEntityMention' || entity._ === 'messageEntityMentionName'
  return { ...entity, ...(isMention && { _: 'messageEntityBold' }) } as unknown as tl.TypeMessageEntity
}

function wordsOf({ text, media }: Post): string {
  if (text !== '') return text
  switch (media?.kind) {
    case 'photo':
      return 'a photo'
    case 'poll':
      return textOf(media.poll.fields.question)
    case 'document':
      return isVoice(media.document) ? 'a voice message' : isSticker(media.document) ? 'a sticker' : 'a file'
    default:
      return 'a message'
  }
}

function reactionsOf(post: Post, viewer: Account): Reaction[] {
  const found = new Map<string, Reaction>()
  for (const [account, { reactions }] of post.reactions) {
    for (const key of reactions.map(reactionKey)) {
      const known = found.get(key) ?? { key, by: [], mine: false }
      known.by.push(nameOf(account))
      known.mine ||= account === viewer
      found.set(key, known)
    }
  }
  return [...found.values()]
}

function fileOf(media: Media, post: Post): { kind: Item['kind']; view: MediaView } | undefined {
  const url = `media/telegram/${post.globalId}`
  if (media.kind === 'photo') return { kind: 'image', view: { url, name: 'photo.jpg' } }
  if (media.kind !== 'document') return undefined
  const { document } = media
  const attribute = (name: string) => document.attributes.find(({ _ }) => _ === name)
  const fileName = attribute('documentAttributeFilename')?.['file_name']
  const name = typeof fileName === 'string' ? fileName : 'file'
  if (isSticker(document)) return { kind: 'sticker', view: { url, name } }
  if (!isVoice(document)) return { kind: 'file', view: { url, name } }
  const audio = attribute('documentAttributeAudio')
  const duration = audio?.['duration']
  const packed = audio?.['waveform']
  const heights = packed instanceof Uint8Array ? readWaveform(packed) : []
  const durationMs = typeof duration === 'number' ? duration * 1_000 : 0
  return { kind: 'voice', view: { url, name, durationMs, waveform: heights } }
}

function pollOf({ poll }: Extract<Media, { kind: 'poll' }>, viewer: Account, now: number): PollView {
  const own = poll.votes.get(viewer)?.options ?? []
  return {
    question: textOf(poll.fields.question),
    options: poll.fields.answers.map(({ text, option }, i) => ({
      id: String(i),
      text: textOf(text),
      votes: poll.votersOf(optionKey(option)).length,
      mine: own.includes(optionKey(option)),
    })),
    voters: poll.votes.size,
    ended: poll.isClosed(now),
  }
}

const textOf = ({ text }: TlObject): string => (typeof text === 'string' ? text : '')

const plain = (_: string, value: unknown): unknown =>
  typeof value === 'bigint'
    ? String(value)
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('base64')
      : value
