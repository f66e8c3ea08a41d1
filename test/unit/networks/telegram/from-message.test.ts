import type { tl } from '@mtcute/core'
import { Long } from '@mtcute/core'
import { describe, expect, it } from 'vitest'
import { hashOf } from '../../../../src/networks/telegram/content-hash.ts'
import { fromEdit, fromMessage } from '../../../../src/networks/telegram/from-message.ts'
import { BOB, CEM, FORUM, GROUP, ME, NEWS, SUPER, message, poll, user, view } from './setup.ts'
import type { Fields } from './setup.ts'

const at = new Date(1_700_000_000_000)
const dm = { network: 'telegram', id: 'user:2000', type: 'dm', receiver: 7, name: 'Bob Bee' }
const peer = {
  bob: { _: 'peerUser', userId: BOB },
  me: { _: 'peerUser', userId: ME },
  group: { _: 'peerChat', chatId: GROUP },
  chess: { _: 'peerChannel', channelId: SUPER },
  forum: { _: 'peerChannel', channelId: FORUM },
  news: { _: 'peerChannel', channelId: NEWS },
} as const satisfies Record<string, tl.TypePeer>

const read = (more: Fields) => fromMessage(message(more), view())[0]
const text = (more: Fields) => {
  const event = read(more)
  return event?.kind === 'message' && event.content.kind === 'text' ? event.content : undefined
}
const reply = (more: Partial<tl.RawMessageReplyHeader>): tl.RawMessageReplyHeader => ({
  _: 'messageReplyHeader',
  ...more,
})

describe('fromMessage', () => {
  it('reads a text of a private chat', () => {
    expect(fromMessage(message(), view())).toEqual([
      {
        kind: 'message',
        chat: dm,
        id: '1000.10',
        at,
        sender: { id: 'user:2000', name: 'Bob Bee', handle: '@bob', contactName: '', avatar: null },
        content: { kind: 'text', style: 'text', body: 'hello' },
      },
    ])
  })

  const authors: [string, Fields, string, string, number | undefined][] = [
    ['the other one of a private chat', { fromId: undefined }, 'user:2000', 'user:2000', undefined],
    ['oneself in a private chat', { fromId: undefined, out: true }, 'user:2000', 'user:1000', 7],
    ['oneself in Saved Messages', { peerId: peer.me, fromId: undefined }, 'user:1000', 'user:1000', 7],
    ['a member of a group', { peerId: peer.group }, 'chat:500', 'user:2000', undefined],
    ['a member of a supergroup', { peerId: peer.chess }, 'channel:600', 'user:2000', undefined],
    [
      'a channel',
      { peerId: peer.news, fromId: undefined, post: true },
      'channel:800',
      'channel:800',
      undefined,
    ],
    [
      'an administrator who is not named',
      { peerId: peer.chess, fromId: peer.chess },
      'channel:600',
      'channel:600',
      undefined,
    ],
    [
      'oneself as a channel',
      { peerId: peer.chess, fromId: peer.news, out: true },
      'channel:600',
      'channel:800',
      undefined,
    ],
  ]
  it.each(authors)('knows who wrote: %s', (_, more, chat, sender, self) => {
    const event = read(more)
    expect([event?.chat.id, event?.sender?.id, event?.sender?.self]).toEqual([chat, sender, self])
  })

  it('keeps names of the address book in the direct chat', () => {
    const direct = read({ peerId: { _: 'peerUser', userId: CEM }, fromId: { _: 'peerUser', userId: CEM } })
    expect(direct?.chat.name).toBe('My Cem')
    expect(direct?.sender).toMatchObject({ contactName: 'My Cem' })
    const shared = read({ peerId: peer.group, fromId: { _: 'peerUser', userId: CEM } })
    expect(JSON.stringify(shared)).not.toContain('My Cem')
  })

  it('numbers messages by the box that they are in', () => {
    expect([read({})?.id, read({ peerId: peer.group })?.id, read({ peerId: peer.chess })?.id]).toEqual([
      '1000.10',
      '1000.10',
      '10',
    ])
  })

  const topics: [string, Fields, string, string | undefined, string | undefined][] = [
    ['General', {}, 'channel:700/1', 'General', undefined],
    [
      'a topic',
      { replyTo: reply({ forumTopic: true, replyToMsgId: 40 }) },
      'channel:700/40',
      'Plans',
      undefined,
    ],
    [
      'an answer in a topic',
      { replyTo: reply({ forumTopic: true, replyToMsgId: 44, replyToTopId: 40 }) },
      'channel:700/40',
      'Plans',
      '44',
    ],
    ['an answer in General', { replyTo: reply({ replyToMsgId: 44 }) }, 'channel:700/1', 'General', '44'],
    [
      'a topic without a name',
      { replyTo: reply({ forumTopic: true, replyToMsgId: 41 }) },
      'channel:700/41',
      undefined,
      undefined,
    ],
  ]
  it.each(topics)('finds the topic: %s', (_, more, chat, name, replyTo) => {
    const event = read({ peerId: peer.forum, ...more })
    expect(event?.chat).toEqual({
      network: 'telegram',
      id: chat,
      type: 'group',
      ...(name !== undefined && { name }),
      parent: { id: 'channel:700', name: 'Forum' },
    })
    expect(event?.kind === 'message' && event.replyTo).toBe(replyTo)
  })

  it('tells what is answered, with the passage that is quoted', () => {
    const header = reply({ replyToMsgId: 9, quote: true, quoteText: 'a <b>' })
    expect(read({ replyTo: header })).toMatchObject({ replyTo: '1000.9' })
    expect(text({ replyTo: header })).toMatchObject({
      body: '> a <b>\nhello',
      html: '<blockquote>a &lt;b&gt;</blockquote>hello',
    })
    expect(text({ replyTo: reply({ replyToMsgId: 9 }) })).toEqual({
      kind: 'text',
      style: 'text',
      body: 'hello',
    })
  })

  it('tells an answer to another conversation in words', () => {
    const header = reply({
      replyToMsgId: 9,
      replyToPeerId: peer.chess,
      replyFrom: { _: 'messageFwdHeader', fromId: peer.bob, date: 0 },
      quoteText: 'so',
    })
    const event = read({ peerId: peer.group, replyTo: header })
    expect(event).not.toHaveProperty('replyTo')
    expect(text({ peerId: peer.group, replyTo: header })?.body).toBe(
      'In reply to Bob Bee in Chess:\n> so\nhello',
    )
    const story: tl.TypeMessageReplyHeader = { _: 'messageReplyStoryHeader', peer: peer.bob, storyId: 1 }
    expect(text({ replyTo: story })?.body).toBe('In reply to a story of Bob Bee\nhello')
  })

  const forwards: [string, Partial<tl.RawMessageFwdHeader>, string][] = [
    ['a person', { fromId: peer.bob }, 'Forwarded from Bob Bee\nhello'],
    ['somebody who hides', { fromName: 'Zoe' }, 'Forwarded from Zoe\nhello'],
    [
      'a contact, by the public name',
      { fromId: { _: 'peerUser', userId: CEM } },
      'Forwarded from @cem\nhello',
    ],
    [
      'a post',
      { fromId: peer.news, channelPost: 5, postAuthor: 'Zoe' },
      'Forwarded from News, Zoe: https://t.me/news/5\nhello',
    ],
    ['nobody', {}, 'Forwarded from somebody\nhello'],
  ]
  it.each(forwards)('tells where it is from: %s', (_, more, body) => {
    expect(text({ fwdFrom: { _: 'messageFwdHeader', date: 0, ...more } })?.body).toBe(body)
  })

  it('has the lead of an attachment in its caption', () => {
    const event = read({
      fwdFrom: { _: 'messageFwdHeader', fromId: peer.bob, date: 0 },
      media: {
        _: 'messageMediaPhoto',
        photo: {
          _: 'photo',
          id: Long.ONE,
          accessHash: Long.ZERO,
          fileReference: new Uint8Array(),
          date: 0,
          sizes: [{ _: 'photoSize', type: 'x', w: 1, h: 1, size: 1 }],
          dcId: 2,
        },
      },
      groupedId: Long.fromNumber(99),
    })
    expect(event).toMatchObject({
      album: '99',
      content: { caption: { body: 'Forwarded from Bob Bee\nhello' } },
    })
  })

  it('reads what stands beside the text', () => {
    expect(read({ ttlPeriod: 60 })).toMatchObject({ expiresAfterMs: 60_000 })
    expect(text({ peerId: peer.news, fromId: undefined, postAuthor: 'Zoe' })?.body).toBe('hello\n— Zoe')
    expect(
      text({
        replyMarkup: {
          _: 'replyInlineMarkup',
          rows: [
            {
              _: 'keyboardButtonRow',
              buttons: [
                { _: 'keyboardButtonUrl', text: 'Go', url: 'https://x.org' },
                { _: 'keyboardButtonUrl', text: 'No', url: 'javascript:1' },
                { _: 'keyboardButton', text: 'Yes' },
              ],
            },
          ],
        },
      }),
    ).toMatchObject({ body: 'hello\nGo: https://x.org', html: 'hello<br><a href="https://x.org">Go</a>' })
    const webpage: tl.TypeWebPage = {
      _: 'webPage',
      id: Long.ONE,
      url: 'https://x.org',
      displayUrl: 'x.org',
      hash: 0,
      title: 'X',
    }
    expect(text({ media: { _: 'messageMediaWebPage', webpage } })?.previews).toEqual([
      { url: 'https://x.org', title: 'X' },
    ])
    const bot = view({ user: (id) => user(id, { bot: true, firstName: 'B' }) })
    expect(fromMessage(message(), bot)[0]).toMatchObject({ content: { style: 'notice' } })
  })

  it('shows an article', () => {
    const plain = (words: string): tl.TypeRichText => ({ _: 'textPlain', text: words })
    const richMessage: tl.TypeRichMessage = {
      _: 'richMessage',
      photos: [],
      documents: [],
      blocks: [
        { _: 'pageBlockHeading2', text: plain('T & T') },
        {
          _: 'pageBlockParagraph',
          text: {
            _: 'textConcat',
            texts: [
              plain('see '),
              {
                _: 'textUrl',
                text: { _: 'textBold', text: plain('this') },
                url: 'https://x.org/"',
                webpageId: Long.ZERO,
              },
              { _: 'textUrl', text: plain(' that'), url: 'javascript:1', webpageId: Long.ZERO },
            ],
          },
        },
        { _: 'pageBlockPreformatted', text: plain('<a>'), language: 'ts' },
        { _: 'pageBlockList', items: [{ _: 'pageListItemText', text: plain('one') }] },
        { _: 'pageBlockUnsupported' },
      ],
    }
    expect(text({ message: '', richMessage })).toEqual({
      kind: 'text',
      style: 'text',
      body: 'T & T\nsee this that\n<a>\n• one\n[something that only the Telegram app shows]',
      html:
        '<h2>T &amp; T</h2><p>see <a href="https://x.org/&quot;"><strong>this</strong></a> that</p>' +
        '<pre><code class="language-ts">&lt;a&gt;</code></pre><ul><li>one</li></ul>' +
        '<p><em>[something that only the Telegram app shows]</em></p>',
    })
  })

  it('cuts an article that is nested without end', () => {
    let block: tl.TypePageBlock = { _: 'pageBlockDivider' }
    for (let i = 0; i < 20_000; i++) block = { _: 'pageBlockCover', cover: block }
    let words: tl.TypeRichText = { _: 'textPlain', text: 'x' }
    for (let i = 0; i < 20_000; i++) words = { _: 'textBold', text: words }
    const blocks: tl.TypePageBlock[] = [
      block,
      {
        _: 'pageBlockDetails',
        title: words,
        blocks: [{ _: 'pageBlockDetails', title: words, blocks: [block] }],
      },
    ]
    const richMessage: tl.TypeRichMessage = { _: 'richMessage', photos: [], documents: [], blocks }
    const shown = text({ message: '', richMessage })
    expect(shown?.body).toContain('…')
    expect(shown?.html?.length).toBeLessThan(10_000)
  })

  it('ends a poll that is closed already', () => {
    const events = fromMessage(message({ message: '', media: poll({ closed: true }) }), view(), {
      backfilled: true,
    })
    expect(events.map(({ kind, id, backfilled }) => [kind, id, backfilled])).toEqual([
      ['message', '1000.10', true],
      ['poll-end', '1000.10/end', true],
    ])
  })

  it('gives nothing for what is not there', () => {
    expect(fromMessage({ _: 'messageEmpty', id: 5 }, view())).toEqual([])
    expect(text({ message: '' })?.body).toBe('(an empty message)')
  })
})

describe('fromEdit', () => {
  const edited = message({ message: 'hello!', editDate: 1_700_000_100 })

  it('brings a new text', () => {
    const { events, hash } = fromEdit(edited, view(), hashOf(message()))
    expect(hash).toBe(hashOf(edited))
    expect(events).toMatchObject([
      {
        kind: 'edit',
        id: `1000.10/e1700000100.${hash}`,
        target: '1000.10',
        at: new Date(1_700_000_100_000),
        content: { body: 'hello!' },
      },
    ])
  })

  const unchanged: [string, Fields][] = [
    ['a reaction', { reactions: { _: 'messageReactions', results: [] } }],
    ['views', { views: 7, forwards: 2 }],
    ['a preview', { media: { _: 'messageMediaWebPage', webpage: { _: 'webPageEmpty', id: Long.ZERO } } }],
    ['an answer', { replies: { _: 'messageReplies', replies: 1, repliesPts: 1 } }],
  ]
  it.each(unchanged)('is silent about %s', (_, more) => {
    const again = message({ ...more, editDate: 1_700_000_100 })
    expect(fromEdit(again, view(), hashOf(message()))).toEqual({ events: [], hash: hashOf(message()) })
  })

  it('judges by the time of the edit where nothing is known', () => {
    expect(fromEdit(edited, view(), undefined).events).toHaveLength(1)
    expect(fromEdit({ ...edited, editHide: true }, view(), undefined).events).toEqual([])
    expect(fromEdit(message(), view(), undefined).events).toEqual([])
  })

  it('has an id for each state in which a message was', () => {
    const back = message({ editDate: 1_700_000_200 })
    const ids = [edited, back].flatMap((each, i) => fromEdit(each, view(), `${i}`).events.map(({ id }) => id))
    expect(new Set(ids).size).toBe(2)
  })

  it('sees other formats, other files and other places', () => {
    const hashes = [
      message(),
      message({ entities: [{ _: 'messageEntityBold', offset: 0, length: 1 }] }),
      message({ entities: [{ _: 'messageEntityCustomEmoji', offset: 0, length: 1, documentId: Long.ONE }] }),
      message({
        entities: [{ _: 'messageEntityCustomEmoji', offset: 0, length: 1, documentId: Long.fromNumber(2) }],
      }),
      message({ media: poll() }),
    ].map(hashOf)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('ends a poll that was closed, and shows it no second time', () => {
    const closed = message({ message: '', media: poll({ closed: true }), editDate: 1_700_000_100 })
    expect(fromEdit(closed, view(), 'other').events).toMatchObject([{ kind: 'poll-end', id: '1000.10/end' }])
  })
})
