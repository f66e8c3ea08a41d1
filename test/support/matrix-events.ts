import type { SimEvent, SimUser } from '../sim/homeserver/index.ts'

/** What clients of Matrix send. */

export const html = (body: string, formatted: string) => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
})

/** The link by which somebody is named in a formatted text. */
export const pill = (user: string, name: string) => `<a href="https://matrix.to/#/${user}">${name}</a>`

/** @param at e.g. `geo:52.5,13.4` */
export const place = (at: string, description?: string) => ({
  msgtype: 'm.location',
  body: at,
  geo_uri: at,
  'org.matrix.msc3488.location': { uri: at, ...(description !== undefined && { description }) },
})

export const VOICE = {
  'org.matrix.msc3245.voice': {},
  'org.matrix.msc1767.audio': { duration: 3000, waveform: [0, 512, 1024] },
}

export type Attachment = {
  msgtype: string
  mimetype: string
  bytes: Uint8Array
  name: string
  /** Other words than its name, with how they are formatted. */
  caption?: { body: string; formatted?: string }
  info?: object
  more?: object
}

/** Uploads a file and sends the message of it. @returns the event */
export async function attach(user: SimUser, room: string, file: Attachment): Promise<string> {
  const { msgtype, mimetype, bytes, name, caption, info, more } = file
  return user.send(room, 'm.room.message', {
    ...(caption?.formatted === undefined
      ? { body: caption?.body ?? name }
      : html(caption.body, caption.formatted)),
    msgtype,
    filename: name,
    url: await user.upload(bytes, mimetype, name),
    info: { mimetype, ...info },
    ...more,
  })
}

/** A picture whose caption names somebody, with nothing else about it. */
export const pictureNaming = (user: SimUser, room: string, named: string): Promise<string> =>
  attach(user, room, {
    msgtype: 'm.image',
    mimetype: 'image/png',
    bytes: Buffer.from('p'),
    name: 'p.png',
    caption: { body: 'Bob, look', formatted: `${pill(named, 'Bob')}, look` },
    more: { 'm.mentions': { user_ids: [named] } },
  })

/** A file that the homeserver does not have. */
export const attachMissing = (user: SimUser, room: string): Promise<string> =>
  user.send(room, 'm.room.message', {
    msgtype: 'm.file',
    body: 'gone.bin',
    url: 'mxc://sim.local/not-there',
    info: { mimetype: 'application/octet-stream', size: 10 },
  })

const START = 'org.matrix.msc3381.poll.start'
const RESPONSE = 'org.matrix.msc3381.poll.response'
const END = 'org.matrix.msc3381.poll.end'
const TEXT = 'org.matrix.msc1767.text'

/** A poll whose answers go by their words in small letters. @returns the event */
export const askPoll = (
  user: SimUser,
  room: string,
  question: string,
  answers: readonly string[],
  most = 1,
): Promise<string> =>
  user.send(room, START, {
    [START]: {
      question: { [TEXT]: question },
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: most,
      answers: answers.map((text) => ({ id: text.toLowerCase(), [TEXT]: text })),
    },
    [TEXT]: question,
  })

/** Votes for answers by their ids; for none, it takes the vote back. */
export const vote = (
  user: SimUser,
  room: string,
  poll: string,
  answers: readonly (string | undefined)[],
): Promise<string> =>
  user.send(room, RESPONSE, {
    'm.relates_to': { rel_type: 'm.reference', event_id: poll },
    [RESPONSE]: { answers },
  })

export const endPoll = (user: SimUser, room: string, poll: string): Promise<string> =>
  user.send(room, END, {
    'm.relates_to': { rel_type: 'm.reference', event_id: poll },
    [END]: {},
    [TEXT]: 'over',
  })

type Start = {
  question: { [TEXT]: string }
  max_selections: number
  answers: { id: string; [TEXT]: string }[]
}

export const pollIn = ({ content }: SimEvent): Start => content[START] as Start

export const isPoll =
  (question: string) =>
  (e: SimEvent): boolean =>
    e.type === START && pollIn(e).question[TEXT] === question

/** What an event votes for; undefined for what is no vote. */
export const voteIn = ({ content }: SimEvent): unknown => content[RESPONSE]

/** Whether somebody votes for exactly these. */
export const isVote =
  (who: string, answers: readonly (string | undefined)[]) =>
  (e: SimEvent): boolean =>
    e.type === RESPONSE && e.sender === who && JSON.stringify(voteIn(e)) === JSON.stringify({ answers })
