import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { remoteMessageId } from '../../../../src/model/ids.ts'
import { fromUpdate, wantedBy } from '../../../../src/networks/telegram/from-update.ts'
import type { Stored } from '../../../../src/networks/telegram/from-update.ts'
import { hashOf } from '../../../../src/networks/telegram/content-hash.ts'
import type { TgChat } from '../../../../src/networks/telegram/ids.ts'
import { newPoll } from '../../../../src/networks/telegram/polls.ts'
import { BOB, DAN, FORUM, GROUP, ME, SUPER, message, option, poll, timeless, view } from './setup.ts'

const now = new Date(1_700_000_500_000)
const bob: tl.TypePeer = { _: 'peerUser', userId: BOB }
const chess: tl.TypePeer = { _: 'peerChannel', channelId: SUPER }
const forum: tl.TypePeer = { _: 'peerChannel', channelId: FORUM }
const read = (update: tl.TypeUpdate, stored: Stored = {}) => fromUpdate(update, view(), stored, now)
const events = (update: tl.TypeUpdate, stored: Stored = {}) =>
  read(update, stored).events.map(({ chat, ...event }) => ({ in: chat.id, ...timeless(event) }))
const places = (all: Record<number, TgChat>) =>
  new Map(Object.entries(all).map(([n, chat]) => [Number(n), chat]))

describe('fromUpdate', () => {
  it('reads new messages of both boxes', () => {
    expect(events({ _: 'updateNewMessage', message: message(), pts: 1, ptsCount: 1 })).toMatchObject([
      { in: 'user:2000', kind: 'message', id: '1000.10' },
    ])
    const post = message({ peerId: chess })
    expect(events({ _: 'updateNewChannelMessage', message: post, pts: 1, ptsCount: 1 })).toMatchObject([
      { in: 'channel:600', kind: 'message', id: '10' },
    ])
  })

  it('compares an edit with what was kept, and keeps what it is now', () => {
    const edited = message({ message: 'new', editDate: 5 })
    const update: tl.TypeUpdate = { _: 'updateEditMessage', message: edited, pts: 1, ptsCount: 1 }
    expect(wantedBy(update)).toEqual({ message: { chat: { kind: 'user', id: BOB }, n: 10 } })
    const given = read(update, { hash: hashOf(message()) })
    expect(given.events).toMatchObject([{ kind: 'edit', content: { body: 'new' } }])
    expect(given.keep).toEqual({ hash: hashOf(edited) })
    expect(read(update, given.keep).events).toEqual([])
  })

  it('takes back what was deleted, where it is', () => {
    const update: tl.TypeUpdate = { _: 'updateDeleteMessages', messages: [10, 11, 12], pts: 1, ptsCount: 3 }
    expect(wantedBy(update)).toEqual({ places: { numbers: [10, 11, 12] } })
    const known = places({ 10: { kind: 'user', id: BOB }, 12: { kind: 'chat', id: GROUP } })
    expect(events(update, { places: known })).toEqual([
      { in: 'user:2000', kind: 'redaction', id: '1000.10/deleted', target: '1000.10' },
      { in: 'chat:500', kind: 'redaction', id: '1000.12/deleted', target: '1000.12' },
    ])
    expect(
      events({ _: 'updateDeleteChannelMessages', channelId: SUPER, messages: [10], pts: 1, ptsCount: 1 }),
    ).toEqual([{ in: 'channel:600', kind: 'redaction', id: '10/deleted', target: '10' }])
  })

  it('looks for the topic of what was deleted or pinned in a forum, and makes no guess', () => {
    const update: tl.TypeUpdate = {
      _: 'updateDeleteChannelMessages',
      channelId: FORUM,
      messages: [5, 6],
      pts: 1,
      ptsCount: 2,
    }
    expect(wantedBy(update)).toEqual({ places: { channel: FORUM, numbers: [5, 6] } })
    expect(
      events(update, { places: places({ 5: { kind: 'channel', id: FORUM, topic: 40 } }) }),
    ).toMatchObject([{ in: 'channel:700/40', target: '5' }])
    const pins: tl.TypeUpdate = {
      _: 'updatePinnedChannelMessages',
      channelId: FORUM,
      messages: [5, 6, 7],
      pinned: true,
      pts: 9,
      ptsCount: 3,
    }
    const known = places({
      5: { kind: 'channel', id: FORUM, topic: 40 },
      6: { kind: 'channel', id: FORUM, topic: 41 },
      7: { kind: 'channel', id: FORUM, topic: 40 },
    })
    expect(events(pins, { places: known })).toEqual([
      { in: 'channel:700/40', id: 'pin.9', kind: 'pin', targets: ['5', '7'], pinned: true },
      { in: 'channel:700/41', id: 'pin.9', kind: 'pin', targets: ['6'], pinned: true },
    ])
  })

  it('pins and unpins', () => {
    const update: tl.TypeUpdate = {
      _: 'updatePinnedMessages',
      peer: bob,
      messages: [10, 11],
      pts: 9,
      ptsCount: 2,
    }
    expect(events(update)).toEqual([
      { in: 'user:2000', id: 'pin.1000.9', kind: 'pin', targets: ['1000.10', '1000.11'], pinned: false },
    ])
  })

  it('tells reactions once, in the topic', () => {
    const update: tl.RawUpdateMessageReactions = {
      _: 'updateMessageReactions',
      peer: forum,
      msgId: 10,
      topMsgId: 40,
      reactions: {
        _: 'messageReactions',
        canSeeList: true,
        results: [{ _: 'reactionCount', reaction: { _: 'reactionEmoji', emoticon: '👍' }, count: 2 }],
        recentReactions: [
          {
            _: 'messagePeerReaction',
            peerId: bob,
            date: 5,
            reaction: { _: 'reactionEmoji', emoticon: '👍' },
          },
        ],
      },
    }
    const given = read(update)
    expect(given.events).toMatchObject([
      { kind: 'reaction', chat: { id: 'channel:700/40' }, target: '10', key: '👍' },
    ])
    expect(given.asks).toEqual([
      { kind: 'reactions', chat: { kind: 'channel', id: FORUM, topic: 40 }, n: 10 },
    ])
    expect(read(update, given.keep).events).toEqual([])
    const elsewhere = { places: places({ 10: { kind: 'channel', id: FORUM, topic: 41 } }) }
    expect(read(update, elsewhere).events).toMatchObject([{ chat: { id: 'channel:700/41' } }])
  })

  it('finds a poll by its number', () => {
    const { poll: open } = poll({ publicVoters: true })
    const update: tl.TypeUpdate = {
      _: 'updateMessagePoll',
      pollId: open.id,
      results: {
        _: 'pollResults',
        totalVoters: 1,
        results: [{ _: 'pollAnswerVoters', option: option(0), voters: 1, recentVoters: [bob] }],
      },
    }
    expect(wantedBy(update)).toEqual({ poll: '321' })
    expect(read(update)).toEqual({ events: [], hints: [], keep: {}, asks: [] })
    const stored: Stored = {
      poll: { state: newPoll(open), chat: { kind: 'channel', id: SUPER }, target: remoteMessageId('10') },
    }
    const given = read(update, stored)
    expect(given.events).toMatchObject([
      { kind: 'poll-vote', sender: { id: 'user:2000' }, target: '10', optionIds: ['30'] },
    ])
    expect(read(update, { ...stored, ...given.keep }).events).toEqual([])
  })

  it('reads the votes that bots are told', () => {
    const { poll: open } = poll()
    const stored: Stored = {
      poll: { state: newPoll(open), chat: { kind: 'channel', id: SUPER }, target: remoteMessageId('10') },
    }
    const update = (options: Uint8Array[]): tl.TypeUpdate => ({
      _: 'updateMessagePollVote',
      pollId: open.id,
      peer: bob,
      options,
      positions: [],
      qts: 1,
    })
    const voted = read(update([option(1)]), stored)
    expect(voted.events).toMatchObject([{ kind: 'poll-vote', optionIds: ['31'] }])
    const taken = read(update([]), voted.keep)
    expect(taken.events).toMatchObject([{ kind: 'poll-vote', optionIds: [] }])
    expect(taken.keep.poll?.state.votes).toEqual({})
  })

  const settings: [string, tl.TypeUpdate, string, object][] = [
    [
      'mute',
      {
        _: 'updateNotifySettings',
        peer: { _: 'notifyPeer', peer: bob },
        notifySettings: { _: 'peerNotifySettings', muteUntil: 0x7fffffff },
      },
      'user:2000',
      { mute: 'forever' },
    ],
    [
      'mute for a while',
      {
        _: 'updateNotifySettings',
        peer: { _: 'notifyPeer', peer: bob },
        notifySettings: { _: 'peerNotifySettings', muteUntil: 1_700_001_000 },
      },
      'user:2000',
      { mute: { untilMs: 1_700_001_000_000 } },
    ],
    [
      'unmute',
      {
        _: 'updateNotifySettings',
        peer: { _: 'notifyPeer', peer: forum },
        notifySettings: { _: 'peerNotifySettings', muteUntil: 5 },
      },
      'channel:700/1',
      { mute: 'off' },
    ],
    [
      'archive',
      {
        _: 'updateFolderPeers',
        folderPeers: [{ _: 'folderPeer', peer: chess, folderId: 1 }],
        pts: 1,
        ptsCount: 1,
      },
      'channel:600',
      { archived: true },
    ],
    [
      'unread',
      { _: 'updateDialogUnreadMark', unread: true, peer: { _: 'dialogPeer', peer: bob } },
      'user:2000',
      { unread: true },
    ],
    [
      'favourite',
      { _: 'updateDialogPinned', peer: { _: 'dialogPeer', peer: bob } },
      'user:2000',
      { favourite: false },
    ],
  ]
  it.each(settings)('reads how the account has put a chat away: %s', (_, update, chat, changed) => {
    expect(events(update)).toMatchObject([{ in: chat, kind: 'settings', login: 7, settings: changed }])
  })

  it('reads members and their power', () => {
    const participants: tl.TypeChatParticipants = {
      _: 'chatParticipants',
      chatId: GROUP,
      version: 3,
      participants: [
        { _: 'chatParticipantCreator', userId: ME },
        { _: 'chatParticipantAdmin', userId: BOB, inviterId: ME, date: 0 },
        { _: 'chatParticipant', userId: DAN, inviterId: ME, date: 0 },
      ],
    }
    const [members, power] = read({ _: 'updateChatParticipants', participants }).events
    expect(members?.kind === 'members' && members.users.map(({ id }) => id)).toEqual([
      'user:1000',
      'user:2000',
      'user:4000',
    ])
    expect(power?.kind === 'power' && power.users?.map(({ level }) => level)).toEqual([95, 50, 0])
    expect(
      events({
        _: 'updateChatDefaultBannedRights',
        peer: chess,
        version: 2,
        defaultBannedRights: { _: 'chatBannedRights', untilDate: 0, sendMessages: true, pinMessages: true },
      }),
    ).toMatchObject([{ kind: 'power', room: { speak: 50, topic: 0, name: 0, pin: 50, invite: 0 } }])
    expect(
      events({ _: 'updateChatParticipantAdmin', chatId: GROUP, userId: DAN, isAdmin: true, version: 4 }),
    ).toMatchObject([{ kind: 'power', users: [{ user: { id: 'user:4000' }, level: 50 }] }])
  })

  it('rings', () => {
    const call: tl.TypePhoneCall = {
      _: 'phoneCallRequested',
      id: Long.fromNumber(9),
      accessHash: Long.ZERO,
      date: 0,
      adminId: BOB,
      participantId: ME,
      gAHash: new Uint8Array(),
      protocol: { _: 'phoneCallProtocol', minLayer: 0, maxLayer: 0, libraryVersions: [] },
    }
    expect(events({ _: 'updatePhoneCall', phoneCall: call })).toMatchObject([
      {
        in: 'user:2000',
        id: 'call.9',
        content: { kind: 'unsupported', text: expect.stringContaining('incoming voice call') as string },
      },
    ])
    expect(events({ _: 'updatePhoneCall', phoneCall: { ...call, adminId: ME } })).toEqual([])
  })

  it('asks about what only says that something has changed', () => {
    expect(read({ _: 'updateChannel', channelId: SUPER }).asks).toEqual([{ kind: 'channel', id: SUPER }])
    expect(read({ _: 'updateChat', chatId: GROUP }).asks).toEqual([{ kind: 'group', id: GROUP }])
    const someone = { userId: 1, actorId: 2, date: 3, qts: 4 }
    expect(read({ _: 'updateChannelParticipant', channelId: SUPER, ...someone }).asks).toEqual([
      { kind: 'channel', id: SUPER },
    ])
    expect(read({ _: 'updateChatParticipant', chatId: GROUP, ...someone }).asks).toEqual([
      { kind: 'group', id: GROUP },
    ])
    expect(read({ _: 'updateChatParticipantDelete', chatId: GROUP, userId: 1, version: 2 }).asks).toEqual([
      { kind: 'group', id: GROUP },
    ])
  })

  it('has words for the owner alone', () => {
    const update: tl.TypeUpdate = {
      _: 'updateNewAuthorization',
      unconfirmed: true,
      hash: Long.ONE,
      device: 'Phone',
      location: 'Rome',
    }
    expect(read(update).tell).toContain('from Phone, Rome')
    expect(read({ ...update, unconfirmed: false }).tell).toBeUndefined()
  })

  it('takes every update of the schema without a fault', () => {
    const schema = JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve('@mtcute/core/tl/api-schema.json'), 'utf8'),
    ) as { e: { kind: string; type: string; name: string }[] }
    const names = schema.e
      .filter(({ kind, type }) => kind === 'class' && type === 'Update')
      .map(({ name }) => name)
    expect(names.length).toBeGreaterThan(100)
    const handled = new Set(HANDLED)
    for (const name of names.filter((each) => !handled.has(each))) {
      expect(read({ _: name } as unknown as tl.TypeUpdate), name).toMatchObject({
        events: [],
        hints: [],
        keep: {},
        asks: [],
      })
    }
  })
})

/** Updates that have tests of their own above. */
const HANDLED = [
  'updateChatParticipant',
  'updateChatParticipantAdd',
  'updateChatParticipantDelete',
  'updateChannelParticipant',
  'updateNewMessage',
  'updateNewChannelMessage',
  'updateEditMessage',
  'updateEditChannelMessage',
  'updateDeleteMessages',
  'updateDeleteChannelMessages',
  'updatePinnedMessages',
  'updatePinnedChannelMessages',
  'updateMessageReactions',
  'updateNotifySettings',
  'updateFolderPeers',
  'updateDialogUnreadMark',
  'updateDialogPinned',
  'updateChatParticipants',
  'updateChatParticipantAdmin',
  'updateChatDefaultBannedRights',
  'updatePhoneCall',
  'updateChannel',
  'updateChat',
  'updateUser',
  'updateUserTyping',
  'updateChatUserTyping',
  'updateChannelUserTyping',
  'updateReadHistoryInbox',
  'updateReadHistoryOutbox',
  'updateReadChannelInbox',
  'updateReadChannelDiscussionInbox',
  'updateUserStatus',
  'updateServiceNotification',
  'updateEncryption',
  // Without a stored poll nothing is read of these.
  'updateMessagePoll',
  'updateMessagePollVote',
]
