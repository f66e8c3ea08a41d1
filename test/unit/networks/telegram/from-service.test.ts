import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { fromService } from '../../../../src/networks/telegram/from-service.ts'
import { appWordsOf, wordsOf } from '../../../../src/networks/telegram/service-words.ts'
import { BOB, CEM, DAN, FORUM, GROUP, ME, SUPER, timeless, view } from './setup.ts'

const group: tl.TypePeer = { _: 'peerChat', chatId: GROUP }
const chess: tl.TypePeer = { _: 'peerChannel', channelId: SUPER }
const forum: tl.TypePeer = { _: 'peerChannel', channelId: FORUM }

const service = (
  action: tl.TypeMessageAction,
  more: Partial<tl.RawMessageService> = {},
): tl.RawMessageService => ({
  _: 'messageService',
  id: 11,
  peerId: group,
  fromId: { _: 'peerUser', userId: BOB },
  date: 1_700_000_000,
  action,
  ...more,
})

/** Events without what all of them have. */
function read(action: tl.TypeMessageAction, more: Partial<tl.RawMessageService> = {}): unknown[] {
  return fromService(service(action, more), view()).map(({ chat, sender, ...event }) => ({
    in: chat.id,
    by: sender?.id,
    ...timeless(event),
  }))
}

const common = { in: 'chat:500', by: 'user:2000', id: '1000.11' }
const info = (text: string) => ({ ...common, kind: 'info', text })
const dan = { id: 'user:4000', name: 'Dan', avatar: null }
const cem = { id: 'user:3000', handle: '@cem', avatar: null }

describe('service messages', () => {
  const cases: [string, tl.TypeMessageAction, unknown[]][] = [
    [
      'a new group',
      { _: 'messageActionChatCreate', title: 'Tea', users: [DAN] },
      [
        { ...common, kind: 'name', name: 'Tea' },
        info('Bob Bee created “Tea”'),
        { ...common, id: '1000.11/join.4000', kind: 'membership', user: dan, change: 'join' },
      ],
    ],
    [
      'a title',
      { _: 'messageActionChatEditTitle', title: 'Tea' },
      [{ ...common, kind: 'name', name: 'Tea' }],
    ],
    [
      'a picture taken away',
      { _: 'messageActionChatDeletePhoto' },
      [{ ...common, kind: 'avatar', avatar: undefined }],
    ],
    [
      'people added',
      { _: 'messageActionChatAddUser', users: [CEM, DAN] },
      [
        { ...common, id: '1000.11/join.3000', kind: 'membership', user: cem, change: 'join' },
        { ...common, id: '1000.11/join.4000', kind: 'membership', user: dan, change: 'join' },
      ],
    ],
    [
      'somebody removed',
      { _: 'messageActionChatDeleteUser', userId: DAN },
      [{ ...common, kind: 'membership', user: dan, change: 'kick' }],
    ],
    [
      'somebody gone',
      { _: 'messageActionChatDeleteUser', userId: BOB },
      [
        {
          ...common,
          kind: 'membership',
          user: { id: 'user:2000', name: 'Bob Bee', handle: '@bob', avatar: null },
          change: 'leave',
        },
      ],
    ],
    [
      'messages that go',
      { _: 'messageActionSetMessagesTTL', period: 86_400 },
      [info('Bob Bee set messages to disappear after 1 day')],
    ],
    [
      'messages that stay',
      { _: 'messageActionSetMessagesTTL', period: 0 },
      [info('Bob Bee set messages not to disappear')],
    ],
    ['a screenshot', { _: 'messageActionScreenshotTaken' }, [info('Bob Bee took a screenshot')]],
    ['the words of the server', { _: 'messageActionCustomAction', message: 'Hm' }, [info('Hm')]],
    ['nothing', { _: 'messageActionEmpty' }, []],
    ['a history that was cleared', { _: 'messageActionHistoryClear' }, []],
    [
      'a missed call',
      { _: 'messageActionPhoneCall', callId: Long.ONE, reason: { _: 'phoneCallDiscardReasonMissed' } },
      [
        {
          ...common,
          kind: 'message',
          content: {
            kind: 'unsupported',
            what: 'call',
            text: 'A missed voice call. Open the Telegram app for it.',
          },
        },
      ],
    ],
    [
      'a call',
      { _: 'messageActionPhoneCall', callId: Long.ONE, video: true, duration: 65 },
      [
        {
          ...common,
          kind: 'message',
          content: {
            kind: 'unsupported',
            what: 'call',
            text: 'A video call of 1 minute 5 seconds. Open the Telegram app for it.',
          },
        },
      ],
    ],
  ]
  it.each(cases)('tells of %s', (_, action, events) => {
    expect(read(action)).toEqual(events)
  })

  it('tells of a new picture and where it is', () => {
    const photo: tl.TypePhoto = {
      _: 'photo',
      id: Long.fromNumber(55),
      accessHash: Long.ZERO,
      fileReference: new Uint8Array(),
      date: 0,
      sizes: [{ _: 'photoSize', type: 'c', w: 640, h: 640, size: 5 }],
      dcId: 2,
    }
    expect(read({ _: 'messageActionChatEditPhoto', photo })).toMatchObject([
      {
        kind: 'avatar',
        picture: {
          id: '55',
          media: { source: { ref: { of: 'message', chat: 'chat:500', account: 1000, n: 11, id: '55' } } },
        },
      },
    ])
  })

  it('moves a group once, whichever side tells it first', () => {
    const to = fromService(service({ _: 'messageActionChatMigrateTo', channelId: SUPER }), view())
    const from = fromService(
      service({ _: 'messageActionChannelMigrateFrom', title: 'x', chatId: GROUP }, { peerId: chess, id: 1 }),
      view(),
    )
    expect(to).toMatchObject([
      { kind: 'moved', chat: { id: 'chat:500' }, to: { id: 'channel:600', name: 'Chess' } },
    ])
    expect(from[0]).toEqual(to[0])
    expect(from[1]).toMatchObject({ kind: 'info', chat: { id: 'channel:600' } })
  })

  it('pins what it answers', () => {
    const replyTo: tl.TypeMessageReplyHeader = { _: 'messageReplyHeader', replyToMsgId: 9 }
    expect(read({ _: 'messageActionPinMessage' }, { replyTo })).toEqual([
      { ...common, kind: 'pin', targets: ['1000.9'], pinned: true },
    ])
    expect(read({ _: 'messageActionPinMessage' })).toEqual([])
  })

  it('tells what happens to a topic there, and what happens to the forum in the whole of it', () => {
    const inTopic: tl.TypeMessageReplyHeader = { _: 'messageReplyHeader', forumTopic: true, replyToMsgId: 40 }
    const edit = { _: 'messageActionTopicEdit' as const }
    expect(
      read({ _: 'messageActionTopicCreate', title: 'Plans', iconColor: 0 }, { peerId: forum, id: 40 }),
    ).toMatchObject([{ in: 'channel:700/40', kind: 'name', name: 'Plans' }])
    expect(read({ ...edit, title: 'Ideas' }, { peerId: forum, replyTo: inTopic })).toMatchObject([
      { in: 'channel:700/40', kind: 'name', name: 'Ideas' },
    ])
    expect(read({ ...edit, closed: true }, { peerId: forum, replyTo: inTopic })).toMatchObject([
      { in: 'channel:700/40', kind: 'info', text: 'Bob Bee closed the topic' },
    ])
    expect(read({ _: 'messageActionChatEditTitle', title: 'New' }, { peerId: forum })).toMatchObject([
      { in: 'channel:700', kind: 'name', name: 'New' },
    ])
    expect(read({ _: 'messageActionChatAddUser', users: [DAN] }, { peerId: forum })).toMatchObject([
      { in: 'channel:700', kind: 'membership' },
    ])
  })

  it('says something about every action of the schema that is not told in another way', () => {
    const schema = JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve('@mtcute/core/tl/api-schema.json'), 'utf8'),
    ) as { e: { kind: string; type: string; name: string }[] }
    const actions = schema.e.filter(({ kind, type }) => kind === 'class' && type === 'MessageAction')
    const silent = actions
      .map(({ name }) => name)
      .filter((name) => {
        const action = { _: name, ...FIELDS } as unknown as tl.TypeMessageAction
        return wordsOf(action, 'Bob', view()) === undefined && appWordsOf(action, view()) === undefined
      })
    expect(silent.sort()).toEqual(TOLD_OTHERWISE)
    expect(actions.length).toBeGreaterThan(60)
  })

  it('is not silent about an action that it does not know', () => {
    const action = { _: 'messageActionNewerThanThis' } as unknown as tl.TypeMessageAction
    expect(read(action)).toEqual([info('Something happened in the Telegram app')])
  })

  it('knows the owner who did it elsewhere', () => {
    const [event] = fromService(
      service(
        { _: 'messageActionChatEditTitle', title: 'x' },
        { fromId: { _: 'peerUser', userId: ME }, out: true },
      ),
      view(),
    )
    expect(event?.sender).toMatchObject({ id: 'user:1000', self: 7 })
  })
})

/** A value for every field that a sentence has. */
const FIELDS = {
  title: 'T',
  period: 1,
  message: 'm',
  users: [BOB],
  list: [],
  completed: [1],
  incompleted: [],
  answer: { _: 'pollAnswer', text: { text: 'a' } },
  fromId: { _: 'peerUser', userId: BOB },
  toId: { _: 'peerUser', userId: BOB },
  distance: 5,
  newCreatorId: BOB,
  stars: Long.ONE,
  days: 3,
  closed: true,
  newValue: true,
  scheduleDate: 0,
  winnersCount: 1,
  score: 1,
  text: 't',
}

const TOLD_OTHERWISE = [
  'messageActionChatAddUser',
  'messageActionChatDeletePhoto',
  'messageActionChatDeleteUser',
  'messageActionChatEditPhoto',
  'messageActionChatEditTitle',
  'messageActionChatJoinedByLink',
  'messageActionChatJoinedByRequest',
  'messageActionChatMigrateTo',
  'messageActionEmpty',
  'messageActionHistoryClear',
  'messageActionPinMessage',
  'messageActionTopicCreate',
]
