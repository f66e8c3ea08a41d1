import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TelegramConnector } from '../../src/networks/telegram/connector.ts'
import type { Account, Channel, Seen } from '../sim/telegram/world/index.ts'
import { postIn } from '../sim/telegram/world/room.ts'
import { Stack } from '../support/stack.ts'
import type { Person } from '../support/stack.ts'
import { startTelegram } from '../support/telegram.ts'
import type { TestTelegram } from '../support/telegram.ts'

type MatrixEvent = ReturnType<Stack['homeserver']['timeline']>[number]

/** Everything that crosses, between a Matrix user and a contact on the loopback Telegram. */
describe('Telegram', () => {
  let telegram: TestTelegram
  let stack: Stack
  let alice: Person
  let her: Account
  let bob: Account
  let group: Channel
  let direct: string
  let room: string

  beforeAll(async () => {
    telegram = await startTelegram()
    const { tg, config } = telegram
    her = tg.user({ firstName: 'Alice', phone: '4915112345678', username: 'alice' })
    bob = tg.user({ firstName: 'Bob', lastName: 'Builder', phone: '4915212345678', username: 'bobby' })
    group = tg.supergroup({ title: 'Tea room', members: [bob, her], about: 'All about tea' })
    stack = await Stack.start(() => [new TelegramConnector(config, { backoffMs: 10 })])
    alice = await stack.person('alice')
    await alice.ask('login telegram phone', 'phone number')
    await alice.ask('+49 1511 2345678', 'sent you a code')
    await alice.ask(tg.codes.get(her.id) ?? '', 'logged in to Telegram as Alice')
    tg.say(bob, her, 'a first word')
    direct = await roomWith('a first word')
    tg.say(bob, group, 'to all')
    room = await roomWith('to all')
  })

  afterAll(async () => {
    await stack.close()
    await telegram.wire.stop()
    expect(telegram.wire.journal.problems).toEqual([])
  })

  /** The room in which somebody says something; alice goes in. */
  async function roomWith(body: string): Promise<string> {
    const hs = stack.homeserver
    const find = () => hs.roomIds().find((id) => hs.timeline(id).some((e) => e.content['body'] === body))
    await hs.waitFor(() => find() !== undefined, `a room with "${body}"`, 15_000)
    const id = find() ?? ''
    await alice.user.join(id)
    return id
  }

  async function event(
    where: string,
    wanted: (event: MatrixEvent) => boolean,
    what: string,
  ): Promise<MatrixEvent> {
    const find = () => stack.homeserver.timeline(where).find(wanted)
    await stack.homeserver.waitFor(() => find() !== undefined, `${what} on Matrix`, 15_000)
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  const withBody = (where: string, body: string) =>
    event(where, (e) => e.type === 'm.room.message' && e.content['body'] === body, `"${body}"`)

  /** What Bob sees of the conversation, once it is so. */
  async function bobSees(
    where: Account | Channel,
    wanted: (seen: Seen) => boolean,
    what: string,
  ): Promise<Seen> {
    const find = () => telegram.tg.view(bob, where).find(wanted)
    await stack.homeserver.waitFor(() => find() !== undefined, `${what} on Telegram`, 15_000)
    const found = find()
    if (found === undefined) throw new Error('gone')
    return found
  }

  const withText = (where: Account | Channel, text: string) =>
    bobSees(where, (seen) => seen.text === text, `"${text}"`)

  test('text with formats crosses both ways, in a direct chat and in a group', async () => {
    const { tg } = telegram
    for (const [where, there] of [
      [direct, her],
      [room, group],
    ] as const) {
      await alice.user.send(where, 'm.room.message', {
        msgtype: 'm.text',
        body: 'plain bold',
        format: 'org.matrix.custom.html',
        formatted_body: 'plain <strong>bold</strong>',
      })
      const got = await withText(there, 'plain bold')
      expect(got.entities).toMatchObject([{ _: 'messageEntityBold', offset: 6, length: 4 }])
      expect(got.author).toBe(her)
      tg.say(bob, there, { text: 'some code', entities: [{ _: 'messageEntityCode', offset: 5, length: 4 }] })
      const heard = await withBody(where, 'some code')
      expect(heard.sender).toBe(`@_telegram_${bob.id}:sim.local`)
      expect(heard.content).toMatchObject({ formatted_body: 'some <code>code</code>' })
    }
    expect(tg.view(bob, group).filter(({ text }) => text === 'plain bold')).toHaveLength(1)
  })

  test('names, of a person, a direct chat and a group', async () => {
    const hs = stack.homeserver
    expect(hs.profile(`@_telegram_${bob.id}:sim.local`)).toMatchObject({ displayname: 'Bob Builder' })
    const state = (type: string) => hs.state(room, type, '')
    await hs.waitFor(() => state('m.room.topic') !== undefined, 'the topic')
    expect(state('m.room.name')).toMatchObject({ name: 'Tea room' })
    expect(state('m.room.topic')).toMatchObject({ topic: 'All about tea' })
  })

  test('a reply, an edit and a removal, from Matrix', async () => {
    const { tg } = telegram
    const post = tg.say(bob, group, 'shall we?')
    const question = await withBody(room, 'shall we?')
    await alice.user.reply(room, question.event_id, 'we shall')
    expect((await withText(group, 'we shall')).replyTo).toBe(post.idFor(bob))
    const mine = await alice.user.sendText(room, 'I liek it')
    const sent = await withText(group, 'I liek it')
    await alice.user.edit(room, mine, 'I like it')
    expect((await withText(group, 'I like it')).id).toBe(sent.id)
    await alice.user.redact(room, mine)
    await stack.homeserver.waitFor(() => tg.view(bob, group).every(({ id }) => id !== sent.id), 'the removal')
  })

  test('a reply, an edit and a removal, from Telegram', async () => {
    const { tg } = telegram
    const mine = await alice.user.sendText(direct, 'a question of mine')
    const question = postIn(tg.room(bob, her), bob, (await withText(her, 'a question of mine')).id)
    if (question === undefined) throw new Error('no question')
    const post = tg.say(bob, her, { text: 'an answr', replyTo: question })
    const answer = await withBody(direct, 'an answr')
    expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
    tg.edit(bob, post, 'an answer')
    const edit = await event(
      direct,
      (e) => (e.content['m.relates_to'] as { event_id?: string } | undefined)?.event_id === answer.event_id,
      'the edit',
    )
    expect(edit.content['m.new_content']).toMatchObject({ body: 'an answer' })
    tg.remove(bob, post)
    await event(
      direct,
      (e) => e.type === 'm.room.redaction' && JSON.stringify(e).includes(answer.event_id),
      'the removal',
    )
  })

  test('reactions, put there and taken back, both ways', async () => {
    const { tg } = telegram
    const post = tg.say(bob, group, 'a joke')
    const joke = await withBody(room, 'a joke')
    const reaction = await alice.user.react(room, joke.event_id, '👍')
    await bobSees(
      group,
      (seen) => seen.id === post.idFor(bob) && seen.reactions.some((r) => r.reaction === '👍'),
      'the thumb',
    )
    await alice.user.redact(room, reaction)
    await bobSees(group, (seen) => seen.id === post.idFor(bob) && seen.reactions.length === 0, 'no thumb')
    tg.react(bob, post, '🔥')
    const fire = await event(
      room,
      (e) => e.type === 'm.reaction' && JSON.stringify(e.content).includes('🔥'),
      'the fire',
    )
    expect(fire.sender).toBe(`@_telegram_${bob.id}:sim.local`)
    tg.react(bob, post)
    await event(
      room,
      (e) => e.type === 'm.room.redaction' && JSON.stringify(e).includes(fire.event_id),
      'no fire',
    )
  })

  test('a picture with a caption, both ways, and a large file', async () => {
    const { tg } = telegram
    const bytes = Buffer.from('a picture that is not one')
    const mxc = await alice.user.upload(bytes, 'image/png', 'cat.png')
    await alice.user.send(room, 'm.room.message', {
      msgtype: 'm.image',
      body: 'look at this',
      filename: 'cat.png',
      url: mxc,
      info: { mimetype: 'image/png', size: bytes.length, w: 10, h: 10 },
    })
    const got = await withText(group, 'look at this')
    expect(got.media?.kind).toBe('photo')
    tg.say(bob, group, { text: 'and this', media: tg.media.photo(Buffer.from('bytes of a photo')) })
    const image = await event(
      room,
      (e) => e.content['msgtype'] === 'm.image' && e.sender.includes('_telegram_'),
      'the photo',
    )
    expect(image.content['body']).toBe('and this')
    const url = String(image.content['url'])
    expect(Buffer.from(await alice.user.download(url)).toString()).toBe('bytes of a photo')
    const large = Buffer.alloc(11 * 1024 * 1024, 'large')
    const largeMxc = await alice.user.upload(large, 'application/octet-stream', 'big.bin')
    await alice.user.send(room, 'm.room.message', {
      msgtype: 'm.file',
      body: 'big.bin',
      url: largeMxc,
      info: { size: large.length },
    })
    const { media } = await bobSees(group, (seen) => seen.media?.kind === 'document', 'the file')
    if (media?.kind !== 'document') throw new Error('no document')
    expect(large.equals(Buffer.from(media.document.bytes))).toBe(true)
  })

  test('a poll of Matrix, with votes of both sides, and its end', async () => {
    const { tg } = telegram
    const poll = await alice.user.send(room, 'org.matrix.msc3381.poll.start', {
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
    const seen = await bobSees(group, (each) => each.poll?.question === 'Lunch?', 'the poll')
    const post = postIn(group, bob, seen.id)
    if (post === undefined) throw new Error('no poll')
    tg.vote(bob, post, 1)
    const vote = await event(room, (e) => e.type === 'org.matrix.msc3381.poll.response', 'the vote')
    expect(vote.sender).toBe(`@_telegram_${bob.id}:sim.local`)
    expect(vote.content).toMatchObject({ 'org.matrix.msc3381.poll.response': { answers: ['s'] } })
    await alice.user.send(room, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.response': { answers: ['p'] },
    })
    await bobSees(group, (each) => each.poll?.voters === 2, 'both votes')
    await alice.user.send(room, 'org.matrix.msc3381.poll.end', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.end': {},
      'org.matrix.msc1767.text': 'over',
    })
    await bobSees(group, (each) => each.poll?.closed === true, 'the end')
  })

  test('a poll of Telegram', async () => {
    const { tg } = telegram
    const post = tg.say(bob, group, {
      media: tg.media.poll(bob, { question: 'Tea?', answers: ['yes', 'no'] }),
    })
    const poll = await event(
      room,
      (e) => e.type.endsWith('poll.start') && JSON.stringify(e.content).includes('Tea?'),
      'the poll',
    )
    const start = poll.content['org.matrix.msc3381.poll.start'] as { answers: { id: string }[] }
    await alice.user.send(room, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll.event_id },
      'org.matrix.msc3381.poll.response': { answers: [start.answers[0]?.id] },
    })
    await bobSees(group, (each) => each.poll?.question === 'Tea?' && each.poll.voters === 1, 'her vote')
    tg.closePoll(bob, post)
    await event(
      room,
      (e) => e.type.endsWith('poll.end') && JSON.stringify(e.content).includes(poll.event_id),
      'the end',
    )
  })

  test('what is written on the phone comes as her own words, once', async () => {
    const { tg } = telegram
    tg.say(her, her, 'a note')
    tg.say(her, group, 'from my phone')
    await withBody(room, 'from my phone')
    tg.say(bob, group, 'after it')
    await withBody(room, 'after it')
    const own = stack.homeserver.timeline(room).filter((e) => e.content['body'] === 'from my phone')
    expect(own).toHaveLength(1)
    // What the bridge sent did not come back.
    const bridged = stack.homeserver.timeline(room).filter((e) => e.content['body'] === 'plain bold')
    expect(bridged).toHaveLength(1)
  })
})
