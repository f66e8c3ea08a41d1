import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimUser } from '../sim/homeserver/index.ts'
import type { Account, Channel } from '../sim/telegram/world/index.ts'
import type { Person } from '../support/stack.ts'
import { TelegramWorld } from '../support/telegram-world.ts'
import { doublePuppet } from '../support/worlds.ts'

/** Who is who: names of address books, several users, own phones, and people without a login. */
describe('names', () => {
  let world: TelegramWorld
  let dora: Person
  let hers: Account

  beforeAll(async () => {
    world = await TelegramWorld.start()
    const { tg, bob, her } = world
    hers = tg.user({ firstName: 'Dora', phone: '4915412345678' })
    tg.contact(her, bob, { firstName: 'Mum', lastName: '' })
    tg.contact(hers, bob, { firstName: 'Dr.', lastName: 'Builder' })
    dora = await world.stack.person('dora')
    await world.logIn(dora, hers)
  })

  afterAll(async () => {
    await world.proveDelivered()
    await world.close()
  })

  const nameIn = (room: string) =>
    world.homeserver.state(room, 'm.room.member', world.ghost(world.bob))?.['displayname']
  const roomName = (room: string) => world.homeserver.state(room, 'm.room.name')?.['name']

  test('two users who know the same person under different names each see their own', async () => {
    const { tg, bob, her } = world
    tg.say(bob, her, 'hi alice')
    const alices = await world.roomWith('hi alice')
    tg.say(bob, hers, 'hi dora')
    const doras = await world.roomWith('hi dora', dora)
    expect(alices).not.toBe(doras)
    await world.until(() => nameIn(alices) === 'Mum', 'her name for him')
    await world.until(() => nameIn(doras) === 'Dr. Builder', 'the other name for him')
    expect([roomName(alices), roomName(doras)]).toEqual(['Mum', 'Dr. Builder'])
    // Where both are, he has a name of nobody's address book.
    const group = tg.supergroup({ title: 'All of us', members: [bob, her, hers] })
    tg.say(bob, group, 'hi all')
    const room = await world.roomWith('hi all')
    await world.quiet()
    expect(['Bob Builder', 'bobby', '@bobby']).toContain(nameIn(room))
    expect(nameIn(alices)).toBe('Mum')
  })

  test('a group of both is one room, and each message is there once', async () => {
    const { tg, bob, her } = world
    const group = tg.supergroup({ title: 'Together', members: [bob, her, hers] })
    tg.say(bob, group, 'once')
    const room = await world.roomWith('once')
    await dora.user.join(room)
    await world.alice.user.sendText(room, 'from alice')
    const seen = await world.text(group, 'from alice')
    expect(seen.author).toBe(her)
    await dora.user.sendText(room, 'from dora')
    expect((await world.text(group, 'from dora')).author).toBe(hers)
    tg.say(bob, group, 'the end')
    await world.message(room, 'the end')
    await world.quiet()
    const bodies = world.homeserver
      .timeline(room)
      .flatMap((e) => (e.type === 'm.room.message' ? [String(e.content['body'])] : []))
    for (const body of ['once', 'from alice', 'from dora', 'the end'])
      expect(bodies.filter((each) => each === body)).toHaveLength(1)
    expect(
      tg
        .view(bob, group)
        .filter(({ text }) => text !== '')
        .map(({ text }) => text),
    ).toEqual(['once', 'from alice', 'from dora', 'the end'])
  })

  test('a contact that is renamed in the address book is renamed for its owner alone', async () => {
    const { tg, bob, her } = world
    const alices = await world.roomWith('hi alice')
    tg.contact(her, bob, { firstName: 'Mummy', lastName: '' })
    tg.say(bob, her, 'call me that')
    await world.message(alices, 'call me that')
    await world.until(() => nameIn(alices) === 'Mummy', 'the new name')
    expect(nameIn(await world.roomWith('hi dora', dora))).toBe('Dr. Builder')
  })
})

describe('her own phone', () => {
  let world: TelegramWorld

  beforeAll(async () => {
    world = await TelegramWorld.start(doublePuppet)
  })

  afterAll(async () => {
    await world.proveDelivered()
    await world.close()
  })

  test('what she does there appears as from herself, once, and does not go back', async () => {
    const { tg, bob, her, homeserver } = world
    const room = await world.enter(bob, her)
    const phone = await world.phone(her)
    const id = await phone.sendText(world.peer(bob), 'from my phone')
    const { event_id, sender } = await world.message(room, 'from my phone')
    expect(sender).toBe(world.alice.user.userId)
    await phone.edit(world.peer(bob), id, 'from my new phone')
    const edit = await world.related(room, event_id, () => true, 'the edit')
    expect(edit.sender).toBe(sender)
    const bobs = tg.say(bob, her, 'react to this')
    const said = await world.message(room, 'react to this')
    await phone.react(world.peer(bob), bobs.idFor(her), '👍')
    const thumb = await world.related(room, said.event_id, (e) => e.type === 'm.reaction', 'her thumb')
    expect(thumb.sender).toBe(sender)
    await world.alice.user.sendText(room, 'from Matrix')
    await world.text(her, 'from Matrix')
    tg.say(bob, her, 'the end')
    await world.message(room, 'the end')
    await world.quiet()
    const own = homeserver.timeline(room).filter((e) => e.type === 'm.room.message' && e.sender === sender)
    expect(own.map((e) => e.content['body'])).toEqual(['from my phone', '* from my new phone', 'from Matrix'])
    expect(
      tg
        .view(bob, her)
        .map(({ text }) => text)
        .slice(1),
    ).toEqual(['from my new phone', 'react to this', 'from Matrix', 'the end'])
    await phone.close()
  })
})

describe('people without a login', () => {
  const TOKEN = '7000:token-of-the-bot'
  let world: TelegramWorld
  let bot: Account
  let group: Channel
  let admin: Person
  let dave: SimUser
  let room: string

  beforeAll(async () => {
    world = await TelegramWorld.start({ config: { relayBots: [7000] } })
    const { tg, bob, her } = world
    bot = tg.user({ firstName: 'Relay', bot: true, botToken: TOKEN, username: 'relaybot', id: 7000n })
    group = tg.supergroup({ title: 'Open house', members: [bob, her, bot] })
    admin = await world.stack.person('admin')
    await admin.ask('login telegram bot', 'token')
    await admin.ask(TOKEN, 'logged in to Telegram as Relay')
    // A bot has no history: of a group it learns by what is said there while it is connected.
    while (!(await admin.ask('status', 'Relay')).includes('🟢')) continue
    room = await world.enter(bob, group)
    dave = await world.homeserver.user('dave')
    await mayInvite(room)
    const invited = () => world.homeserver.members(room, 'invite').includes(admin.user.userId)
    await world.until(invited, 'the owner of the bot to be invited')
    await admin.user.join(room)
    await admin.user.invite(room, dave.userId).catch(() => world.alice.user.invite(room, dave.userId))
    await dave.join(room)
    await dave.setDisplayName('Dave')
    await admin.user.sendText(room, '!viaduct set-relay on')
    await world.see(room, 'People without a login can speak here now.')
  })

  /** Whoever is in a group of Telegram may bring others, unless it says otherwise. */
  const mayInvite = (where: string) =>
    world.until(() => world.homeserver.state(where, 'm.room.power_levels')?.['invite'] === 0, 'the rights')

  afterAll(async () => {
    await world.proveDelivered(['Without a login nobody can vote'])
    await world.close()
  })

  test.each(['basic group', 'supergroup'])(
    'whose bot enters a %s are invited, before anybody speaks',
    async (kind) => {
      const { tg, bob, her } = world
      const entered =
        kind === 'supergroup'
          ? tg.supergroup({ title: 'New house', members: [bob, her] })
          : tg.group({ title: 'Small house', members: [bob, her] })
      const where = await world.enter(bob, entered)
      expect(world.homeserver.members(where, 'invite')).not.toContain(admin.user.userId)
      tg.add(bob, entered, bot)
      await world.until(
        () => world.homeserver.members(where, 'invite').includes(admin.user.userId),
        'the owner of the bot to be invited',
      )
    },
  )

  test('speak by a bot, under their names, and are answered', async () => {
    const mine = await dave.sendText(room, 'hello all')
    const seen = await world.sees(group, ({ text }) => text.includes('hello all'), 'his words')
    expect(seen.author?.bot).toBe(true)
    expect(seen.text).toMatch(/^Dave:? ?\n?hello all$/)
    world.tg.say(world.bob, group, { text: 'hello Dave', replyTo: world.post(group, seen) })
    const answer = await world.message(room, 'hello Dave')
    expect(answer.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: mine } })
    await world.alice.user.sendText(room, 'as myself')
    expect((await world.text(group, 'as myself')).author).toBe(world.her)
  })

  test('answer in a basic group, where the bot has numbers of its own, and each thing is there once', async () => {
    const { tg, bob, her } = world
    const basic = tg.group({ title: 'Kitchen', members: [bob, her, bot] })
    const where = await world.enter(bob, basic, 'who cooks?')
    await world.until(
      () => world.homeserver.members(where, 'invite').includes(admin.user.userId),
      'the owner of the bot to be invited',
    )
    await admin.user.join(where)
    await mayInvite(where)
    await world.alice.user.invite(where, dave.userId)
    await dave.join(where)
    await admin.user.sendText(where, '!viaduct set-relay on')
    await world.see(where, 'People without a login can speak here now.')
    const asked = await world.message(where, 'who cooks?')
    await world.numbered(where, 'who cooks?', bot)
    await dave.reply(where, asked.event_id, 'I do')
    const seen = await world.sees(basic, ({ text }) => text.includes('I do'), 'his answer')
    expect(seen.author?.bot).toBe(true)
    expect(seen.replyTo).toBe((await world.text(basic, 'who cooks?')).id)
    tg.say(her, basic, 'thank you, from my phone')
    await world.message(where, 'thank you, from my phone')
    await world.quiet()
    const bodies = world.homeserver.timeline(where).map(({ content }) => content['body'])
    for (const body of ['who cooks?', 'I do', 'thank you, from my phone'])
      expect(bodies.filter((each) => each === body)).toEqual([body])
  })

  test('send files, edit and take back', async () => {
    const url = await dave.upload(Buffer.from('p'), 'image/png', 'p.png')
    await dave.send(room, 'm.room.message', {
      msgtype: 'm.image',
      body: 'my cat',
      filename: 'p.png',
      url,
      info: { mimetype: 'image/png' },
    })
    const cat = await world.sees(group, ({ text }) => text.includes('my cat'), 'his cat')
    expect(cat.media?.kind).toBe('photo')
    expect(cat.text).toContain('Dave')
    const mine = await dave.sendText(room, 'I liek it')
    const seen = await world.sees(group, ({ text }) => text.includes('I liek it'), 'his words')
    await dave.edit(room, mine, 'I like it')
    const edited = await world.sees(group, ({ text }) => text.includes('I like it'), 'his words, mended')
    expect([edited.id, edited.text]).toEqual([seen.id, seen.text.replace('liek', 'like')])
    await dave.redact(room, mine)
    await world.until(() => world.tg.view(world.bob, group).every(({ id }) => id !== seen.id), 'it to go')
  })

  test('react and vote, as far as a bot can', async () => {
    world.tg.say(world.bob, group, 'a joke')
    const joke = await world.message(room, 'a joke')
    await dave.react(room, joke.event_id, '👍')
    await world.sees(
      group,
      ({ text, reactions }) => reactions.length > 0 || (text.includes('Dave') && text.includes('👍')),
      'his thumb',
    )
    world.tg.say(world.bob, group, {
      media: world.tg.media.poll(world.bob, { question: 'Tea?', answers: ['yes', 'no'] }),
    })
    const poll = await world.happens(room, (e) => e.type.endsWith('poll.start'), 'the poll')
    const start = poll.content['org.matrix.msc3381.poll.start'] as { answers: { id: string }[] }
    const after = world.homeserver.timeline(room).length
    await dave.send(room, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll.event_id },
      'org.matrix.msc3381.poll.response': { answers: [start.answers[0]?.id] },
    })
    // A bot can't vote: his vote is told in words, or he is told why not.
    await world.until(
      () =>
        world.tg.view(world.bob, group).some(({ text }) => text.includes('📊')) ||
        world.homeserver
          .timeline(room)
          .slice(after)
          .some((e) => String(e.content['body']).includes('vote')),
      'what became of his vote',
    )
  })
})
