import type { GroupMetadata } from '@whiskeysockets/baileys'
import { proto } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { Groups } from '../../../../src/networks/whatsapp/groups.ts'
import { groupState } from '../../../../src/networks/whatsapp/members.ts'
import { settingsOf } from '../../../../src/networks/whatsapp/from-settings.ts'
import { bob, bobLid, cem, dee, direct, group, inGroup, me, myLid, now, read, view } from './setup.ts'

const Stub = proto.WebMessageInfo.StubType
const stub = (messageStubType: proto.WebMessageInfo.StubType, parameters: string[] = [], where = inGroup) =>
  read(undefined, where, { messageStubType, messageStubParameters: parameters })
const person = (id: string, phoneNumber?: string) => JSON.stringify({ id, phoneNumber, admin: null })

describe('what happens in groups', () => {
  test('names, descriptions, pictures', () => {
    expect(stub(Stub.GROUP_CHANGE_SUBJECT, ['New'])).toMatchObject([
      { kind: 'name', name: 'New', sender: { id: cem } },
    ])
    expect(stub(Stub.GROUP_CHANGE_DESCRIPTION, ['About'])).toMatchObject([{ kind: 'topic', topic: 'About' }])
    expect(stub(Stub.GROUP_CHANGE_DESCRIPTION)).toMatchObject([{ kind: 'topic', topic: '' }])
    expect(stub(Stub.GROUP_CHANGE_ICON, ['77'])).toMatchObject([
      {
        kind: 'avatar',
        picture: { id: '77', media: { source: { ref: { of: 'picture', jid: group, id: '77' } } } },
      },
    ])
    expect(stub(Stub.GROUP_CHANGE_ICON)).toEqual([
      expect.not.objectContaining({ picture: expect.anything() as unknown }),
    ])
    expect(stub(Stub.GROUP_CREATE, ['Crew'])).toMatchObject([
      { kind: 'info', text: 'Cem created the group “Crew”' },
      { kind: 'name', name: 'Crew' },
    ])
  })

  test('who comes and goes; each in an event of their own, under both ids', () => {
    const events = stub(Stub.GROUP_PARTICIPANT_ADD, [
      person('9009@lid', '15550009@s.whatsapp.net'),
      person(dee),
    ])
    expect(events).toMatchObject([
      { kind: 'membership', change: 'join', user: { id: '9009@lid', aliases: ['15550009@s.whatsapp.net'] } },
      { kind: 'membership', change: 'join', user: { id: dee } },
    ])
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
    expect(stub(Stub.GROUP_PARTICIPANT_REMOVE, [person(bobLid)])).toMatchObject([
      { change: 'kick', user: { id: bobLid }, sender: { id: cem } },
    ])
    expect(stub(Stub.GROUP_PARTICIPANT_REMOVE, [person(cem)])).toMatchObject([{ change: 'leave' }])
    expect(stub(Stub.GROUP_PARTICIPANT_LEAVE, [cem])).toMatchObject([{ change: 'leave', user: { id: cem } }])
    expect(stub(Stub.GROUP_PARTICIPANT_ADD, ['no', '{"id":7}'])).toEqual([])
  })

  test('power', () => {
    expect(stub(Stub.GROUP_PARTICIPANT_PROMOTE, [person(bob)])).toMatchObject([
      { kind: 'power', users: [{ user: { id: bobLid }, level: 50 }] },
    ])
    expect(stub(Stub.GROUP_PARTICIPANT_DEMOTE, [person(bob)])).toMatchObject([{ users: [{ level: 0 }] }])
    expect(stub(Stub.GROUP_CHANGE_ANNOUNCE, ['on'])).toMatchObject([{ kind: 'power', room: { speak: 50 } }])
    expect(stub(Stub.GROUP_CHANGE_ANNOUNCE, ['off'])).toMatchObject([{ room: { speak: 0 } }])
    expect(stub(Stub.GROUP_CHANGE_RESTRICT, ['on'])).toMatchObject([{ room: { name: 50, topic: 50 } }])
    expect(stub(Stub.GROUP_MEMBER_ADD_MODE, ['all_member_add'])).toMatchObject([{ room: { invite: 0 } }])
  })

  test('somebody goes on under another number', () => {
    expect(stub(Stub.GROUP_PARTICIPANT_CHANGE_NUMBER, [dee, '15550005@s.whatsapp.net'])).toMatchObject([
      { kind: 'rename', from: { id: dee }, to: { id: '15550005@s.whatsapp.net' } },
    ])
    expect(stub(Stub.GROUP_PARTICIPANT_CHANGE_NUMBER, [bob, bobLid])).toEqual([])
  })

  test('without anybody who did it', () => {
    const [event] = stub(Stub.GROUP_CHANGE_SUBJECT, ['New'], { remoteJid: group, fromMe: false })
    expect(event).toMatchObject({ kind: 'name', id: `${group}/A1` })
    expect(event).not.toHaveProperty('sender')
  })

  test.each([
    [Stub.CHANGE_EPHEMERAL_SETTING, ['86400'], 'Cem set messages to disappear after 1 day'],
    [Stub.GROUP_CHANGE_INVITE_LINK, ['x'], 'Cem changed the invitation link'],
    [Stub.GROUP_MEMBERSHIP_JOIN_APPROVAL_MODE, ['on'], 'Administrators have to let new members in'],
    [
      Stub.GROUP_MEMBERSHIP_JOIN_APPROVAL_REQUEST_NON_ADMIN_ADD,
      [JSON.stringify({ lid: bobLid, pn: bob }), 'created'],
      'Bob wants to join. Open WhatsApp to let them in.',
    ],
    [Stub.E2E_IDENTITY_CHANGED, [], 'The security code with Cem changed'],
  ])('%i is told in words', (type, parameters, text) => {
    expect(stub(type, parameters)).toMatchObject([{ kind: 'info', text }])
  })

  test.each([
    [Stub.CALL_MISSED_VOICE, 'A missed voice call.'],
    [Stub.CALL_MISSED_GROUP_VIDEO, 'A missed group video call.'],
  ])('a call that was missed', (type, text) => {
    expect(stub(type, [], direct)).toMatchObject([
      { kind: 'message', content: { what: 'call', text: `${text} Open WhatsApp to call back.` } },
    ])
  })

  test('what says nothing to people is no event', () => {
    expect(stub(Stub.E2E_ENCRYPTED)).toEqual([])
    expect(stub(Stub.BIZ_PRIVACY_MODE_TO_FB)).toEqual([])
  })
})

describe('a whole group', () => {
  const metadata: GroupMetadata = {
    id: group,
    subject: 'Crew',
    desc: 'About',
    owner: undefined,
    announce: true,
    participants: [
      { id: myLid, phoneNumber: me, admin: 'superadmin' },
      { id: '9009@lid', phoneNumber: '15550009@s.whatsapp.net', admin: 'admin' },
      { id: cem, admin: null },
    ],
  }

  const stateOf = (given: GroupMetadata) => {
    const groups = new Groups()
    groups.set(given)
    return groupState({ ...view, group: (chat) => groups.facts(chat) }, group, given, now)?.events ?? []
  }

  test('members and power', () => {
    expect(stateOf(metadata)).toMatchObject([
      {
        kind: 'members',
        users: [{ id: myLid }, { id: '9009@lid' }, { id: cem }],
      },
      { kind: 'power', users: [{ level: 95 }, { level: 50 }, { level: 0 }], room: { speak: 50, name: 0 } },
    ])
  })

  test('a list that cannot be read whole takes nobody out', () => {
    const broken = { ...metadata, participants: [...metadata.participants, { id: 'nobody' }] }
    expect(stateOf(broken).map(({ kind }) => kind)).not.toContain('members')
  })
})

describe('settings', () => {
  const soon = now.getTime() + 1_000
  test.each([
    [{ muteEndTime: soon }, { mute: { untilMs: soon } }],
    [{ muteEndTime: -1 }, { mute: 'forever' }],
    [{ muteEndTime: null }, { mute: 'off' }],
    [{ muteEndTime: 5 }, { mute: 'off' }],
    [{ archived: true }, { archived: true }],
    [{ unreadCount: -1 }, { unread: true }],
    [{ unreadCount: 0 }, { unread: false }],
    [{ pinned: 1_700_000_000 }, { favourite: true }],
    [{ pinned: null }, { favourite: false }],
  ])('%j', (news, settings) => {
    expect(settingsOf({ id: bob, ...news }, view, now)).toMatchObject([
      { kind: 'settings', login: 1, chat: { id: bobLid }, settings },
    ])
  })

  test.each([{}, { unreadCount: 3 }, { unreadCount: null }, { name: 'x' }])('%j says nothing', (news) => {
    expect(settingsOf({ id: bob, ...news }, view, now)).toEqual([])
  })
})
