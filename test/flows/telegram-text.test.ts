import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel, Chat } from '../sim/telegram/world/index.ts'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Words, and what is done to them, between a Matrix user and a contact with an app of Telegram. */
let world: TelegramWorld
let phone: Phone
let group: Channel
let direct: string
let room: string

beforeAll(async () => {
  world = await TelegramWorld.start()
  const { tg, bob, her } = world
  group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  direct = await world.enter(bob, her)
  room = await world.enter(bob, group)
  phone = await world.phone(bob)
})

afterAll(async () => {
  await world.proveDelivered()
  await phone.close()
  await world.close()
})

const html = (body: string, formatted: string) => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
})

/** Where the same is done: a direct chat, whose numbers differ on both sides, and a group. */
const places = (): [string, Chat][] => [
  [direct, world.her],
  [room, group],
]

describe('formats', () => {
  test('from Matrix, nested and around emoji, counted in UTF-16', async () => {
    for (const [where, chat] of places()) {
      const formatted =
        '👩‍👩‍👧 <strong>bold <em>and <u>deep</u></em></strong> <del>no</del> <code>x=1</code> <span data-mx-spoiler>secret</span> <a href="https://example.org/a">link</a>'
      await world.alice.user.send(where, 'm.room.message', html('plain', formatted))
      const text = '👩‍👩‍👧 bold and deep no x=1 secret link'
      const { id } = await world.text(chat, text)
      // GramJS reads what the server stored, by its own reading of Telegram.
      const got = await phone.message(world.peer(chat), id)
      const marked = (got?.entities ?? []).map((e) => [
        e.className.replace('MessageEntity', ''),
        text.slice(e.offset, e.offset + e.length),
      ])
      expect(new Set(marked.map((each) => each.join(' ')))).toEqual(
        new Set([
          'Bold bold and deep',
          'Italic and deep',
          'Underline deep',
          'Strike no',
          'Code x=1',
          'Spoiler secret',
          'TextUrl link',
        ]),
      )
    }
  })

  test('blocks of Matrix: code, quotes, lists, headings', async () => {
    const formatted =
      '<h2>Title</h2><pre><code class="language-rust">fn main() {}\n</code></pre><blockquote>said</blockquote><ul><li>one</li><li>two</li></ul>'
    await world.alice.user.send(room, 'm.room.message', html('blocks', formatted))
    const seen = await world.sees(group, ({ text }) => text.startsWith('Title'), 'the blocks')
    expect(seen.text).toContain('fn main() {}')
    expect(seen.text).toContain('• one\n• two')
    expect(seen.entities).toMatchObject([
      { _: 'messageEntityBold' },
      { _: 'messageEntityPre', language: 'rust' },
      { _: 'messageEntityBlockquote' },
    ])
  })

  test('from Telegram, overlapping and around emoji', async () => {
    const text = '🎉 one two three <b>'
    for (const [where, chat] of places()) {
      world.tg.say(world.bob, chat, {
        text,
        entities: [
          { _: 'messageEntityBold', offset: 3, length: 7 },
          { _: 'messageEntityItalic', offset: 7, length: 9 },
          { _: 'messageEntitySpoiler', offset: 0, length: 2 },
        ],
      })
      const { content, sender } = await world.message(where, text)
      expect(sender).toBe(world.ghost(world.bob))
      expect(content['formatted_body']).toBe(
        '<span data-mx-spoiler>🎉</span> <strong>one <em>two</em></strong><em> three</em> &lt;b&gt;',
      )
    }
  })

  test('a mention is one on both sides', async () => {
    const pill = `<a href="https://matrix.to/#/${world.ghost(world.bob)}">Bob</a>`
    await world.alice.user.send(room, 'm.room.message', {
      ...html('hey Bob', `hey ${pill}`),
      'm.mentions': { user_ids: [world.ghost(world.bob)] },
    })
    const seen = await world.text(group, 'hey Bob')
    expect(seen.entities).toMatchObject([
      { _: 'messageEntityMentionName', offset: 4, length: 3, user_id: world.bob.id },
    ])
    world.tg.say(world.bob, group, {
      text: 'ask Alice and @alice',
      entities: [{ _: 'messageEntityMentionName', offset: 4, length: 5, user_id: world.her.id }],
    })
    const { content } = await world.message(room, 'ask Alice and @alice')
    expect(content['m.mentions']).toEqual({ user_ids: [world.alice.user.userId] })
  })

  test('a custom emoji of Telegram is its picture in the text, and is fetched once', async () => {
    const document_id = world.tg.media.customEmoji(Buffer.from('webp of it'), '😎')
    const say = (lead: string) =>
      world.tg.say(world.bob, group, {
        text: `${lead} 😎!`,
        entities: [
          { _: 'messageEntityBold', offset: 0, length: lead.length + 3 },
          { _: 'messageEntityCustomEmoji', offset: lead.length + 1, length: 2, document_id },
        ],
      })
    say('cool')
    const { content } = await world.message(room, 'cool 😎!')
    const [, src = ''] = /src="(mxc:[^"]*)"/.exec(String(content['formatted_body'])) ?? []
    expect(content['formatted_body']).toBe(
      `<strong>cool <img src="${src}" alt="😎" title="😎" height="32" data-mx-emoticon></strong>!`,
    )
    expect(Buffer.from(await world.alice.user.download(src)).toString()).toBe('webp of it')
    const fetches = () => world.wire.journal.calls({ method: 'upload.getFile' }).length
    const before = fetches()
    say('again')
    const again = await world.message(room, 'again 😎!')
    expect(again.content['formatted_body']).toContain(`src="${src}"`)
    expect(fetches()).toBe(before)
  })

  test('a custom emoji that moves, or cannot be had, is its emoji', async () => {
    const { tg, bob } = world
    const moving = tg.media.customEmoji(Buffer.from('tgs'), '🐸', 'application/x-tgsticker')
    const say = (text: string, document_id: bigint) =>
      tg.say(bob, group, {
        text,
        entities: [{ _: 'messageEntityCustomEmoji', offset: text.length - 2, length: 2, document_id }],
      })
    say('hop 🐸', moving)
    expect((await world.message(room, 'hop 🐸')).content['formatted_body']).toBeUndefined()
    world.wire.faults.fail('upload.getFile', 400, 'LOCATION_INVALID', 50)
    say('lost 🐙', tg.media.customEmoji(Buffer.from('gone'), '🐙'))
    const lost = await world.message(room, 'lost 🐙')
    expect(JSON.stringify(lost.content)).not.toContain('<img')
  })
})

describe('long texts', () => {
  test('of Matrix are split at 4096, and no format is torn', async () => {
    const words = Array.from({ length: 1200 }, (_, i) => `word${i}`)
    const long = words.join(' ')
    await world.alice.user.send(room, 'm.room.message', html(long, `<strong>${long}</strong>`))
    await world.sees(group, ({ text }) => text.endsWith('word1199'), 'the last part')
    const parts = world.tg.view(world.bob, group).filter(({ text }) => /word\d/.test(text))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map(({ text }) => text).join(' ')).toBe(long)
    for (const { text, entities } of parts) {
      expect(Array.from(text).length).toBeLessThanOrEqual(4096)
      expect(entities).toMatchObject([{ _: 'messageEntityBold', offset: 0, length: text.length }])
    }
  })

  test('an edit of one edits its parts', async () => {
    const long = (word: string) => Array.from({ length: 900 }, (_, i) => `${word}${i}`).join(' ')
    const event = await world.alice.user.sendText(direct, long('before'))
    await world.sees(world.her, ({ text }) => text.endsWith('before899'), 'the last part')
    await world.alice.user.edit(direct, event, 'now short')
    await world.text(world.her, 'now short')
    await world.until(
      () => world.tg.view(world.bob, world.her).every(({ text }) => !text.includes('before')),
      'the parts to go',
    )
    await world.alice.user.redact(direct, event)
    await world.until(
      () => world.tg.view(world.bob, world.her).every(({ text }) => text !== 'now short'),
      'all of it to go',
    )
  })
})

describe('replies, edits and removals', () => {
  test('a reply, with the part that it quotes, both ways', async () => {
    for (const [where, chat] of places()) {
      const id = await phone.sendText(world.peer(chat), 'first line\nsecond line')
      const question = await world.message(where, 'first line\nsecond line')
      await world.alice.user.reply(where, question.event_id, 'an answer')
      expect((await world.text(chat, 'an answer')).replyTo).toBe(id)
      await world.alice.user.send(where, 'm.room.message', {
        ...html('> second line\n\nto that', '<blockquote>second line</blockquote><p>to that</p>'),
        'm.relates_to': { 'm.in_reply_to': { event_id: question.event_id } },
      })
      const quoting = await world.text(chat, 'to that')
      expect([quoting.replyTo, quoting.quote]).toEqual([id, 'second line'])
      const mine = await world.alice.user.sendText(where, 'say something to it')
      const seen = await world.text(chat, 'say something to it')
      world.tg.say(world.bob, chat, {
        text: 'something',
        replyTo: world.post(chat, seen),
        quote: 'something',
      })
      const answer = await world.happens(
        where,
        (e) => String(e.content['body']).endsWith('something') && e.sender === world.ghost(world.bob),
        'the answer',
      )
      expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
      // A part of a message that is quoted is told from an answer to all of it.
      expect(String(answer.content['formatted_body'])).toContain('<blockquote>something</blockquote>')
    }
  })

  test('a thread of Matrix is answers on Telegram', async () => {
    const id = await phone.sendText(world.peer(group), 'root of a thread')
    const root = await world.message(room, 'root of a thread')
    await world.alice.user.sendText(room, 'within', {
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: root.event_id,
        is_falling_back: true,
        'm.in_reply_to': { event_id: root.event_id },
      },
    })
    expect((await world.text(group, 'within')).replyTo).toBe(id)
  })

  test('edits, both ways', async () => {
    for (const [where, chat] of places()) {
      const mine = await world.alice.user.sendText(where, 'I liek it')
      const sent = await world.text(chat, 'I liek it')
      await world.alice.user.edit(where, mine, 'I like it')
      expect(await world.text(chat, 'I like it')).toMatchObject({ id: sent.id, edited: true })
      const id = await phone.sendText(world.peer(chat), 'she sell')
      const said = await world.message(where, 'she sell')
      await phone.edit(world.peer(chat), id, 'she sells')
      const edit = await world.related(where, said.event_id, (e) => e.type === 'm.room.message', 'the edit')
      expect(edit.content['m.new_content']).toMatchObject({ body: 'she sells' })
      expect(edit.sender).toBe(said.sender)
    }
  })

  test('an edit after the window of Telegram is an answer in words, and its sender is told', async () => {
    const mine = await world.alice.user.sendText(direct, 'an old mistkae')
    const sent = await world.text(world.her, 'an old mistkae')
    await world.age(3 * 86_400_000)
    await world.alice.user.edit(direct, mine, 'an old mistake')
    await world.sees(
      world.her,
      ({ id, text }) => id !== sent.id && text.includes('mistake'),
      'the correction',
    )
    expect(world.tg.view(world.bob, world.her).find(({ id }) => id === sent.id)?.text).toBe('an old mistkae')
    await world.see(direct, 'the correction was sent as a new message')
  })

  test('removals, both ways', async () => {
    for (const [where, chat] of places()) {
      const mine = await world.alice.user.sendText(where, 'a slip')
      const sent = await world.text(chat, 'a slip')
      await world.alice.user.redact(where, mine)
      await world.until(() => world.tg.view(world.bob, chat).every(({ id }) => id !== sent.id), 'the removal')
      const id = await phone.sendText(world.peer(chat), 'his slip')
      const said = await world.message(where, 'his slip')
      await phone.remove(world.peer(chat), id)
      await world.redacted(where, said.event_id)
    }
  })

  test('what others wrote is removed by whoever may', async () => {
    world.tg.promote(world.bob, group, world.her, 'delete_messages')
    const id = await phone.sendText(world.peer(group), 'rude')
    const said = await world.message(room, 'rude')
    await world.until(
      () => (world.power(room, world.alice.user.userId) ?? 0) >= 50,
      'her power to be that of an administrator',
    )
    await world.alice.user.redact(room, said.event_id)
    await world.until(() => world.tg.view(world.bob, group).every((each) => each.id !== id), 'it to go')
  })
})
