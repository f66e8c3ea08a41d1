import type { proto } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MediaContent, MessageContent } from '../../../../src/model/content.ts'
import { matrixEventId, matrixUserId, mxcUri } from '../../../../src/model/ids.ts'
import type { RemoteMessageId } from '../../../../src/model/ids.ts'
import type { RemoteAction, Target } from '../../../../src/model/remote-action.ts'
import { createsMessage, isStanza } from '../../../../src/networks/whatsapp/call.ts'
import { optionId } from '../../../../src/networks/whatsapp/from-poll.ts'
import { toMessageId } from '../../../../src/networks/whatsapp/ids.ts'
import { messageIds } from '../../../../src/networks/whatsapp/message-key.ts'
import { split } from '../../../../src/networks/whatsapp/split.ts'
import { toRemote } from '../../../../src/networks/whatsapp/to-remote.ts'
import { toUpload, uploadContent } from '../../../../src/networks/whatsapp/to-upload.ts'
import type { Voice } from '../../../../src/networks/whatsapp/voice.ts'
import { bob, bobLid, cem, contentOf, dm, group, groupVoice, me, myLid, now, read, view } from './setup.ts'

const mine = toMessageId({ by: 'me', id: 'M' })
const theirs = toMessageId({ by: 'them', id: 'T' })
const target = (remoteIds: RemoteMessageId[], own = true, ageMs = 0): Target => ({
  eventId: matrixEventId('$1'),
  remoteIds,
  own,
  at: new Date(now.getTime() - ageMs),
  excerpt: 'before',
})
const plan = (action: RemoteAction, voice: Voice = dm) => {
  const made = toRemote(action, voice)
  if ('refused' in made) throw new Error(made.refused)
  return made
}
const refusal = (action: RemoteAction, voice: Voice = dm) => {
  const made = toRemote(action, voice)
  return 'refused' in made ? made.refused : undefined
}
const calls = (action: RemoteAction, voice: Voice = dm) => plan(action, voice).calls
const say = (content: MessageContent, voice: Voice = dm, replyTo?: Target) =>
  plan({ kind: 'message', content, ...(replyTo && { replyTo }) }, voice)
const text = (body: string, html?: string): MessageContent => ({
  kind: 'text',
  style: 'text',
  body,
  ...(html !== undefined && { html }),
})
const messagesOf = (all: ReturnType<typeof calls>): proto.IMessage[] =>
  all.flatMap((call) => (call.kind === 'send' ? [call.message] : []))
const bodies = (all: ReturnType<typeof calls>) =>
  messagesOf(all).map((each) => each.extendedTextMessage?.text)

describe('text', () => {
  test('formats, and what is shown in the app is what was written', () => {
    expect(messagesOf(say(text('b', '<b>b</b>')).calls)).toEqual([{ extendedTextMessage: { text: '*b*' } }])
    expect(contentOf(messagesOf(say(text('*x* _y_')).calls)[0] ?? {})).not.toHaveProperty('html')
  })

  test('mentions, by the address that the chat uses', () => {
    const pill = matrixUserId('@bob:hs')
    const content: MessageContent = {
      ...text('hi Bob', 'hi <a href="https://matrix.to/#/@bob:hs">Bob</a>'),
      mentions: [{ user: pill, remote: bob, name: 'Bob' }],
      mentionsRoom: true,
    } as MessageContent
    expect(messagesOf(say(content, groupVoice).calls)).toEqual([
      {
        extendedTextMessage: { text: 'hi @9002', contextInfo: { mentionedJid: [bobLid], nonJidMentions: 1 } },
      },
    ])
    expect(bodies(say(content, { ...groupVoice, byLid: false }).calls)).toEqual(['hi @15550002'])
    const plain: MessageContent = {
      kind: 'text',
      style: 'text',
      body: 'hi Bob',
      mentions: [{ user: pill, remote: bob, name: 'Bob' }],
    }
    expect(messagesOf(say(plain, groupVoice).calls)).toMatchObject([
      { extendedTextMessage: { text: 'hi @9002', contextInfo: { mentionedJid: [bobLid] } } },
    ])
  })

  test('an answer names its message, author and words', () => {
    const context = (voice: Voice, ids: RemoteMessageId[]) =>
      messagesOf(say(text('x'), voice, target(ids)).calls)[0]?.extendedTextMessage?.contextInfo
    const quotedMessage = { conversation: 'before' }
    expect(context(dm, [mine])).toEqual({ stanzaId: 'M', participant: myLid, quotedMessage })
    expect(context(dm, [theirs])).toEqual({ stanzaId: 'T', participant: bobLid, quotedMessage })
    expect(context(groupVoice, messageIds(view, cem, 'C'))).toEqual({
      stanzaId: 'C',
      participant: cem,
      quotedMessage,
    })
    expect(context({ ...groupVoice, byLid: false }, messageIds(view, me, 'O'))).toMatchObject({
      participant: me,
    })
  })

  test('a thread is an answer to its root', () => {
    const action: RemoteAction = { kind: 'message', content: text('x'), threadRoot: target([theirs]) }
    expect(messagesOf(calls(action))[0]?.extendedTextMessage?.contextInfo?.stanzaId).toBe('T')
  })

  test('a chat whose messages disappear', () => {
    const voice = { ...dm, disappearingSeconds: 86_400 }
    expect(messagesOf(say(text('x'), voice).calls)[0]?.extendedTextMessage?.contextInfo).toEqual({
      expiration: 86_400,
    })
  })

  test('words of others carry their name; an emote is in italics', () => {
    const relay = { ...dm, speaker: 'A*b*' }
    expect(bodies(say(text('x'), relay).calls)).toEqual([expect.stringMatching(/^A.*b.*: x$/)])
    expect(bodies(say(text('x'), { ...dm, speaker: 'Ann' }).calls)).toEqual(['*Ann*: x'])
    const emote: MessageContent = { kind: 'text', style: 'emote', body: 'waves' }
    expect(bodies(say(emote, { ...dm, speaker: 'Ann' }).calls)).toEqual(['*Ann* waves'])
    expect(bodies(say(emote).calls)).toEqual(['_waves_'])
  })

  test('nothing to say is refused; very long texts are cut', () => {
    expect(refusal({ kind: 'message', content: text(' ') })).toBeDefined()
    expect(say(text('word '.repeat(20_000))).calls).toHaveLength(2)
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
        fc.integer({ min: 8, max: 20 }),
        (long, limit) => {
          const parts = split(long.toWellFormed(), limit)
          for (const part of parts) {
            expect(part.length).toBeLessThanOrEqual(limit)
            expect(part.isWellFormed()).toBe(true)
          }
          expect(parts.join('').replace(/\s/g, '')).toBe(long.toWellFormed().replace(/\s/g, ''))
        },
      ),
    )
  })
})

const media = (more: Partial<MediaContent>): MediaContent => ({
  kind: 'media',
  media: 'image',
  fileName: 'a.bin',
  source: { at: 'matrix', mxc: mxcUri('mxc://hs/1') },
  ...more,
})

describe('attachments', () => {
  test.each<[Partial<MediaContent>, object]>([
    [{ media: 'image', mimeType: 'image/png' }, { as: 'image' }],
    [{ media: 'image', mimeType: 'image/gif' }, { as: 'document' }],
    [
      { media: 'video', mimeType: 'video/mp4', animated: true },
      { as: 'video', gif: true },
    ],
    [
      { media: 'video', mimeType: 'video/mp4', round: true },
      { as: 'video', round: true },
    ],
    [{ media: 'video', mimeType: 'video/webm' }, { as: 'document' }],
    [
      { media: 'voice', mimeType: 'audio/ogg', waveform: [0, 1024] },
      { as: 'audio', mimeType: 'audio/ogg; codecs=opus' },
    ],
    [{ media: 'voice', mimeType: 'audio/mp4' }, { as: 'audio' }],
    [{ media: 'audio', mimeType: 'audio/flac' }, { as: 'document' }],
    [
      { media: 'sticker', mimeType: 'image/webp', animated: true },
      { as: 'sticker', animated: true },
    ],
    [{ media: 'sticker', mimeType: 'image/png' }, { as: 'image' }],
    [{ media: 'file', mimeType: 'image/png' }, { as: 'document' }],
    [{ media: 'file' }, { as: 'document', mimeType: 'application/octet-stream' }],
  ])('%j', (more, expected) => {
    expect(toUpload(media(more)).upload).toMatchObject(expected)
  })

  test('a caption goes with it; where none can stand, before it', () => {
    const caption = { body: 'c', html: '<i>c</i>' }
    expect(say(media({ mimeType: 'image/png', caption })).calls).toMatchObject([
      { kind: 'upload', caption: '_c_' },
    ])
    const audio = media({ media: 'audio', mimeType: 'audio/mpeg', caption })
    const answer = say(audio, dm, target([theirs])).calls
    expect(answer).toMatchObject([
      { kind: 'send', message: { extendedTextMessage: { text: '_c_' } } },
      { kind: 'upload', caption: '', context: { stanzaId: 'T' } },
    ])
    expect(say(media({ mimeType: 'image/png' }), { ...dm, speaker: 'Ann' }).calls).toMatchObject([
      { caption: '*Ann*: ' },
    ])
    expect(say(media({ mimeType: 'image/gif' })).note).toContain('GIF')
  })

  test('what the library is given', () => {
    const bytes = { url: 'x' }
    const made = (more: Partial<MediaContent>) =>
      uploadContent({ upload: toUpload(media(more)).upload, caption: 'c', context: { stanzaId: 'T' } }, bytes)
    expect(made({ mimeType: 'image/png', width: 4, height: 3 })).toMatchObject({
      image: bytes,
      caption: 'c',
      jpegThumbnail: '',
      width: 4,
      height: 3,
      mimetype: 'image/png',
      contextInfo: { stanzaId: 'T' },
    })
    expect(made({ media: 'voice', mimeType: 'audio/ogg', durationMs: 1500 })).toMatchObject({
      ptt: true,
      seconds: 2,
    })
    expect(made({ media: 'video', mimeType: 'video/mp4', animated: true })).toMatchObject({
      gifPlayback: true,
    })
    expect(made({ media: 'file', fileName: 'x.pdf', mimeType: 'application/pdf' })).toMatchObject({
      fileName: 'x.pdf',
    })
  })
})

describe('other messages', () => {
  test('a place and contacts come back as they went', () => {
    const place: MessageContent = { kind: 'location', latitude: 1.5, longitude: -2, name: 'Home, Street 1' }
    expect(contentOf(messagesOf(say(place).calls)[0] ?? {})).toEqual(place)
    const [card = {}] = messagesOf(
      say({ kind: 'contact', contacts: [{ name: 'A;B', phones: ['+49 12'] }] }).calls,
    )
    expect(card.contactMessage?.vcard).toContain('FN:A\\;B\nTEL;type=CELL;waid=4912:+49 12')
    expect(contentOf(card)).toMatchObject({ contacts: [{ name: 'A;B', phones: ['+49 12'] }] })
    const two = [
      { name: 'A', phones: ['1'] },
      { name: 'B', phones: [] },
    ]
    expect(contentOf(messagesOf(say({ kind: 'contact', contacts: two }).calls)[0] ?? {})).toMatchObject({
      contacts: two,
    })
  })

  const poll = (count: number, maxSelections = 1): MessageContent => ({
    kind: 'poll',
    question: 'Q?',
    options: Array.from({ length: count }, (_, i) => ({ id: `m${i}`, text: `o${i}` })),
    maxSelections,
  })

  test('a poll, its secret, what its answers are called', () => {
    const made = say(poll(3))
    expect(made.optionIds).toEqual(['o0', 'o1', 'o2'].map(optionId))
    expect(made.calls).toMatchObject([
      {
        nodes: [{ tag: 'meta', attrs: { polltype: 'creation' } }],
        message: {
          messageContextInfo: { messageSecret: dm.secret },
          pollCreationMessageV3: { name: 'Q?', selectableOptionsCount: 1 },
        },
      },
    ])
    expect(messagesOf(say(poll(3, 2)).calls)[0]?.pollCreationMessage?.selectableOptionsCount).toBe(2)
    expect(messagesOf(say(poll(3, 3)).calls)[0]?.pollCreationMessage?.selectableOptionsCount).toBe(0)
    const back = contentOf(messagesOf(say(poll(3, 2)).calls)[0] ?? {})
    expect(back).toMatchObject({ maxSelections: 2, options: made.optionIds?.map((id) => ({ id })) })
  })

  test('what WhatsApp takes as no poll goes as text, with a note', () => {
    for (const content of [poll(1), poll(13)]) {
      const made = say(content)
      expect(made.note).toContain('2 to 12')
      expect(bodies(made.calls)[0]).toContain('📊 Q?')
    }
    const twice = {
      ...poll(2),
      options: [
        { id: '1', text: 'a' },
        { id: '2', text: ' a' },
      ],
    } as MessageContent
    expect(say(twice).note).toContain('same answer')
  })

  test('a vote; its answers by hash, or by their text', () => {
    const vote = (id: string, text: string): RemoteAction => ({
      kind: 'poll-vote',
      target: target([theirs]),
      options: [{ id, text }],
    })
    const expected = [{ kind: 'vote', poll: { fromMe: false, id: 'T' }, options: [optionId('a')] }]
    expect(calls(vote(optionId('a'), 'a'))).toMatchObject(expected)
    expect(calls(vote('m1', 'a'))).toMatchObject(expected)
    expect(calls({ kind: 'poll-vote', target: target([theirs]), options: [] })).toMatchObject([
      { options: [] },
    ])
    const relayed = { ...dm, speaker: 'Ann' }
    expect(bodies(calls(vote('m1', 'a'), relayed))).toEqual(['*Ann* voted for a'])
    const none: RemoteAction = { kind: 'poll-vote', target: target([theirs]), options: [] }
    expect(bodies(calls(none, relayed))).toEqual(['*Ann* took back the vote'])
    expect(plan({ kind: 'poll-end', target: target([mine]), tally: 'a: 1' }).note).toContain('no end')
  })
})

describe('about messages', () => {
  test('an edit, within its time', () => {
    const edit = (ageMs: number, remoteIds = [mine]): RemoteAction => ({
      kind: 'edit',
      target: target(remoteIds, true, ageMs),
      content: text('new'),
    })
    expect(calls(edit(899_000))).toEqual([
      {
        kind: 'send',
        shown: false,
        attributes: { edit: '1' },
        message: {
          protocolMessage: {
            key: { remoteJid: bobLid, fromMe: true, id: 'M' },
            type: 14,
            editedMessage: { extendedTextMessage: { text: 'new' } },
            timestampMs: now.getTime(),
          },
        },
      },
    ])
    const late = plan(edit(901_000))
    expect(late.note).toContain('15 minutes')
    expect(late.calls).toMatchObject([
      { shown: true, message: { extendedTextMessage: { text: 'new', contextInfo: { stanzaId: 'M' } } } },
    ])
    const two = toMessageId({ by: 'me', id: 'N' })
    expect(calls(edit(0, [mine, two]))).toMatchObject([
      { message: { protocolMessage: { type: 14, key: { id: 'M' } } } },
      { message: { protocolMessage: { type: 0, key: { id: 'N' } } }, attributes: { edit: '7' } },
    ])
    expect(refusal(edit(0, []))).toBeDefined()
  })

  test('a caption is edited with its attachment', () => {
    const content = media({ mimeType: 'image/png', caption: { body: 'new' } })
    expect(calls({ kind: 'edit', target: target([mine]), content })).toMatchObject([
      { kind: 'upload', caption: 'new', edit: { id: 'M' } },
    ])
  })

  test('deleting: one’s own, and as an administrator what others wrote', () => {
    const revoke = (ids: RemoteMessageId[], voice: Voice) =>
      toRemote({ kind: 'redaction', target: target(ids) }, voice)
    expect(revoke([mine], dm)).toMatchObject({ calls: [{ attributes: { edit: '7' }, shown: false }] })
    expect(revoke([theirs], dm)).toMatchObject({ code: 'not_permitted' })
    const ofCem = messageIds(view, cem, 'C')
    expect(revoke(ofCem, groupVoice)).toMatchObject({
      calls: [{ attributes: { edit: '8' }, message: { protocolMessage: { key: { participant: cem } } } }],
    })
    expect(revoke(ofCem, { ...groupVoice, role: 'member' })).toMatchObject({ code: 'not_permitted' })
    // Several ids of one message are one deletion.
    expect(revoke(messageIds(view, bob, 'B'), groupVoice)).toMatchObject({ calls: { length: 1 } })
  })

  test('reactions: one emoji; anything else in words', () => {
    const react = (key: string): RemoteAction => ({ kind: 'reaction', target: target([theirs]), key })
    for (const [key, sent] of [
      ['👍', '👍'],
      ['❤', '❤️'],
      ['👩‍👩‍👧', '👩‍👩‍👧'],
      ['🇩🇪', '🇩🇪'],
      ['1️⃣', '1️⃣'],
      ['👍🏽', '👍🏽'],
      ['☝🏽', '☝🏽'],
    ] as const) {
      expect(messagesOf(calls(react(key)))[0]?.reactionMessage).toMatchObject({
        text: sent,
        key: { id: 'T' },
      })
    }
    const words = plan(react('yes'))
    expect(words.note).toContain('one emoji')
    expect(bodies(words.calls)).toEqual(['_reacted yes_'])
    expect(bodies(calls(react('👍'), { ...dm, speaker: 'Ann' }))).toEqual(['*Ann* reacted 👍'])
    const removal: RemoteAction = { kind: 'reaction-removal', target: target([theirs]), key: '👍' }
    expect(messagesOf(calls(removal))[0]?.reactionMessage?.text).toBe('')
  })

  test('pins', () => {
    const pin = (pinned: boolean): RemoteAction => ({ kind: 'pin', target: target([theirs]), pinned })
    expect(calls(pin(true))).toMatchObject([
      {
        attributes: { edit: '2' },
        message: {
          pinInChatMessage: { type: 1 },
          messageContextInfo: { messageAddOnDurationInSecs: 2_592_000 },
        },
      },
    ])
    expect(messagesOf(calls(pin(false)))[0]?.pinInChatMessage?.type).toBe(2)
  })
})

describe('another device of the account reads what was sent', () => {
  const own = { remoteJid: bobLid, fromMe: true }
  const readBack = (action: RemoteAction) =>
    messagesOf(calls(action)).flatMap((message) => read(message, own))

  test.each<[RemoteAction, object]>([
    [
      { kind: 'edit', target: target([mine]), content: text('new', '<b>new</b>') },
      { kind: 'edit', target: mine, at: now, content: { body: '*new*', html: '<strong>new</strong>' } },
    ],
    [
      { kind: 'redaction', target: target([mine]) },
      { kind: 'redaction', target: mine },
    ],
    [
      { kind: 'reaction', target: target([theirs]), key: '👍' },
      { kind: 'reaction', target: theirs, key: '👍' },
    ],
    [
      { kind: 'pin', target: target([theirs]), pinned: true },
      { kind: 'pin', targets: [theirs], pinned: true },
    ],
    [
      { kind: 'pin', target: target([mine]), pinned: false },
      { kind: 'pin', targets: [mine], pinned: false },
    ],
    [
      { kind: 'message', content: text('x'), replyTo: target([theirs]) },
      { kind: 'message', replyTo: theirs, content: { body: 'x' } },
    ],
  ])('%j', (action, event) => {
    expect(readBack(action)).toMatchObject([event])
  })
})

describe('groups', () => {
  const change = (
    of: 'invite' | 'kick' | 'leave' | 'ban' | 'unban' | 'join',
    remote = bob,
  ): RemoteAction => ({
    kind: 'membership',
    user: matrixUserId('@x:hs'),
    remote,
    change: of,
  })

  test('members', () => {
    expect(calls(change('invite'), groupVoice)).toEqual([
      { kind: 'participants', action: 'add', people: [bobLid] },
    ])
    expect(calls(change('kick'), { ...groupVoice, byLid: false })).toEqual([
      { kind: 'participants', action: 'remove', people: [bob] },
    ])
    expect(plan(change('ban'), groupVoice).note).toContain('no bans')
    expect(calls(change('leave', me), groupVoice)).toEqual([{ kind: 'leave' }])
    expect(refusal(change('invite'), dm)).toBeDefined()
    const own: RemoteAction = { kind: 'membership', user: matrixUserId('@x:hs'), change: 'leave' }
    expect(calls(own, groupVoice)).toEqual([{ kind: 'leave' }])
    expect(calls(own, { ...groupVoice, speaker: 'Ann' })).toEqual([])
  })

  test('power, name, description, picture, timer', () => {
    const power: RemoteAction = {
      kind: 'power',
      changes: [
        { remote: bob, level: 50 },
        { remote: cem, level: 0 },
        { remote: me, level: 0 },
      ],
    }
    expect(calls(power, groupVoice)).toEqual([
      { kind: 'participants', action: 'promote', people: [bobLid] },
      { kind: 'participants', action: 'demote', people: [cem] },
    ])
    expect(calls({ kind: 'name', name: ' Crew ' }, groupVoice)).toEqual([
      { kind: 'subject', subject: 'Crew' },
    ])
    expect(plan({ kind: 'name', name: 'x'.repeat(101) }, groupVoice).note).toContain('100')
    expect(refusal({ kind: 'name', name: '' }, groupVoice)).toBeDefined()
    expect(calls({ kind: 'topic', topic: '' }, groupVoice)).toEqual([
      { kind: 'description', description: '' },
    ])
    expect(calls({ kind: 'avatar' }, groupVoice)).toEqual([{ kind: 'picture' }])
  })
})

test('only messages that are shown have a place among the delivery’s ids', () => {
  const [edit] = calls({ kind: 'edit', target: target([mine]), content: text('x') })
  const [shown] = say(text('x')).calls
  const [leave] = calls({ kind: 'membership', user: matrixUserId('@x:hs'), change: 'leave' }, groupVoice)
  expect([edit, shown, leave].map((call) => call && [isStanza(call), createsMessage(call)])).toEqual([
    [true, false],
    [true, true],
    [false, false],
  ])
  expect(group).toBe(groupVoice.jid)
})
