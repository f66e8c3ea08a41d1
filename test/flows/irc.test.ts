import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IrcConnector } from '../../src/networks/irc/connector.ts'
import { SimIrc } from '../sim/irc/index.ts'
import type { SimIrcClient } from '../sim/irc/index.ts'
import { testIrc, testNetwork } from '../support/irc-config.ts'
import { enter, logIn } from '../support/killed-world.ts'
import { Stack, words } from '../support/stack.ts'
import type { Person } from '../support/stack.ts'

/** The same conversation on a server with every capability and on one with none. */
describe.each(['all', 'none'] as const)('IRC with %s of the capabilities', (caps) => {
  let irc: SimIrc
  let stack: Stack
  let alice: Person
  let bob: SimIrcClient
  let room: string

  beforeAll(async () => {
    irc = await SimIrc.start({ caps })
    const config = testIrc(testNetwork('sim', irc.port))
    stack = await Stack.start(() => [new IrcConnector(config)])
    alice = await stack.person('alice')
    await logIn(alice, 'alice')
    bob = await irc.client('bob', { caps })
    room = await enter(alice, bob, '#town', [])
  })

  afterAll(async () => {
    await stack.close()
    await irc.close()
  })

  /** Lines that bob read from alice since the last look. */
  let read = 0
  const fromAlice = () => bob.said('#town').filter((m) => m.from === 'alice')
  const nextLine = async (what: string) => {
    await bob.waitFor(() => fromAlice().length > read, what)
    read += 1
    const line = fromAlice()[read - 1]
    if (!line) throw new Error('no line')
    return line
  }
  const event = async (body: string) => {
    const find = () => stack.homeserver.timeline(room).find((e) => String(e.content['body']).includes(body))
    await stack.homeserver.waitFor(() => find() !== undefined, `"${body}" on Matrix`)
    const found = find()
    if (!found) throw new Error('gone')
    return found
  }

  const answered = ({ content }: { content: Record<string, unknown> }) =>
    (content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } } | undefined)?.['m.in_reply_to']
      ?.event_id

  test('text, with formatting, crosses both ways', async () => {
    await alice.user.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: 'plain bold',
      format: 'org.matrix.custom.html',
      formatted_body: 'plain <strong>bold</strong>',
    })
    expect((await nextLine('bold text')).text).toBe('plain \x02bold\x0f')
    bob.say('#town', 'some \x02bold\x02 <b>not</b>')
    const found = await event('some bold')
    expect(found.sender).toBe('@_irc_sim_bob:sim.local')
    expect(found.content).toMatchObject({
      body: 'some bold <b>not</b>',
      formatted_body: 'some <strong>bold</strong> &lt;b&gt;not&lt;/b&gt;',
    })
    bob.action('#town', 'waves')
    expect((await event('waves')).content['msgtype']).toBe('m.emote')
  })

  test('a long text is split and arrives whole', async () => {
    const long = Array.from({ length: 150 }, (_, i) => `word${i}`).join(' ')
    await alice.user.sendText(room, long)
    const lines = [(await nextLine('the first part')).text]
    while (lines.join(' ').replaceAll(/\s+/g, ' ').length < long.length)
      lines.push((await nextLine('a part')).text)
    expect(lines.map((line) => line.trim()).join(' ')).toBe(long)
  })

  test('a reply, a reaction, an edit and a redaction go out, each as the server allows', async () => {
    bob.say('#town', 'shall we?')
    const question = await event('shall we?')
    await alice.user.reply(room, question.event_id, 'yes')
    const reply = await nextLine('the reply')
    expect(reply.text).toContain('yes')
    if (caps === 'all') expect(reply.tags['+draft/reply']).toBeDefined()
    else expect(reply.text).toMatch(/bob/)

    await alice.user.react(room, question.event_id, '👍')
    if (caps === 'all') {
      await bob.waitFor(
        () => bob.lines.some((l) => l.command === 'TAGMSG' && l.tags['+draft/react'] === '👍'),
        'the tag',
      )
    } else {
      expect((await nextLine('the reaction')).text).toMatch(/reacted 👍 to .*shall we/)
      // Clients cannot show an answer to a reaction, so the note answers what was reacted to.
      expect(answered(await event('cannot show reactions'))).toBe(question.event_id)
    }

    const mine = await alice.user.sendText(room, 'I liek it')
    await nextLine('the text')
    await alice.user.edit(room, mine, 'I like it')
    expect((await nextLine('the correction')).text).toMatch(/like/)
    expect(answered(await event('IRC cannot edit messages'))).toBe(mine)
    await alice.user.redact(room, mine)
    if (caps === 'all')
      await bob.waitFor(() => bob.lines.some((l) => l.command === 'REDACT'), 'the redaction')
    else expect((await nextLine('the deletion')).text).toMatch(/deleted/)
  })

  test('a poll is text there, its votes are votes here', async () => {
    await alice.user.send(room, 'org.matrix.msc3381.poll.start', {
      'org.matrix.msc3381.poll.start': {
        question: { 'org.matrix.msc1767.text': 'Lunch?' },
        kind: 'org.matrix.msc3381.poll.disclosed',
        max_selections: 1,
        answers: [
          { id: 'p', 'org.matrix.msc1767.text': 'Pizza' },
          { id: 's', 'org.matrix.msc1767.text': 'Soup' },
        ],
      },
      'org.matrix.msc1767.text': 'Lunch?',
    })
    await bob.waitFor(() => fromAlice().some((m) => m.text.includes('Lunch?')), 'the poll')
    await bob.waitFor(() => fromAlice().some((m) => m.text.includes('Soup')), 'its answers')
    bob.say('#town', '!vote 2')
    const votes = () =>
      stack.homeserver.timeline(room).filter((e) => e.type === 'org.matrix.msc3381.poll.response')
    await stack.homeserver.waitFor(() => votes().length === 1, 'the vote')
    expect(votes()[0]?.content).toMatchObject({ 'org.matrix.msc3381.poll.response': { answers: ['s'] } })
    await bob.waitFor(() => fromAlice().some((m) => m.text.includes('Soup — 1')), 'the tally')
    read = fromAlice().length
  })

  test('topic, nick, kick, mode, part and join are seen', async () => {
    const { homeserver } = stack
    bob.topic('#town', 'New topic')
    await homeserver.waitFor(
      () => homeserver.state(room, 'm.room.topic')?.['topic'] === 'New topic',
      'the topic',
    )
    const carol = await irc.client('carol', { caps })
    carol.join('#town')
    carol.say('#town', 'hi, carol here')
    await event('carol here')
    carol.nickTo('caroline')
    carol.say('#town', 'renamed')
    expect((await event('renamed')).sender).toBe('@_irc_sim_caroline:sim.local')
    await homeserver.waitFor(
      () => !homeserver.members(room).includes('@_irc_sim_carol:sim.local'),
      'the old name to go',
    )
    bob.mode('#town', '+o caroline')
    const level = () =>
      (homeserver.state(room, 'm.room.power_levels')?.['users'] as Record<string, number> | undefined)?.[
        '@_irc_sim_caroline:sim.local'
      ]
    await homeserver.waitFor(() => (level() ?? 0) >= 50, 'her power')
    bob.kick('#town', 'caroline', 'out')
    await homeserver.waitFor(
      () => !homeserver.members(room).includes('@_irc_sim_caroline:sim.local'),
      'the kick',
    )
  })

  test('a private conversation has a room of its own', async () => {
    bob.say('alice', 'psst')
    const dm = await alice.acceptInvite([room])
    await stack.homeserver.waitFor(
      () => words(stack.homeserver, dm).includes('_irc_sim_bob: psst'),
      'the whisper',
    )
    await alice.user.sendText(dm, 'what?')
    await bob.waitFor(() => bob.said('alice').some((m) => m.text === 'what?'), 'the answer')
  })

  test('every delivery came to an end, none of them badly', async () => {
    const open = () => stack.database.db.query(`select * from delivery where state not in ('delivered')`)
    const until = Date.now() + 15_000
    while ((await open()).length > 0 && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await open()).toEqual([])
  })
})
