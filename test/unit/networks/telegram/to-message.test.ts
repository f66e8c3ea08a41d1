import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageContent, TextContent } from '../../../../src/model/content.ts'
import { matrixUserId, remoteMessageId } from '../../../../src/model/ids.ts'
import { createsMessage } from '../../../../src/networks/telegram/call.ts'
import { personId } from '../../../../src/networks/telegram/ids.ts'
import { codePoints } from '../../../../src/networks/telegram/spans.ts'
import { toRemote } from '../../../../src/networks/telegram/to-remote.ts'
import type { Voice } from '../../../../src/networks/telegram/voice.ts'
import { anyText } from './entities.ts'
import { BOB, FORUM, GROUP } from './setup.ts'
import { calls, image, input, send, target, text, texts, voice } from './to-setup.ts'

describe('messages', () => {
  it('sends text with its formats', () => {
    expect(send(text('a b', { html: 'a <b>b</b>' }))).toEqual([
      {
        kind: 'text',
        text: { text: 'a b', entities: [{ _: 'messageEntityBold', offset: 2, length: 1 }] },
        reply: {},
        noPreview: false,
      },
    ])
  })

  it('names people whom the account can reach, and others by their user name', () => {
    const pill = (mxid: string, name: string) => `<a href="https://matrix.to/#/${mxid}">${name}</a>`
    const mentions = [BOB, 3000, 4000].map((id) => ({
      user: matrixUserId(`@g${id}:hs`),
      remote: personId(id),
    }))
    const html = `${pill('@g2000:hs', 'Bob')} ${pill('@g3000:hs', 'Cem')} ${pill('@g4000:hs', 'Dan')} ${pill('@x:hs', 'X')}`
    const [call] = send(text('-', { html, mentions }))
    expect(call?.kind === 'text' && call.text).toEqual({
      text: 'Bob @cem Dan X',
      entities: [{ _: 'inputMessageEntityMentionName', offset: 0, length: 3, userId: input(BOB) }],
    })
  })

  it('cuts a long text into parts; the first one answers', () => {
    const all = send(text('word '.repeat(2000)), { replyTo: target() })
    expect(
      all.map((call) => call.kind === 'text' && [codePoints(call.text.text) <= 4096, call.reply]),
    ).toEqual([
      [true, { to: 10 }],
      [true, {}],
      [true, {}],
    ])
    expect(all.every(createsMessage)).toBe(true)
  })

  it('wants no previews when the sender wants none', () => {
    expect(send(text('a', { previews: [] }))).toMatchObject([{ noPreview: true }])
    expect(send(text('a', { previews: [{ url: 'https://x.org' }] }))).toMatchObject([{ noPreview: false }])
  })

  const styles: [string, TextContent, Partial<Voice>, string, unknown][] = [
    [
      'an action',
      text('waves', { style: 'emote' }),
      {},
      'waves',
      [{ _: 'messageEntityItalic', offset: 0, length: 5 }],
    ],
    ['a notice', text('hm', { style: 'notice' }), {}, 'hm', []],
    [
      'words of others',
      text('hi'),
      { speaker: 'Eve' },
      'Eve: hi',
      [{ _: 'messageEntityBold', offset: 0, length: 3 }],
    ],
    [
      'actions of others',
      text('waves', { style: 'emote' }),
      { speaker: 'Eve' },
      '* Eve waves',
      [{ _: 'messageEntityBold', offset: 2, length: 3 }],
    ],
    [
      'others without a name',
      text('hi'),
      { speaker: '\u202e ' },
      'Somebody: hi',
      [{ _: 'messageEntityBold', offset: 0, length: 8 }],
    ],
  ]
  it.each(styles)('says %s', (_, content, by, body, entities) => {
    const [call] = send(content, {}, by)
    expect(call?.kind === 'text' && call.text).toEqual({ text: body, entities })
  })

  it('says in every part whose words they are', () => {
    const all = texts(send(text('word '.repeat(1500)), {}, { speaker: 'Eve' }))
    expect(all).toHaveLength(2)
    expect(all.every((each) => each.startsWith('Eve: ') && codePoints(each) <= 4096)).toBe(true)
  })

  it('stands in its topic, and in General without one', () => {
    const forum = (topic: number) => ({ chat: { kind: 'channel' as const, id: FORUM, topic } })
    expect(send(text('a'), {}, forum(40))).toMatchObject([{ reply: { topic: 40 } }])
    expect(send(text('a'), { replyTo: target() }, forum(40))).toMatchObject([
      { reply: { to: 10, topic: 40 } },
    ])
    expect(send(text('a'), {}, forum(1))).toEqual([expect.objectContaining({ reply: {} })])
    expect(send(text('a'), { threadRoot: target() })).toMatchObject([{ reply: { to: 10 } }])
  })

  it('quotes in words what the account does not have', () => {
    const strange = target({ remoteIds: [remoteMessageId('2000.5')] })
    expect(send(text('no'), { replyTo: strange }, { chat: { kind: 'chat', id: GROUP } })).toEqual([
      {
        kind: 'text',
        text: {
          text: 'Bob: what Bob said\nno',
          entities: [{ _: 'messageEntityBlockquote', offset: 0, length: 18 }],
        },
        reply: {},
        noPreview: false,
      },
    ])
    const own = target({ remoteIds: [remoteMessageId('2000.5'), remoteMessageId('1000.7')] })
    expect(send(text('no'), { replyTo: own }, { chat: { kind: 'chat', id: GROUP } })).toMatchObject([
      { reply: { to: 7 } },
    ])
  })

  it('makes a quote of the message a quote of the answer, and leaves other quotes alone', () => {
    const quoted = (quote: string) =>
      send(text('-', { html: `<blockquote>${quote}</blockquote>no` }), { replyTo: target() })[0]
    expect(quoted('Bob <b>said</b>')).toMatchObject({
      text: { text: 'no', entities: [] },
      reply: {
        to: 10,
        quote: { text: 'Bob said', entities: [{ _: 'messageEntityBold', offset: 4, length: 4 }] },
      },
    })
    expect(quoted('another')).toMatchObject({ text: { text: 'another\nno' }, reply: { to: 10 } })
    expect(quoted('what Bob said')).not.toHaveProperty('reply.quote')
  })

  it('sends places, contacts and polls as such', () => {
    expect(send({ kind: 'location', latitude: 1, longitude: 2 })).toMatchObject([
      { kind: 'media', media: { _: 'inputMediaGeoPoint', geoPoint: { lat: 1, long: 2 } } },
    ])
    expect(send({ kind: 'location', latitude: 1, longitude: 2, name: 'Café, Ring 1, Bonn' })).toMatchObject([
      { media: { _: 'inputMediaVenue', title: 'Café', address: 'Ring 1, Bonn' } },
    ])
    const contacts = [
      { name: 'Zoe von Z', phones: ['+49', '+50'], vcard: 'V' },
      { name: 'Nobody', phones: [] },
    ]
    expect(send({ kind: 'contact', contacts })).toMatchObject([
      {
        media: {
          _: 'inputMediaContact',
          phoneNumber: '+49',
          firstName: 'Zoe',
          lastName: 'von Z',
          vcard: 'V',
        },
      },
      { kind: 'text', text: { text: 'Contact: Nobody' } },
    ])
    const options = ['a', 'b'].map((id) => ({ id, text: id }))
    const asked: MessageContent = { kind: 'poll', question: 'q', options, maxSelections: 1 }
    expect(send(asked, { replyTo: target() })).toMatchObject([
      { kind: 'media', media: { _: 'inputMediaPoll' }, reply: { to: 10 } },
    ])
    expect(texts(send(asked, {}, { speaker: 'Eve' }))).toEqual(['Eve:', 'media'])
  })

  it('writes a poll that Telegram does not take as text, and says so', () => {
    const options = Array.from({ length: 13 }, (_, i) => ({ id: `${i}`, text: `${i}` }))
    const plan = toRemote(
      { kind: 'message', content: { kind: 'poll', question: 'q', options, maxSelections: 1 } },
      voice(),
    )
    expect(texts(calls(plan))).toEqual([
      `📊 q\n${options.map(({ text: each }, i) => `${i + 1}. ${each}`).join('\n')}`,
    ])
    expect(plan).toHaveProperty('note', expect.stringContaining('2 to 12'))
  })

  it('says that there is nothing to send', () => {
    expect(toRemote({ kind: 'message', content: text(' \n') }, voice())).toHaveProperty('refused')
    expect(
      toRemote({ kind: 'message', content: text('', { html: '<script>x</script>' }) }, voice()),
    ).toHaveProperty('refused')
  })

  it('makes of any text parts that Telegram takes', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (body, relayed) => {
        const long = body.repeat(200)
        const plan = toRemote(
          { kind: 'message', content: text(long, { html: long }) },
          voice(relayed ? { speaker: 'E' } : {}),
        )
        if ('refused' in plan) return
        for (const call of plan.calls) {
          const said = call.kind === 'text' ? call.text : undefined
          expect(said?.text.trim()).toBe(said?.text)
          expect(codePoints(said?.text ?? '')).toBeLessThanOrEqual(4096)
          expect(said?.entities.length).toBeLessThanOrEqual(100)
          for (const { offset, length } of said?.entities ?? []) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(length).toBeGreaterThan(0)
            expect(offset + length).toBeLessThanOrEqual(said?.text.length ?? 0)
          }
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('captions', () => {
  it('go with the attachment', () => {
    expect(send({ ...image, caption: { body: 'look' } }, { replyTo: target() })).toMatchObject([
      { kind: 'upload', upload: { as: 'photo' }, caption: { text: 'look' }, reply: { to: 10 } },
    ])
    expect(texts(send(image))).toEqual([''])
    expect(texts(send(image, {}, { speaker: 'Eve' }))).toEqual(['Eve: a.jpg'])
  })

  it('that are too long go on as text', () => {
    const caption = { body: 'word '.repeat(300) }
    const plan = toRemote({ kind: 'message', content: { ...image, caption } }, voice())
    const all = texts(calls(plan))
    expect(all).toHaveLength(2)
    expect(codePoints(all[0] ?? '')).toBeLessThanOrEqual(1024)
    expect(plan).toHaveProperty('note')
    expect(texts(send({ ...image, caption }, {}, { premium: true }))).toHaveLength(1)
  })

  it('of stickers and video messages follow them', () => {
    const caption = { body: 'look' }
    expect(texts(send({ ...image, media: 'sticker', mimeType: 'image/webp', caption }))).toEqual(['', 'look'])
    expect(texts(send({ ...image, media: 'video', mimeType: 'video/mp4', round: true, caption }))).toEqual([
      '',
      'look',
    ])
  })
})
