import type { tl } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { capabilitiesOf } from '../../../../src/networks/telegram/capabilities.ts'
import { remoteChat } from '../../../../src/networks/telegram/chats.ts'
import { adminRightsFor, levelOf, roomPower } from '../../../../src/networks/telegram/power.ts'
import { rightsIn } from '../../../../src/networks/telegram/rights.ts'
import { settingsOfDialog } from '../../../../src/networks/telegram/from-settings.ts'
import type { View } from '../../../../src/networks/telegram/view.ts'
import { BOB, FORUM, GROUP, ME, NEWS, SUPER, basicGroup, broadcast, supergroup, user, view } from './setup.ts'

const admin = (rights: Partial<tl.RawChatAdminRights>): tl.RawChatAdminRights => ({
  _: 'chatAdminRights',
  ...rights,
})
const banned = (rights: Partial<tl.RawChatBannedRights>): tl.RawChatBannedRights => ({
  _: 'chatBannedRights',
  untilDate: 0,
  ...rights,
})
const withChannel = (more: Partial<tl.RawChannel>): View => view({ channel: () => supergroup(more) })
const chess = { kind: 'channel', id: SUPER } as const

describe('rightsIn', () => {
  const cases: [string, View, Parameters<typeof rightsIn>[1], Partial<ReturnType<typeof rightsIn>>][] = [
    ['a private chat', view(), { kind: 'user', id: BOB }, { speak: true, pin: true, name: false }],
    [
      'somebody who is gone',
      view({ user: () => user(BOB, { deleted: true }) }),
      { kind: 'user', id: BOB },
      { speak: false },
    ],
    ['a member', view(), chess, { member: true, speak: true, name: true, ban: false, deleteOthers: false }],
    ['the owner', withChannel({ creator: true }), chess, { speak: true, promote: true, ban: true }],
    ['somebody who left', withChannel({ left: true }), chess, { member: false, speak: false }],
    ['nobody', view(), { kind: 'channel', id: 1 }, { member: false, speak: false }],
    [
      'an administrator who may delete and add people',
      withChannel({ adminRights: admin({ deleteMessages: true, inviteUsers: true }) }),
      chess,
      { deleteOthers: true, invite: true, pin: false },
    ],
    [
      'a silent group',
      withChannel({ defaultBannedRights: banned({ sendMessages: true, changeInfo: true }) }),
      chess,
      { member: true, speak: false, name: false },
    ],
    [
      'an administrator of a silent group',
      withChannel({
        adminRights: admin({ banUsers: true }),
        defaultBannedRights: banned({ sendMessages: true }),
      }),
      chess,
      { speak: true, ban: true, promote: false, name: false },
    ],
    [
      'somebody who is muted',
      withChannel({ bannedRights: banned({ sendMessages: true }) }),
      chess,
      { member: true, speak: false },
    ],
    [
      'somebody who is banned',
      withChannel({ bannedRights: banned({ viewMessages: true }) }),
      chess,
      { member: false },
    ],
    [
      'a reader of a channel',
      view(),
      { kind: 'channel', id: NEWS },
      { member: true, speak: false, pin: false, react: true },
    ],
    [
      'a writer of a channel',
      view({ channel: () => ({ ...broadcast(), adminRights: admin({ postMessages: true }) }) }),
      { kind: 'channel', id: NEWS },
      { speak: true, name: false },
    ],
    ['a basic group', view(), { kind: 'chat', id: GROUP }, { member: true, speak: true }],
    [
      'a group that has moved',
      view({ chat: () => basicGroup({ deactivated: true }) }),
      { kind: 'chat', id: GROUP },
      { member: false },
    ],
  ]
  it.each(cases)('knows %s', (_, of, chat, rights) => {
    expect(rightsIn(of, chat)).toMatchObject(rights)
  })
})

describe('capabilitiesOf', () => {
  const of = (chat: Parameters<typeof remoteChat>[1], by: View | undefined = view()) =>
    capabilitiesOf(remoteChat(view(), chat), by)

  it('says what can be done in each kind of conversation', () => {
    expect(of({ kind: 'user', id: BOB })).toMatchObject({
      membership: false,
      name: false,
      pins: true,
      polls: 'native',
    })
    expect(of(chess)).toMatchObject({ membership: true, name: true, topic: true, power: false })
    expect(of({ kind: 'channel', id: FORUM, topic: 40 })).toMatchObject({
      membership: false,
      name: true,
      topic: false,
    })
    expect(of(chess, withChannel({ creator: true }))).toMatchObject({ power: true })
    expect(of(chess, withChannel({ defaultBannedRights: banned({ sendReactions: true }) }))).toMatchObject({
      reactions: 'text',
    })
    expect(capabilitiesOf(remoteChat(view(), chess), undefined)).toMatchObject({
      name: true,
      power: true,
      reactions: 'native',
    })
  })

  it('knows the limits of an account', () => {
    const premium = view({ user: (id) => user(id, { premium: true }) })
    expect(of(chess)).toMatchObject({ reactionsEach: 1, largestMediaBytes: 2_097_152_000 })
    expect(of(chess, premium)).toMatchObject({ reactionsEach: 3, largestMediaBytes: 4_194_304_000 })
    expect(of(chess).editWindowMs).toBe(172_800_000)
    expect(of({ kind: 'user', id: ME })).not.toHaveProperty('editWindowMs')
    expect(of(chess, view({ user: (id) => user(id, { bot: true }) }))).toMatchObject({
      polls: 'text',
      receipts: false,
    })
  })
})

describe('power', () => {
  it('has levels that the bot can change, and the way back', () => {
    expect(levelOf({ _: 'channelParticipantCreator', userId: BOB, adminRights: admin({}) })).toBe(95)
    const chief = { _: 'channelParticipantAdmin' as const, userId: BOB, promotedBy: ME, date: 0 }
    expect(levelOf({ ...chief, adminRights: admin({ addAdmins: true }) })).toBe(75)
    expect(levelOf({ ...chief, adminRights: admin({}) })).toBe(50)
    expect(levelOf({ _: 'channelParticipant', userId: BOB, date: 0 })).toBe(0)
    expect(adminRightsFor(0)).toBeUndefined()
    expect(adminRightsFor(50)).not.toHaveProperty('addAdmins')
    expect(adminRightsFor(100)).toMatchObject({ addAdmins: true, banUsers: true })
  })

  it('lets only administrators write in a channel', () => {
    expect(roomPower(undefined)).toEqual({ speak: 0, topic: 0, name: 0, pin: 0, invite: 0 })
    expect(roomPower(undefined, { broadcast: true }).speak).toBe(50)
  })
})

it('reads all settings of a dialog', () => {
  const dialog: tl.RawDialog = {
    _: 'dialog',
    peer: { _: 'peerUser', userId: BOB },
    topMessage: 1,
    readInboxMaxId: 0,
    readOutboxMaxId: 0,
    unreadCount: 0,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    notifySettings: { _: 'peerNotifySettings' },
    pinned: true,
    folderId: 1,
  }
  expect(settingsOfDialog(dialog, view(), new Date(0))).toMatchObject({
    kind: 'settings',
    settings: { mute: 'off', archived: true, unread: false, favourite: true },
  })
})
