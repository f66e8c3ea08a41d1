import { describe, expect, test } from 'vitest'
import type { Scene } from './scene.ts'
import { KINDS } from './scene.ts'
import type { Tier } from './tiers.ts'

const html = (body: string, formatted: string) => ({
  msgtype: 'm.text',
  body,
  format: 'org.matrix.custom.html',
  formatted_body: formatted,
})

/** What people say: plain, formatted, short and long. */
export function textFeatures(scene: () => Scene, tier: Tier): void {
  describe.each(KINDS)('text, %s', (kind) => {
    test('plain, in all scripts, with the characters that either side uses for itself', async () => {
      const talk = scene()[kind]
      const texts = ['hello', 'a < b && c > "d"', ':) starts like a parameter', '日本語 ünïcödé 👩‍👩‍👧', '/slash']
      for (const text of texts) {
        await talk.person.client.sendText(talk.room, text)
        await talk.personDid([`<alice> ${text}`], [`<alice> ${text}`])
        talk.contact.say(talk.target, text)
        await talk.contactDid([`<bob> ${text}`], [`<bob> ${text}`])
      }
    })

    test('formatting becomes that of the other side', async () => {
      const talk = scene()[kind]
      const rich =
        '<strong>bold</strong> <em>italic</em> <u>under</u> <del>gone</del> <code>mono</code> ' +
        '<span data-mx-color="#ff0000">red</span> <a href="https://matrix.org/">a site</a>'
      await talk.person.client.send(talk.room, html('bold italic under gone mono red a site', rich))
      await talk.personDid(
        [`<alice> ${rich}`],
        [
          '<alice> \x02bold\x0f \x1ditalic\x0f \x1funder\x0f \x1egone\x0f \x11mono\x0f \x0304red\x0f a site <https://matrix.org/>',
        ],
      )
      const codes =
        '\x02bold\x0f \x1ditalic\x0f \x1funder\x0f \x1egone\x0f \x11mono\x0f \x0304red\x0f <b>not</b>'
      talk.contact.say(talk.target, codes)
      await talk.contactDid(
        [`<bob> ${codes}`],
        [
          '<bob> <strong>bold</strong> <em>italic</em> <u>under</u> <del>gone</del> <code>mono</code> ' +
            '<span data-mx-color="#ff0000">red</span> &lt;b&gt;not&lt;/b&gt;',
        ],
      )
    })

    test('a list, a quote, code and a spoiler can be read as text', async () => {
      const talk = scene()[kind]
      const rich =
        '<p>To do:</p><ol><li>boil</li><li>pour</li></ol><blockquote>said before</blockquote>' +
        '<pre><code>let a = 1</code></pre>'
      await talk.person.client.send(talk.room, html('To do: …', rich))
      await talk.personDid(
        [`<alice> ${rich}`],
        ['To do:', '1. boil', '2. pour', '> said before', '\x11let a = 1\x0f'].map(
          (line) => `<alice> ${line}`,
        ),
      )
      const spoiler = 'the end: <span data-mx-spoiler>he wakes up</span>'
      await talk.person.client.send(talk.room, html('the end: [spoiler]', spoiler))
      await talk.personDid([`<alice> ${spoiler}`], ['<alice> the end: \x0301,01he wakes up\x0f'])
      talk.contact.say(talk.target, 'ends: \x0301,01he wakes up\x0f')
      await talk.contactDid(
        ['<bob> ends: \x0301,01he wakes up\x0f'],
        ['<bob> ends: <span data-mx-spoiler>he wakes up</span>'],
      )
    })

    test('an action and a notice', async () => {
      const talk = scene()[kind]
      await talk.person.client.send(talk.room, { msgtype: 'm.emote', body: 'waves' })
      await talk.personDid(['* alice waves'], ['* alice waves'])
      talk.contact.action(talk.target, 'waves back')
      await talk.contactDid(['* bob waves back'], ['* bob waves back'])
      await talk.person.client.send(talk.room, { msgtype: 'm.notice', body: 'automatic' })
      await talk.personDid(['-alice- automatic'], ['-alice- automatic'])
      talk.contact.notice(talk.target, 'automatic too')
      await talk.contactDid(['-bob- automatic too'], ['-bob- automatic too'])
    })

    test('who is called, is called on the other side', async () => {
      const talk = scene()[kind]
      const { userId } = talk.person.client
      const pill = `<a href="https://matrix.to/#/@_irc_irc_bob:synapse.test">bob</a>: look`
      await talk.person.client.send(talk.room, html('bob: look', pill))
      await talk.personDid([`<alice> ${pill}`], ['<alice> bob: look'])
      talk.contact.say(talk.target, 'alice: where?')
      await talk.contactDid(
        ['<bob> alice: where?'],
        [`<bob> <a href="https://matrix.to/#/${encodeURIComponent(userId)}">alice</a>: where?`],
      )
      const id = await talk.onMatrix.event('bob', 'alice: where?')
      const { content } = await talk.person.client.getEvent(talk.room, id)
      expect(content['m.mentions']).toEqual({ user_ids: [userId] })
    })

    if (tier.tags) {
      test('typing is seen on both sides', async () => {
        const talk = scene()[kind]
        const { client } = talk.person
        talk.contact.typing(talk.target, 'active')
        await client.sync.ephemeral.waitFor(
          ({ room_id: room, type, content }) =>
            room === talk.room &&
            type === 'm.typing' &&
            (content['user_ids'] as string[]).includes('@_irc_irc_bob:synapse.test'),
        )
        talk.contact.typing(talk.target, 'done')
        const here = kind === 'channel' ? talk.target : talk.contact.nick
        await client.typing(talk.room, true)
        await talk.contact.waitFor(
          ({ nick, params, tags }) => nick === 'alice' && params[0] === here && tags['+typing'] === 'active',
        )
        await client.typing(talk.room, false)
        await talk.contact.waitFor(
          ({ nick, params, tags }) => nick === 'alice' && params[0] === here && tags['+typing'] === 'done',
        )
      })
    }

    test('several lines, and a text that no line has room for, arrive whole', async () => {
      const talk = scene()[kind]
      await talk.person.client.sendText(talk.room, 'one\n\ntwo\nthree')
      await talk.personDid(
        ['<alice> one\n\ntwo\nthree'],
        ['one', '', 'two', 'three'].map((line) => `<alice> ${line}`),
      )
      const long = Array.from({ length: 130 }, (_, i) => `größe${i}`).join(' ')
      await talk.person.client.sendText(talk.room, long)
      const parts = await talk.personDid(
        [`<alice> ${long}`],
        [1, 2, 3].map(() => expect.any(String)),
      )
      expect(parts.map((line) => line.replace('<alice> ', '').trim()).join(' ')).toBe(long)

      const line = 'ä'.repeat(200)
      talk.contact.say(talk.target, line)
      await talk.contactDid([`<bob> ${line}`], [`<bob> ${line}`])
    })

    test('a text of very many lines is its beginning and a link to all of it', async () => {
      const talk = scene()[kind]
      const story = Array.from({ length: 60 }, (_, i) => `line ${i} of a störy`).join('\n')
      await talk.person.client.sendText(talk.room, story)
      const lines = await talk.personDid(
        [`<alice> ${story}`],
        ['<alice> line 0 of a störy', expect.any(String)],
      )
      expect(lines[1]).toMatch(/^<alice> .*http:\S+\/message\.txt$/)
      const answer = await fetch(/http:\S+/.exec(lines[1] ?? '')?.[0] ?? '')
      expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await answer.text()).toBe(story)
      await talk.told({ matrix: [expect.stringContaining('the rest was sent as a link')] })
    })
  })
}
