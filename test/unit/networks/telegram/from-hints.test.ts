import type { tl } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { hintsOf } from '../../../../src/networks/telegram/from-hints.ts'
import { BOB, CEM, FORUM, GROUP, ME, SUPER, view } from './setup.ts'

const bob: tl.TypePeer = { _: 'peerUser', userId: BOB }
const hints = (update: tl.TypeUpdate) =>
  hintsOf(update, view()).map((hint) => {
    if (hint.kind === 'presence' || hint.kind === 'profile') return hint
    const { chat, user, ...rest } = hint
    return { in: chat.id, by: user.id, ...rest }
  })

describe('hints', () => {
  const cases: [string, tl.TypeUpdate, unknown[]][] = [
    [
      'typing',
      { _: 'updateUserTyping', userId: BOB, action: { _: 'sendMessageTypingAction' } },
      [{ in: 'user:2000', by: 'user:2000', kind: 'typing', typing: true }],
    ],
    [
      'recording in a group',
      {
        _: 'updateChatUserTyping',
        chatId: GROUP,
        fromId: bob,
        action: { _: 'sendMessageRecordAudioAction' },
      },
      [{ in: 'chat:500', by: 'user:2000', kind: 'typing', typing: true }],
    ],
    [
      'no typing any more, in a topic',
      {
        _: 'updateChannelUserTyping',
        channelId: FORUM,
        topMsgId: 40,
        fromId: bob,
        action: { _: 'sendMessageCancelAction' },
      },
      [{ in: 'channel:700/40', by: 'user:2000', kind: 'typing', typing: false }],
    ],
    [
      'typing in General',
      {
        _: 'updateChannelUserTyping',
        channelId: FORUM,
        fromId: bob,
        action: { _: 'sendMessageTypingAction' },
      },
      [{ in: 'channel:700/1', by: 'user:2000', kind: 'typing', typing: true }],
    ],
    [
      'oneself elsewhere',
      { _: 'updateUserTyping', userId: ME, action: { _: 'sendMessageTypingAction' } },
      [],
    ],
    [
      'a voice in a call',
      { _: 'updateUserTyping', userId: BOB, action: { _: 'speakingInGroupCallAction' } },
      [],
    ],
    [
      'read by the other',
      { _: 'updateReadHistoryOutbox', peer: bob, maxId: 9, pts: 1, ptsCount: 1 },
      [{ in: 'user:2000', by: 'user:2000', kind: 'read', upTo: '1000.9' }],
    ],
    [
      'read by somebody of a group',
      { _: 'updateReadHistoryOutbox', peer: { _: 'peerChat', chatId: GROUP }, maxId: 9, pts: 1, ptsCount: 1 },
      [],
    ],
    [
      'read on the phone',
      { _: 'updateReadHistoryInbox', peer: bob, maxId: 9, stillUnreadCount: 0, pts: 1, ptsCount: 1 },
      [{ in: 'user:2000', by: 'user:1000', kind: 'read', upTo: '1000.9' }],
    ],
    [
      'a supergroup read on the phone',
      { _: 'updateReadChannelInbox', channelId: SUPER, maxId: 9, stillUnreadCount: 0, pts: 1 },
      [{ in: 'channel:600', by: 'user:1000', kind: 'read', upTo: '9' }],
    ],
    [
      'a topic read on the phone',
      { _: 'updateReadChannelDiscussionInbox', channelId: FORUM, topMsgId: 40, readMaxId: 9 },
      [{ in: 'channel:700/40', by: 'user:1000', kind: 'read', upTo: '9' }],
    ],
  ]
  it.each(cases)('tell of %s', (_, update, expected) => {
    expect(hints(update)).toEqual(expected)
  })

  it('tell who is there', () => {
    const status = (of: tl.TypeUserStatus): tl.TypeUpdate => ({
      _: 'updateUserStatus',
      userId: BOB,
      status: of,
    })
    expect(hints(status({ _: 'userStatusOnline', expires: 5 }))).toMatchObject([
      { kind: 'presence', online: true },
    ])
    expect(hints(status({ _: 'userStatusOffline', wasOnline: 5 }))).toMatchObject([
      { kind: 'presence', online: false, lastActive: new Date(5000) },
    ])
    expect(hints(status({ _: 'userStatusRecently' }))).toMatchObject([
      { online: false, text: 'Last seen recently' },
    ])
    expect(
      hints({ _: 'updateUserStatus', userId: ME, status: { _: 'userStatusOnline', expires: 5 } }),
    ).toEqual([])
  })

  it('tell new names, but none of an address book', () => {
    const renamed = (userId: number): tl.TypeUpdate => ({
      _: 'updateUserName',
      userId,
      firstName: 'New',
      lastName: '',
      usernames: [{ _: 'username', username: 'newer', active: true }],
    })
    expect(hints(renamed(BOB))).toMatchObject([
      { kind: 'profile', user: { id: 'user:2000', name: 'New', handle: '@newer' } },
    ])
    expect(JSON.stringify(hints(renamed(CEM)))).not.toContain('"New"')
  })
})
