import { z } from 'zod'
import { toEntities } from '../../networks/telegram/to-entities.ts'
import { writeWaveform } from '../../networks/telegram/waveform.ts'
import type { TlObject } from '../../../test/sim/telegram/contract.ts'
import { optionKey } from '../../../test/sim/telegram/world/poll.ts'
import type { Account, Media, Post, SimWorld } from '../../../test/sim/telegram/world/index.ts'
import { action } from '../action.ts'
import type { Actions } from '../action.ts'
import type { Attachment } from '../item.ts'
import { fromMarkup } from '../markup.ts'
import type { Samples } from '../samples.ts'
import type { Spot } from './people.ts'

const LONGEST_TEXT = 4_096
const place = z.string()
const who = z.string()
const item = z.string()
const text = z.string().trim().min(1).max(LONGEST_TEXT)
const spot = { place, who }
const message = { ...spot, item }

/** Finds what the page names. All but `spot` throw Unable when it is not there. */
export type Finder = {
  spot(place: string): Spot
  person(name: string): Account
  post(place: string, item: string): Post
}

type Words = { text: string; entities: readonly TlObject[] }

/** What was typed, as a client sends it. */
export function wordsOf(typed: string): Words {
  const { body, html } = fromMarkup(typed)
  if (html === undefined) return { text: body, entities: [] }
  const marked = toEntities(html, { mention: () => undefined })
  // These have the same names here as on the wire.
  return { text: marked.text, entities: marked.entities as unknown as TlObject[] }
}

/** What people do with their phones. Errors of the server's go to whoever looks at the page. */
export function telegramActions(world: SimWorld, find: Finder, samples: Samples): Actions {
  const said = (input: { place: string; who: string }, what: { media: Media } | Words, replyTo?: Post) => {
    const { chat, topic } = find.spot(input.place)
    const where = topic === undefined ? {} : { topic }
    world.say(find.person(input.who), chat, { ...what, ...where, ...(replyTo && { replyTo }) })
  }
  return {
    say: action(z.object({ ...spot, text, replyTo: item.optional() }), async (input) => {
      const parent = input.replyTo === undefined ? undefined : find.post(input.place, input.replyTo)
      said(input, wordsOf(input.text), parent)
    }),
    edit: action(z.object({ ...message, text }), async (input) => {
      const words = wordsOf(input.text)
      world.edit(find.person(input.who), find.post(input.place, input.item), words.text, words.entities)
    }),
    redact: action(z.object(message), async (input) =>
      world.remove(find.person(input.who), find.post(input.place, input.item)),
    ),
    react: action(z.object({ ...message, key: z.string().min(1).max(40) }), async (input) =>
      react(world, find.person(input.who), find.post(input.place, input.item), input.key),
    ),
    poll: action(
      z.object({
        ...spot,
        question: text.max(300),
        options: z.array(z.string().trim().min(1).max(100)).min(2).max(12),
        /** The place of the right answer makes it a quiz. */
        right: z.int().min(0).optional(),
      }),
      async (input) => {
        const { question, options, right } = input
        const quiz = right === undefined ? {} : { correct: right }
        said(input, {
          media: world.media.poll(find.person(input.who), { question, answers: options, ...quiz }),
        })
      },
    ),
    vote: action(z.object({ ...message, option: z.string() }), async (input) =>
      vote(world, find.person(input.who), find.post(input.place, input.item), Number(input.option)),
    ),
    end: action(z.object(message), async (input) =>
      world.closePoll(find.person(input.who), find.post(input.place, input.item)),
    ),
    voice: action(z.object(spot), async (input) => {
      const { bytes, durationMs, waveform } = samples.voice
      const seconds = Math.round(durationMs / 1_000)
      said(input, { media: world.media.voice(bytes, seconds, Buffer.from(writeWaveform(waveform))) })
    }),
    sticker: action(z.object(spot), async (input) =>
      said(input, { media: world.media.sticker(samples.sticker.bytes, samples.sticker.alt) }),
    ),
    typing: action(z.object({ ...spot, typing: z.boolean() }), async (input) => {
      const { chat, topic } = find.spot(input.place)
      const person = find.person(input.who)
      if (input.typing) world.typing(person, chat, undefined, topic)
      else world.typing(person, chat, { _: 'sendMessageCancelAction' }, topic)
    }),
    read: action(z.object({ ...message }), async (input) => {
      const { chat, topic } = find.spot(input.place)
      const person = find.person(input.who)
      const post = find.post(input.place, input.item)
      if (topic !== undefined && chat.kind === 'channel') world.readTopic(person, chat, topic, post)
      else world.read(person, chat, post)
    }),
  }
}

/** A second tap on a reaction takes it back. What the page calls ❤️ is ❤ to Telegram. */
function react(world: SimWorld, by: Account, post: Post, key: string): void {
  const emoji = key.replace(/\u{fe0f}$/u, '')
  const own = post.reactions.get(by)?.reactions ?? []
  const again = own.some((one) => one.kind === 'emoji' && one.emoji === emoji)
  world.react(by, post, ...(again ? [] : [emoji]))
}

/** A second tap on an answer takes the vote back. */
function vote(world: SimWorld, by: Account, post: Post, answer: number): void {
  const poll = post.media?.kind === 'poll' ? post.media.poll : undefined
  const option = poll?.fields.answers[answer]?.option
  const again = option !== undefined && poll?.votes.get(by)?.options.includes(optionKey(option)) === true
  world.vote(by, post, ...(again ? [] : [answer]))
}

/** A file that somebody sends: pictures as photos, the rest as files. */
export function attach(world: SimWorld, find: Finder, file: Attachment): void {
  const { chat, topic } = find.spot(file.to)
  const picture = /^image\/(?:png|jpeg|webp)$/.test(file.type)
  const media = picture
    ? world.media.photo(file.bytes)
    : world.media.file(file.bytes, { name: file.name, mimeType: file.type })
  const where = topic === undefined ? {} : { topic }
  world.say(find.person(file.who), chat, { ...wordsOf(file.caption.trim()), media, ...where })
}
