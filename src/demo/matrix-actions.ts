import { z } from 'zod'
import { POLL_END, POLL_RESPONSE, writePollStart, POLL_START } from '../matrix/poll.ts'
import { isMxc } from '../matrix/untrusted.ts'
import type { Content, SimUser } from '../../test/sim/homeserver/index.ts'
import { action, Unable } from './action.ts'
import type { Action } from './action.ts'
import type { Board } from './board.ts'
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
export async function attach(
  board: Board,
  file: { room: string; name: string; caption: string; type: string; bytes: Buffer },
): Promise<{ event: string }> {
  const user = alice(board, file.room)
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
  return { event: await user.send(file.room, 'm.room.message', content) }
}

export const matrixActions: Readonly<Record<string, Action>> = {
  'matrix/send': action(z.object({ room, text, replyTo: event.optional(), edit: event.optional() }), send),
  'matrix/react': action(z.object({ room, event, key: z.string().min(1).max(40) }), react),
  'matrix/redact': action(z.object({ room, event }), async (board, input) => ({
    event: await alice(board, input.room).redact(input.room, input.event),
  })),
  'matrix/poll': action(
    z.object({
      room,
      question: text.max(300),
      options: z.array(z.string().trim().min(1).max(100)).min(2).max(20),
    }),
    async (board, input) => {
      const options = input.options.map((option, i) => ({ id: `option-${i + 1}`, text: option }))
      const poll = { kind: 'poll', question: input.question, options, maxSelections: 1 } as const
      const content = writePollStart(poll, { question: 300, option: 100 })
      return { event: await alice(board, input.room).send(input.room, POLL_START, content) }
    },
  ),
  'matrix/vote': action(z.object({ room, event, option: z.string() }), async (board, input) => ({
    event: await alice(board, input.room).send(input.room, POLL_RESPONSE, {
      'm.relates_to': { rel_type: 'm.reference', event_id: input.event },
      [POLL_RESPONSE]: { answers: [input.option] },
    }),
  })),
  'matrix/end': action(z.object({ room, event }), async (board, input) => ({
    event: await alice(board, input.room).send(input.room, POLL_END, {
      'm.relates_to': { rel_type: 'm.reference', event_id: input.event },
      [POLL_END]: {},
      'org.matrix.msc1767.text': 'The poll has ended.',
      body: 'The poll has ended.',
    }),
  })),
  'matrix/typing': action(z.object({ room, typing: z.boolean() }), async (board, input) => {
    if (!board.outages.isDown('homeserver')) await alice(board, input.room).typing(input.room, input.typing)
  }),
}
