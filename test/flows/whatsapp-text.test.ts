import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimEvent } from '../sim/homeserver/index.ts'
import { html, pill } from '../support/matrix-events.ts'
import type { Person } from '../support/whatsapp.ts'
import { WhatsAppRooms } from '../support/whatsapp-rooms.ts'
import { WhatsAppWorld, digits, textOf } from '../support/whatsapp-world.ts'

/** Words, between a Matrix user and contacts with apps of WhatsApp. */
let world: WhatsAppWorld
let rooms: WhatsAppRooms
let carol: Person

beforeAll(async () => {
  world = await WhatsAppWorld.start()
  carol = await world.carol()
  rooms = await WhatsAppRooms.enter(world, { others: [carol] })
})

afterAll(() => world.end())

describe('formats', () => {
  test('from Matrix, nested and around emoji', async () => {
    for (const [where] of rooms.places) {
      const formatted =
        '👩‍👩‍👧 <strong>bold <em>and deep</em></strong> <del>no</del> <code>x=1</code> <span data-mx-spoiler>secret</span> <a href="https://example.org/a">link</a> 2*3*4'
      await world.alice.user.send(where, 'm.room.message', html('plain', formatted))
      const text = '👩‍👩‍👧 *bold _and deep_* ~no~ `x=1` (spoiler) secret link (https://example.org/a) 2*3*4'
      await world.text(text)
    }
  })

  test('blocks of Matrix: code, quotes, lists within lists, headings', async () => {
    const formatted =
      '<h2>Title</h2><pre><code class="language-rust">fn main() {}\n</code></pre><blockquote>said</blockquote><ul><li>one<ul><li>deep</li></ul></li><li>two</li></ul><ol start="3"><li>three</li></ol>'
    await world.alice.user.send(rooms.group, 'm.room.message', html('blocks', formatted))
    const seen = await world.sees((content) => textOf(content)?.startsWith('*Title*'), 'the blocks')
    expect(textOf(seen.content)?.split('\n').filter(Boolean)).toEqual([
      '*Title*',
      '```',
      'fn main() {}',
      '```',
      '> said',
      '- one',
      '  - deep',
      '- two',
      '3. three',
    ])
  })

  test('what was written with stars stays as it was written', async () => {
    await world.alice.user.sendText(rooms.direct, 'a *star* and_under_scores')
    const seen = await world.sees((content) => textOf(content)?.endsWith('under_scores'), 'the stars')
    expect(textOf(seen.content)?.replaceAll('\u200b', '')).toBe('a *star* and_under_scores')
    expect(textOf(seen.content)).not.toContain('*star*')
  })

  test('from WhatsApp, nested and around emoji', async () => {
    for (const [where, chat] of rooms.places) {
      const text = '🎉 *one _two_* ~three~ `four` a_b_c <b>'
      await world.bobSays(chat, { text })
      const { content, sender } = await world.message(where, text)
      expect(sender).toBe(world.ghost(world.bob))
      expect(content['formatted_body']).toBe(
        '🎉 <strong>one <em>two</em></strong> <del>three</del> <code>four</code> a_b_c &lt;b&gt;',
      )
    }
  })

  test('blocks of WhatsApp: code, quotes, lists', async () => {
    const text = '> said\n- one\n- two\n1. first\n2. second\n```let x\nlet y```'
    await world.bobSays(rooms.groupJid, { text })
    const { content } = await world.message(rooms.group, text)
    expect(content['formatted_body']).toBe(
      '<blockquote>said</blockquote><ul><li>one</li><li>two</li></ul><ol><li>first</li><li>second</li></ol><pre><code>let x\nlet y</code></pre>',
    )
  })

  test('an emote and a notice', async () => {
    await world.alice.user.send(rooms.direct, 'm.room.message', { msgtype: 'm.emote', body: 'waves' })
    await world.text('_waves_')
    await world.alice.user.send(rooms.direct, 'm.room.message', { msgtype: 'm.notice', body: 'beep' })
    await world.text('beep')
  })
})

describe('mentions', () => {
  test('of a contact, from Matrix', async () => {
    await world.alice.user.send(rooms.group, 'm.room.message', {
      ...html('hey Bob', `hey ${pill(world.ghost(world.bob), 'Bob')}`),
      'm.mentions': { user_ids: [world.ghost(world.bob)] },
    })
    const { content } = await world.text(`hey @${digits(world.bob.lid)}`)
    expect(content.extendedTextMessage?.contextInfo?.mentionedJid).toEqual([world.bob.lid])
  })

  test('of the user and of another contact, from WhatsApp', async () => {
    const call = async (): Promise<SimEvent> => {
      const after = world.homeserver.timeline(rooms.group).length
      await world.bobSays(rooms.groupJid, {
        text: `@${digits(world.her.lid)} ask @${digits(carol.lid)}`,
        mentions: [world.her.lid, carol.lid],
      })
      return world.happens(rooms.group, (e) => String(e.content['body']).includes(' ask '), 'the call', after)
    }
    // Carol has said nothing yet, so her number is all that is known of her.
    expect((await call()).content['body']).toBe('@+4915112345678 ask @+4915312345678')
    // What Alice calls herself her phone tells, in its own time.
    world.wa.world.desk(world.her.account.phone).pushName('Alice')
    let { content } = await call()
    while (content['body'] !== '@Alice ask @+4915312345678') content = (await call()).content
    const mentioned = [world.alice.user.userId, world.ghost(carol)]
    expect(content['m.mentions']).toEqual({ user_ids: mentioned })
    for (const user of mentioned)
      expect(content['formatted_body']).toContain(`https://matrix.to/#/${encodeURIComponent(user)}`)
  })

  test('of the whole room, both ways', async () => {
    await world.alice.user.send(rooms.group, 'm.room.message', {
      msgtype: 'm.text',
      body: '@room tea is ready',
      'm.mentions': { room: true },
    })
    const { content } = await world.text('@room tea is ready')
    expect(content.extendedTextMessage?.contextInfo?.nonJidMentions).toBe(1)
    await world.bobSays(rooms.groupJid, { text: '@all come', mentionAll: true })
    const called = await world.message(rooms.group, '@all come')
    expect(called.content['m.mentions']).toEqual({ room: true })
  })
})

describe('long texts', () => {
  test('of Matrix are one message', async () => {
    const long = Array.from({ length: 6_000 }, (_, i) => `word${i}`).join(' ')
    await world.alice.user.sendText(rooms.direct, long)
    const seen = await world.sees((content) => textOf(content)?.endsWith('word5999'), 'the long text')
    expect(textOf(seen.content)).toBe(long)
  })

  test('of WhatsApp that no event of Matrix could hold are there, whole', async () => {
    const long = Array.from({ length: 5_000 }, (_, i) => `€€€€€${i}`).join(' ')
    const sent = await world.bobSays(world.her.lid, { text: long })
    const isFile = (e: SimEvent) => e.content['filename'] === 'message.txt'
    const file = await world.happens(rooms.direct, isFile, 'a file')
    expect(file.content).toMatchObject({ msgtype: 'm.file', info: { mimetype: 'text/plain' } })
    expect(file.content['body']).toContain('€€€€€0 €€€€€1 ')
    expect(await world.fileText(file.content['url'])).toBe(long)
    await world.bobSays(world.her.lid, { text: `${long}!`, edit: sent.key })
    const edit = await world.related(rooms.direct, file.event_id, () => true, 'the edit')
    const changed = edit.content['m.new_content'] as { url?: string }
    expect(await world.fileText(changed.url)).toBe(`${long}!`)
  })
})

describe('previews of links', () => {
  const url = 'https://example.org/story'

  test('from Matrix', async () => {
    await world.alice.user.send(rooms.direct, 'm.room.message', {
      msgtype: 'm.text',
      body: `read ${url}`,
      'com.beeper.linkpreviews': [
        { matched_url: url, 'og:url': url, 'og:title': 'A story', 'og:description': 'of two' },
      ],
    })
    const { content } = await world.text(`read ${url}`)
    expect(content.extendedTextMessage).toMatchObject({
      matchedText: url,
      title: 'A story',
      description: 'of two',
    })
  })

  test('from WhatsApp', async () => {
    await world.bobSays(world.her.lid, {
      text: `look at ${url}`,
      linkPreview: { 'canonical-url': url, 'matched-text': url, title: 'A story', description: 'of three' },
    })
    const { content } = await world.message(rooms.direct, `look at ${url}`)
    expect(content['com.beeper.linkpreviews']).toMatchObject([
      { matched_url: url, 'og:title': 'A story', 'og:description': 'of three' },
    ])
  })
})

test('what she writes on her phone and it has to send again is shown where she wrote it, once', async () => {
  const { her, bob } = world
  const shown = (words: string) =>
    world.homeserver
      .roomIds()
      .filter((id) => world.homeserver.timeline(id).some((e) => e.content['body'] === words))
  for (const [room, chat] of [
    [rooms.direct, bob.lid],
    [rooms.direct, bob.pn],
    [rooms.group, rooms.groupJid],
  ] as const) {
    const words = `again, to ${chat}`
    world.wa.world.faults.corrupt({ phone: her.account.phone, device: 1, tag: 'message' })
    await her.socket.sendMessage(chat, { text: words })
    await world.message(room, words)
    expect(shown(words)).toEqual([room])
  }
})
