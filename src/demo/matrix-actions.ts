import { z } from 'zod'
import { POLL_END, POLL_RESPONSE, writePollStart, POLL_START } from '../matrix/poll.ts'
import { isMxc } from '../matrix/untrusted.ts'
import type { Content, SimUser } from '../../test/sim/homeserver/index.ts'
import { action, Unable } from './action.ts'
import type { Actions } from './action.ts'
import type { Board } from './board.ts'
import type { Attachment } from './item.ts'
import { fromMarkup } from './markup.ts'
import { joinedRooms } from './world.ts'

const LONGEST_TEXT = 20_000
const room = z.string().startsWith('!')
const event = z.string().startsWith('$')
const text = z.string().trim().min(1).max(LONGEST_TEXT)

const HTML = 'org.matrix.custom.html'

/** Alice's hands, unless her homeserver is down. */
function alice(board: Board, inRoom: string): SimUser {
  const { homeserver, alice: user } = board.world
  if (board.outages.isDown('homeserver')) {
    throw new Unable(
      "Alice's homeserver is down. What she wrote stays in its box: send it when the server is back.",
    )
  }
  if (!joinedRooms(homeserver, user).includes(inRoom)) throw new Unable('Alice is not in this room.')
  return user
}

function formatted(words: string): Content {
  const { body, html } = fromMarkup(words)
  return html === undefined ? { body } : { body, format: HTML, formatted_body: html }
}

/** What Alice writes, as her client would send it. */
export async function send(
  board: Board,
  input: { room: string; text: string; replyTo?: string | undefined; edit?: string | undefined },
): Promise<{ event: string }> {
  const user = alice(board, input.room)
  const emote = /^\/me\s+([^]+)$/.exec(input.text)
  const content: Content = {
    msgtype: emote ? 'm.emote' : 'm.text',
    ...formatted(emote?.[1] ?? input.text),
    'm.mentions': {},
  }
  if (input.edit !== undefined) {
    return {
      event: await user.send(input.room, 'm.room.message', {
        ...content,
        body: `* ${String(content['body'])}`,
        'm.new_content': content,
        'm.relates_to': { rel_type: 'm.replace', event_id: input.edit },
      }),
    }
  }
  const reply =
    input.replyTo === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: input.replyTo } } }
  return { event: await user.send(input.room, 'm.room.message', { ...content, ...reply }) }
}

/** A second click on a reaction takes it back. */
async function react(board: Board, input: { room: string; event: string; key: string }): Promise<unknown> {
  const user = alice(board, input.room)
  const earlier = board.world.homeserver.timeline(input.room).find(({ type, sender, content }) => {
    const relation = content['m.relates_to'] as { event_id?: unknown; key?: unknown } | undefined
    const same = relation?.event_id === input.event && relation.key === input.key
    return type === 'm.reaction' && sender === user.userId && same
  })
  return earlier === undefined
    ? { event: await user.react(input.room, input.event, input.key) }
    : { event: await user.redact(input.room, earlier.event_id) }
}

const MSGTYPES: readonly (readonly [RegExp, string])[] = [
  [/^image\//, 'm.image'],
  [/^video\//, 'm.video'],
  [/^audio\//, 'm.audio'],
]

/** Alice attaches a file; with a caption it is one message (Matrix 1.10, media captions). */
export async function attach(board: Board, file: Attachment): Promise<{ event: string }> {
  const user = alice(board, file.to)
  const url = await user.upload(file.bytes, file.type, file.name)
  if (!isMxc(url)) throw new Error('the homeserver gave no address for an upload')
  const words = file.caption.trim() === '' ? { body: file.name } : formatted(file.caption.trim())
  const content = {
    msgtype: MSGTYPES.find(([pattern]) => pattern.test(file.type))?.[1] ?? 'm.file',
    ...words,
    filename: file.name,
    url,
    info: { mimetype: file.type, size: file.bytes.length },
    'm.mentions': {},
  }
  return { event: await user.send(file.to, 'm.room.message', content) }
}

/** Alice sends one of the files that come with the demo. */
async function sample(board: Board, input: { room: string; what: 'voice' | 'sticker' }): Promise<unknown> {
  const user = alice(board, input.room)
  const { voice, sticker } = board.world.samples
  const { bytes, type, name } = input.what === 'voice' ? voice : sticker
  const url = await user.upload(bytes, type, name)
  const info = { mimetype: type, size: bytes.length }
  if (input.what === 'sticker') {
    const size = { w: sticker.sizePx, h: sticker.sizePx }
    return {
      event: await user.send(input.room, 'm.sticker', { body: sticker.alt, url, info: { ...info, ...size } }),
    }
  }
  const { durationMs: duration, waveform } = voice
  // MSC3245
  const content = {
    msgtype: 'm.audio',
    body: name,
    filename: name,
    url,
    info: { ...info, duration },
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': { duration, waveform },
    'm.mentions': {},
  }
  return { event: await user.send(input.room, 'm.room.message', content) }
}

/** What Alice does with her client. */
export const matrixActions = (board: Board): Actions => ({
  send: action(z.object({ room, text, replyTo: event.optional(), edit: event.optional() }), (input) =>
    send(board, input),
  ),
  react: action(z.object({ room, event, key: z.string().min(1).max(40) }), (input) => react(board, input)),
  redact: action(z.object({ room, event }), async (input) => ({
    event: await alice(board, input.room).redact(input.room, input.event),
  })),
  poll: action(
    z.object({
      room,
      question: text.max(300),
      options: z.array(z.string().trim().min(1).max(100)).min(2).max(20),
    }),
    async (input) => {
      const options = input.options.map((option, i) => ({ id: `option-${i + 1}`, text: option }))
      const poll = { kind: 'poll', question: input.question, options, maxSelections: 1 } as const
      const content = writePollStart(poll, { question: 300, option: 100 })
      return { event: await alice(board, input.room).send(input.room, POLL_START, content) }
    },
  ),
  vote: action(z.object({ room, event, option: z.string() }), async (input) => ({
    event: await alice(board, input.room).send(input.room, POLL_RESPONSE, {
      'm.relates_to': { rel_type: 'm.reference', event_id: input.event },
      [POLL_RESPONSE]: { answers: [input.option] },
    }),
  })),
  end: action(z.object({ room, event }), async (input) => ({
    event: await alice(board, input.room).send(input.room, POLL_END, {
      'm.relates_to': { rel_type: 'm.reference', event_id: input.event },
      [POLL_END]: {},
      'org.matrix.msc1767.text': 'The poll has ended.',
      body: 'The poll has ended.',
    }),
  })),
  sample: action(z.object({ room, what: z.enum(['voice', 'sticker']) }), (input) => sample(board, input)),
  typing: action(z.object({ room, typing: z.boolean() }), async (input) => {
    if (!board.outages.isDown('homeserver')) await alice(board, input.room).typing(input.room, input.typing)
  }),
  read: action(z.object({ room, event }), async (input) => {
    if (!board.outages.isDown('homeserver')) await alice(board, input.room).receipt(input.room, input.event)
  }),
})
