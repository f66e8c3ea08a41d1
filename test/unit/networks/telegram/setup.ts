import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import { loginId, matrixUserId } from '../../../../src/model/ids.ts'
import { parseUserId, personId, ghostLocalpart } from '../../../../src/networks/telegram/ids.ts'
import type { View } from '../../../../src/networks/telegram/view.ts'

export const ME = 1000
export const BOB = 2000
export const CEM = 3000
export const DAN = 4000
export const LOGIN = loginId(7)

export const user = (id: number, more: Partial<tl.RawUser> = {}): tl.RawUser => ({
  _: 'user',
  id,
  accessHash: Long.fromNumber(id * 10),
  ...more,
})

const PEOPLE = [
  user(ME, { self: true, firstName: 'Ann', username: 'ann' }),
  user(BOB, { firstName: 'Bob', lastName: 'Bee', username: 'bob' }),
  user(CEM, { firstName: 'My Cem', contact: true, username: 'cem' }),
  user(DAN, { firstName: 'Dan' }),
]

/** What the connection of Ann's account knows: four people, a basic group, a supergroup, a forum, a channel. */
export function view(more: Partial<View> = {}): View {
  const people = new Map(PEOPLE.map((each) => [each.id, each]))
  return {
    login: LOGIN,
    account: ME,
    user: (id) => people.get(id),
    chat: (id) => (id === GROUP ? basicGroup() : undefined),
    channel: (id) => [supergroup(), forum(), broadcast()].find((each) => each.id === id),
    topicTitle: (_, topic) => (topic === 40 ? 'Plans' : undefined),
    loginOf: (id) => (id === ME ? LOGIN : undefined),
    userIdOf: (id) => matrixUserId(id === personId(ME) ? '@ann:hs' : `@vd_telegram_${ghostLocalpart(id)}:hs`),
    userOfName: (name) => {
      const found = PEOPLE.find((each) => each.username === name.toLowerCase())
      return found && personId(found.id)
    },
    customEmoji: () => undefined,
    emojiPicture: () => undefined,
    ...more,
  }
}

export const GROUP = 500
export const SUPER = 600
export const FORUM = 700
export const NEWS = 800

export const basicGroup = (more: Partial<tl.RawChat> = {}): tl.RawChat => ({
  _: 'chat',
  id: GROUP,
  title: 'Garden',
  photo: { _: 'chatPhotoEmpty' },
  participantsCount: 3,
  date: 0,
  version: 1,
  ...more,
})

const channel = (id: number, title: string, more: Partial<tl.RawChannel>): tl.RawChannel => ({
  _: 'channel',
  id,
  title,
  photo: { _: 'chatPhotoEmpty' },
  date: 0,
  ...more,
})

export const supergroup = (more: Partial<tl.RawChannel> = {}) =>
  channel(SUPER, 'Chess', { megagroup: true, ...more })
export const forum = () => channel(FORUM, 'Forum', { megagroup: true, forum: true })
export const broadcast = () => channel(NEWS, 'News', { broadcast: true, username: 'news' })

/** The person of a ghost that `view` names. */
export const ghostUser = (mxid: string): number | undefined => {
  const id = /^@vd_telegram_(\d+):hs$/.exec(mxid)?.[1]
  return id === undefined ? undefined : parseUserId(personId(Number(id)))?.id
}

/** Fields of a message; `undefined` leaves one out. */
export type Fields = { [K in keyof tl.RawMessage]?: tl.RawMessage[K] | undefined }

export function message(more: Fields = {}): tl.RawMessage {
  const whole = {
    _: 'message',
    id: 10,
    peerId: { _: 'peerUser', userId: BOB },
    fromId: { _: 'peerUser', userId: BOB },
    date: 1_700_000_000,
    message: 'hello',
    ...more,
  }
  const given = Object.entries(whole).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as unknown as tl.RawMessage
}

export const option = (n: number): Uint8Array => Uint8Array.of(0x30 + n)

/** A poll with three answers, whose bytes are `0`, `1` and `2`. */
export const poll = (
  more: Partial<tl.RawPoll> = {},
  results: Partial<tl.RawPollResults> = {},
): tl.RawMessageMediaPoll => ({
  _: 'messageMediaPoll',
  poll: {
    _: 'poll',
    id: Long.fromNumber(321),
    hash: Long.ZERO,
    question: { _: 'textWithEntities', text: 'Lunch?', entities: [] },
    answers: ['Pizza', 'Soup', 'None'].map((text, n) => ({
      _: 'pollAnswer',
      text: { _: 'textWithEntities', text, entities: [] },
      option: option(n),
    })),
    ...more,
  },
  results: { _: 'pollResults', ...results },
})

/** An event without its time. */
export const timeless = (event: object): object =>
  Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'at'))
