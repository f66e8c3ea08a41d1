import { proto } from '@whiskeysockets/baileys'
import { describe, expect, test } from 'vitest'
import { fromMessage, undecryptedNotice } from '../../../../src/networks/whatsapp/from-message.ts'
import { optionId } from '../../../../src/networks/whatsapp/from-poll.ts'
import { wantedFor } from '../../../../src/networks/whatsapp/wanted.ts'
import {
  bob,
  bobLid,
  cem,
  contentOf,
  direct,
  group,
  inGroup,
  me,
  myLid,
  now,
  read,
  view,
  waMessage,
} from './setup.ts'

const text = (body: string, contextInfo?: proto.IContextInfo): proto.IMessage => ({
  extendedTextMessage: { text: body, ...(contextInfo && { contextInfo }) },
})
const own = { remoteJid: bobLid, fromMe: true }

describe('who and where', () => {
  test('a direct message by phone number and one by LID are in the same chat, by the same person', () => {
    const [byPhone] = read(text('hi'), { remoteJid: bob, fromMe: false })
    const [byLid] = read(text('hi'), { remoteJid: bobLid, fromMe: false })
    expect(byPhone).toEqual(byLid)
    expect(byPhone).toMatchObject({
      kind: 'message',
      id: 'them/A1',
      at: new Date(1_700_000_000_000),
      chat: { network: 'whatsapp', id: bobLid, type: 'dm', receiver: 1, name: 'Bobby' },
      sender: { id: bobLid, aliases: [bob], name: 'Bob', handle: '+15550002', contactName: 'Bobby' },
      content: { kind: 'text', body: 'hi' },
    })
  })

  test('a device of the address does not matter', () => {
    expect(read(text('hi'), { remoteJid: '15550002:13@s.whatsapp.net', fromMe: false })[0]).toMatchObject({
      chat: { id: bobLid },
    })
  })

  test('what the owner wrote on the phone is the owner’s', () => {
    expect(read(text('hi'), own)).toMatchObject([
      { id: 'me/A1', chat: { id: bobLid }, sender: { id: myLid, self: 1 }, content: { body: 'hi' } },
    ])
  })

  test('in a group the id names the author, under all ids; the address book is nobody else’s', () => {
    const [event] = read(text('hi'), { remoteJid: group, fromMe: false, participant: bob })
    expect(event).toMatchObject({
      id: `${bobLid}/A1`,
      alsoIds: [`${bob}/A1`],
      chat: { id: group, type: 'group', name: 'Crew' },
      sender: { id: bobLid, aliases: [bob], name: 'Bob' },
    })
    expect(event?.sender).not.toHaveProperty('contactName')
  })

  test('the first message that names both ids of a contact moves the chat before it is in it', () => {
    const events = read(text('hi'), {
      remoteJid: '15550009@s.whatsapp.net',
      remoteJidAlt: '9009@lid',
      fromMe: false,
    })
    expect(events).toMatchObject([
      { kind: 'moved', chat: { id: '15550009@s.whatsapp.net' }, to: { id: '9009@lid' } },
      {
        kind: 'message',
        chat: { id: '9009@lid' },
        sender: { id: '9009@lid', aliases: ['15550009@s.whatsapp.net'] },
      },
    ])
  })

  test('a message says what its author is called', () => {
    const [event] = read(text('hi'), inGroup, { pushName: 'Cem the\u202eGreat' })
    expect(event?.sender).toMatchObject({ id: cem, name: 'Cem the Great' })
    expect(read(text('hi'), own, { pushName: 'Me' })[0]?.sender?.name).toBeUndefined()
  })

  test.each([
    [
      'a message of the account’s devices among themselves',
      waMessage(text('x'), direct, { category: 'peer' }),
    ],
    ['no address', waMessage(text('x'), { remoteJid: 'server@c.us' })],
    ['nobody’s message in a group', waMessage(text('x'), { remoteJid: group })],
    ['keys alone', waMessage({ senderKeyDistributionMessage: { groupId: group } }, inGroup)],
    ['an album’s frame', waMessage({ albumMessage: { expectedImageCount: 2 } })],
    [
      'history',
      waMessage(
        { protocolMessage: { type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION } },
        own,
      ),
    ],
  ])('%s is no event', (_, message) => {
    expect(fromMessage(message, view, now).events).toEqual([])
  })

  test('what could not be decrypted is no event yet, and a notice of its own later', () => {
    const message = waMessage(undefined, direct, {
      messageStubType: proto.WebMessageInfo.StubType.CIPHERTEXT,
    })
    expect(fromMessage(message, view, now)).toEqual({ events: [], undecrypted: true })
    expect(undecryptedNotice(message, view, now)).toMatchObject({
      id: 'them/A1/undecrypted',
      content: { kind: 'unsupported', text: expect.stringContaining('Open WhatsApp') as unknown },
    })
  })

  test('a message without a time is of now', () => {
    expect(read(text('x'), direct, { messageTimestamp: 0 })[0]?.at).toEqual(now)
  })
})

describe('text', () => {
  test('both kinds of text, formats, mentions by either digits', () => {
    expect(contentOf({ conversation: '*b*' })).toEqual({
      kind: 'text',
      style: 'text',
      body: '*b*',
      html: '<strong>b</strong>',
    })
    const content = contentOf(
      text('@15550002 @9003', { mentionedJid: [bobLid, cem], nonJidMentions: 1 }),
      inGroup,
    )
    expect(content).toMatchObject({
      body: '@Bob @9003',
      mentionsRoom: true,
      mentions: [{ remote: bobLid, name: 'Bob' }],
    })
    expect(contentOf(text('@15550002', {}), inGroup)).not.toHaveProperty('mentions')
  })

  test('a link preview is of the web only', () => {
    const link = (matchedText: string) =>
      contentOf({ extendedTextMessage: { text: 'x', matchedText, title: 'T' } })
    expect(link('https://x.example')).toMatchObject({ previews: [{ url: 'https://x.example', title: 'T' }] })
    expect(link('javascript:1')).not.toHaveProperty('previews')
  })

  test('a forwarded message says so', () => {
    expect(contentOf(text('x', { isForwarded: true, forwardingScore: 1 }))).toMatchObject({
      body: 'Forwarded\nx',
      html: '<em>Forwarded</em><br>x',
    })
    expect(contentOf(text('x', { isForwarded: true, forwardingScore: 9 }))).toMatchObject({
      body: 'Forwarded many times\nx',
    })
  })

  test('a message that disappears says when', () => {
    expect(read({ ephemeralMessage: { message: text('x', { expiration: 86_400 }) } })).toMatchObject([
      { kind: 'message', content: { body: 'x' }, expiresAfterMs: 86_400_000 },
    ])
  })
})

describe('replies', () => {
  const quote = (participant: string, more: proto.IContextInfo = {}) =>
    text('yes', { stanzaId: 'Q', participant, quotedMessage: { conversation: 'question' }, ...more })

  test.each([
    ['the contact', bob, 'them/Q'],
    ['the contact by LID', bobLid, 'them/Q'],
    ['the owner', me, 'me/Q'],
    ['the owner by LID', myLid, 'me/Q'],
  ])('to %s', (_, participant, replyTo) => {
    expect(read(quote(participant))).toMatchObject([{ replyTo, content: { body: 'yes' } }])
  })

  test('in a group to an author under either id', () => {
    expect(read(quote(bob), inGroup)).toMatchObject([{ replyTo: `${bobLid}/Q` }])
    expect(read(quote(me), inGroup)).toMatchObject([{ replyTo: `${myLid}/Q` }])
    expect(wantedFor(waMessage(quote(bob), inGroup), view)).toEqual({
      quoted: { chat: group, ids: [`${bobLid}/Q`, `${bob}/Q`] },
    })
  })

  test('to what the bridge does not have, and to a status: with its words', () => {
    expect(read(quote(bob), direct, { stored: { quotedKnown: false } })).toMatchObject([
      { content: { body: 'In reply to Bob:\n> question\nyes' } },
    ])
    const [event] = read(quote(me, { remoteJid: 'status@broadcast' }))
    expect(event).toMatchObject({ content: { body: 'In reply to you (status update):\n> question\nyes' } })
    expect(event).not.toHaveProperty('replyTo')
  })
})

describe('changes of messages', () => {
  const Type = proto.Message.ProtocolMessage.Type
  const edit = (key: proto.IMessageKey) => ({
    protocolMessage: {
      type: Type.MESSAGE_EDIT,
      key,
      editedMessage: text('new'),
      timestampMs: 1_700_000_001_000,
    },
  })

  test('an edit, also in the wrapper of older apps', () => {
    const expected = {
      kind: 'edit',
      id: 'them/A1/edit.1700000001000',
      target: 'them/OLD',
      at: new Date(1_700_000_001_000),
      content: { body: 'new' },
    }
    expect(read(edit({ fromMe: true, id: 'OLD' }))).toMatchObject([expected])
    expect(read({ editedMessage: { message: edit({ fromMe: true, id: 'OLD' }) } })).toMatchObject([expected])
  })

  test('nobody edits what somebody else wrote, whatever the key says', () => {
    expect(read(edit({ fromMe: false, id: 'MINE' }))).toMatchObject([{ target: 'them/MINE' }])
    expect(read(edit({ fromMe: false, id: 'X', participant: bob }), inGroup)).toMatchObject([
      { target: `${cem}/X` },
    ])
  })

  const revoke = (key: proto.IMessageKey) => ({ protocolMessage: { type: Type.REVOKE, key } })

  test('a revocation: of one’s own message in a direct chat, of others’ by administrators', () => {
    expect(read(revoke({ fromMe: true, id: 'OLD' }))).toMatchObject([
      { kind: 'redaction', target: 'them/OLD' },
    ])
    expect(read(revoke({ fromMe: false, id: 'MINE' }))).toMatchObject([{ target: 'them/MINE' }])
    expect(read(revoke({ fromMe: true, id: 'OLD' }), inGroup)).toMatchObject([{ target: `${cem}/OLD` }])
    const byBob = { remoteJid: group, fromMe: false, participant: bobLid }
    expect(read(revoke({ id: 'X', participant: cem }), byBob)).toMatchObject([
      { kind: 'redaction', target: `${cem}/X`, reason: 'Deleted by an administrator' },
    ])
    expect(read(revoke({ id: 'X', participant: me }), byBob)).toMatchObject([{ target: `${myLid}/X` }])
    expect(read(revoke({ id: 'X', participant: bobLid }), inGroup)).toMatchObject([{ kind: 'info' }])
  })

  test('a reaction, another one in its place, none', () => {
    const react = (emoji: string) => ({ reactionMessage: { key: { fromMe: true, id: 'M' }, text: emoji } })
    expect(wantedFor(waMessage(react('👍')), view)).toEqual({
      reaction: { chat: bobLid, target: 'me/M', by: bobLid, becomes: '👍' },
    })
    expect(read(react('❤'))).toMatchObject([{ kind: 'reaction', id: 'them/A1', target: 'me/M', key: '❤️' }])
    expect(read(react('👍'), direct, { stored: { reaction: '❤️' } })).toMatchObject([
      { kind: 'reaction-removal', key: '❤️' },
      { kind: 'reaction', key: '👍' },
    ])
    expect(read(react(''), direct, { stored: { reaction: '👍' } })).toMatchObject([
      { kind: 'reaction-removal', target: 'me/M', key: '👍' },
    ])
    expect(read(react('❤️'), direct, { stored: { reaction: '❤' } })).toMatchObject([{ kind: 'reaction' }])
    expect(read(react(''))).toEqual([])
  })

  test('a pin', () => {
    const pin = (type: proto.Message.PinInChatMessage.Type) => ({
      pinInChatMessage: { key: { fromMe: false, id: 'M', participant: bob }, type },
    })
    const { PIN_FOR_ALL, UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type
    expect(read(pin(PIN_FOR_ALL), inGroup)).toMatchObject([
      { kind: 'pin', targets: [`${bobLid}/M`], pinned: true },
    ])
    const ofDirect = (fromMe: boolean) => ({
      pinInChatMessage: { key: { fromMe, id: 'M' }, type: PIN_FOR_ALL },
    })
    expect(read(ofDirect(false))).toMatchObject([{ targets: ['me/M'] }])
    expect(read(ofDirect(true))).toMatchObject([{ targets: ['them/M'] }])
    expect(read(ofDirect(true), own)).toMatchObject([{ targets: ['me/M'] }])
    expect(read(ofDirect(false), own)).toMatchObject([{ targets: ['them/M'] }])
    expect(read(pin(UNPIN_FOR_ALL), inGroup)).toMatchObject([{ kind: 'pin', pinned: false }])
  })

  test('the timer', () => {
    const timer = (ephemeralExpiration: number) =>
      read({
        ephemeralMessage: {
          message: { protocolMessage: { type: Type.EPHEMERAL_SETTING, ephemeralExpiration } },
        },
      })
    expect(timer(604_800)).toMatchObject([
      { kind: 'info', text: 'Bob set messages to disappear after 7 days' },
    ])
    expect(timer(0)).toMatchObject([{ text: 'Bob set messages not to disappear' }])
  })
})

describe('polls', () => {
  const poll = { name: 'Q?', options: [{ optionName: 'a' }, { optionName: 'b' }], selectableOptionsCount: 0 }

  test.each([
    [{ pollCreationMessage: poll }, 2],
    [{ pollCreationMessageV3: { ...poll, selectableOptionsCount: 1 } }, 1],
    [
      { pollCreationMessageV4: { message: { pollCreationMessage: { ...poll, selectableOptionsCount: 1 } } } },
      1,
    ],
  ])('a poll %#', (message, maxSelections) => {
    expect(contentOf(message)).toEqual({
      kind: 'poll',
      question: 'Q?',
      options: [
        { id: optionId('a'), text: 'a' },
        { id: optionId('b'), text: 'b' },
      ],
      maxSelections,
    })
  })

  test('a vote names its answers by hash; one that cannot be read is said', () => {
    const vote = {
      pollUpdateMessage: { pollCreationMessageKey: { fromMe: false, id: 'P', participant: bob } },
    }
    expect(wantedFor(waMessage(vote, inGroup), view)).toMatchObject({
      poll: { chat: group, ids: [`${bobLid}/P`, `${bob}/P`] },
    })
    const selected = [Buffer.from(optionId('b'), 'hex')]
    expect(read(vote, inGroup, { stored: { vote: selected } })).toMatchObject([
      { kind: 'poll-vote', target: `${bobLid}/P`, optionIds: [optionId('b')] },
    ])
    expect(read(vote, inGroup, { stored: { vote: [] } })).toMatchObject([
      { kind: 'poll-vote', optionIds: [] },
    ])
    expect(read(vote, inGroup)).toMatchObject([
      { kind: 'message', replyTo: `${bobLid}/P`, content: { kind: 'unsupported', what: 'vote' } },
    ])
  })
})
