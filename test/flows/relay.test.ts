import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SimUser } from '../sim/homeserver/index.ts'
import type { Person } from '../support/stack.ts'
import { words } from '../support/stack.ts'
import { IrcWorld } from '../support/worlds.ts'

/** People without a login, by the shared connection, on a server with every capability and on one with none. */
describe.each(['all', 'none'] as const)('relay, IRC with %s of the capabilities', (caps) => {
  let world: IrcWorld
  let admin: Person
  let dave: SimUser

  beforeAll(async () => {
    world = await IrcWorld.start({
      sim: { caps },
      network: { channels: [{ name: '#town', relay: true }], relaymsg: false },
      change: () => ({ mediaProxy: { publicUrl: 'https://media.example', expiryMs: 3_600_000 } }),
    })
    await world.homeserver.waitFor(() => world.isIn('viaductbot'), 'the shared connection')
    admin = await world.newcomer('admin')
    dave = await world.homeserver.user('dave')
    await world.alice.user.invite(world.room, dave.userId)
    await dave.join(world.room)
  })

  afterAll(() => world.close())

  const relayed = () => world.heard('viaductbot')
  let read = 0
  const next = async () => {
    await world.bob.waitFor(() => relayed().length > read, 'a relayed line')
    read += 1
    return (relayed()[read - 1] ?? '').replaceAll('\u200b', '')
  }

  test('only an admin can switch it on, and only where the shared connection is', async () => {
    await dave.sendText(world.room, 'too early')
    await world.see(world.room, 'You are not logged in to #town')
    await world.alice.user.sendText(world.room, '!viaduct set-relay on')
    await world.see(world.room, 'You are not permitted')
    await admin.ask('join #elsewhere', 'You are in #elsewhere')
    const elsewhere = await admin.acceptInvite([world.room])
    await admin.user.sendText(elsewhere, '!viaduct set-relay on')
    await world.see(elsewhere, 'The shared connection is not in this conversation')
    await admin.user.sendText(world.room, '!viaduct set-relay on')
    await world.see(world.room, 'People without a login can speak here now.')
  })

  test('text and emotes are said under their names, logged in people speak as themselves', async () => {
    await dave.sendText(world.room, 'hello all')
    expect(await next()).toBe('<dave> hello all')
    await dave.send(world.room, 'm.room.message', { msgtype: 'm.emote', body: 'waves' })
    expect(await next()).toBe('* dave waves')
    await dave.setDisplayName('Dave the Brave')
    await dave.sendText(world.room, 'renamed')
    expect(await next()).toBe('<Dave the Brave> renamed')
    await world.alice.user.sendText(world.room, 'as myself')
    await world.hear('as myself', 'alice')
    // Nothing of it comes back.
    world.bob.say(world.channel, 'fence')
    await world.see(world.room, 'fence')
    expect(words(world.homeserver, world.room).filter((line) => line.startsWith('_irc_'))).toEqual([
      '_irc_sim_bob: fence',
    ])
  })

  test('replies, reactions and their removal, edits and redactions go by name as well', async () => {
    world.bob.say(world.channel, 'shall we?')
    const question = await world.event(world.room, 'shall we?')
    await dave.reply(world.room, question.event_id, 'yes')
    expect(await next()).toMatch(caps === 'all' ? /^<Dave the Brave> yes$/ : /^<Dave the Brave> bob: yes$/)
    const reaction = await dave.react(world.room, question.event_id, '👍')
    expect(await next()).toMatch(/^\* Dave the Brave reacted 👍 to .*shall we/)
    await dave.redact(world.room, reaction)
    expect(await next()).toMatch(/^\* Dave the Brave removed .*👍/)
    const mine = await dave.sendText(world.room, 'I liek it')
    expect(await next()).toBe('<Dave the Brave> I liek it')
    await dave.edit(world.room, mine, 'I like it')
    expect(await next()).toBe('<Dave the Brave> s/liek/like/')
    await dave.redact(world.room, mine)
    if (caps === 'none') expect(await next()).toMatch(/^\* Dave the Brave deleted/)
    else await world.bob.waitFor((bob) => bob.lines.some(({ command }) => command === 'REDACT'), 'REDACT')
  })

  test('polls: made, voted in from both sides, and ended', async () => {
    const poll = await dave.send(world.room, 'org.matrix.msc3381.poll.start', {
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
    await world.bob.waitFor(() => relayed().some((line) => line.includes('Vote with !vote')), 'the poll')
    world.bob.say(world.channel, '!vote 2')
    await world.bob.waitFor(() => relayed().some((line) => line.includes('Soup — 1')), 'the tally')
    await dave.send(world.room, 'org.matrix.msc3381.poll.response', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.response': { answers: ['p'] },
    })
    await world.bob.waitFor(() => relayed().some((line) => line.includes('Pizza — 1')), 'the second vote')
    await dave.send(world.room, 'org.matrix.msc3381.poll.end', {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.end': {},
      'org.matrix.msc1767.text': 'ended',
    })
    await world.bob.waitFor(() => relayed().some((line) => line.includes('has ended')), 'the end')
    await world.quiet()
    read = relayed().length
  })

  test('files are links under their name', async () => {
    const url = await dave.upload(Buffer.from('bytes'), 'image/png', 'cat.png')
    await dave.send(world.room, 'm.room.message', { msgtype: 'm.image', body: 'cat.png', url, info: {} })
    expect(await next()).toMatch(
      /^<Dave the Brave> image cat\.png: https:\/\/media\.example\/media\/\S+\/cat\.png$/,
    )
  })

  test('a shared connection that drops loses nothing', async () => {
    world.irc.faults.dropAfter(1, 'viaductbot')
    await dave.sendText(world.room, 'dropped')
    await dave.sendText(world.room, 'behind it')
    await world.homeserver.waitFor(() => relayed().some((line) => line.includes('behind it')), 'both')
    await world.quiet()
    const lines = relayed()
      .slice(read)
      .map((line) => line.replaceAll('\u200b', ''))
    expect(lines).toEqual(['<Dave the Brave> dropped', '<Dave the Brave> behind it'])
    read = relayed().length
  })

  test('it stays on over a restart, and off is off', async () => {
    await world.stack.restart()
    await world.homeserver.waitFor(
      () => world.isIn('viaductbot') && world.isIn('alice'),
      'everyone to be back',
    )
    await dave.sendText(world.room, 'still me')
    expect(await next()).toBe('<Dave the Brave> still me')
    await admin.user.sendText(world.room, '!viaduct set-relay off')
    await world.see(world.room, 'Only people with a login can speak here now.')
    const refused = world.find(world.room, 'You are not logged in').length
    await dave.sendText(world.room, 'not any more')
    await world.homeserver.waitFor(
      () => world.find(world.room, 'You are not logged in').length > refused,
      'the refusal',
    )
    expect(relayed()).toHaveLength(read)
    // The bridge's own words have no speaker.
    expect(relayed().filter((line) => line.startsWith('<>'))).toEqual([])
  })
})

test('where the shared connection may speak for others it does so under their names, and none of it comes back', async () => {
  const world = await IrcWorld.start({ network: { channels: [{ name: '#town', relay: true }] } })
  onTestFinished(() => world.close())
  await world.homeserver.waitFor(() => world.isIn('viaductbot'), 'the shared connection')
  const admin = await world.newcomer('admin')
  const dave = await world.homeserver.user('dave')
  await world.alice.user.invite(world.room, dave.userId)
  await dave.join(world.room)
  await admin.user.sendText(world.room, '!viaduct set-relay on')
  await world.see(world.room, 'People without a login can speak here now.')
  const names = () => world.bob.said(world.channel).map(({ from, text }) => [from, text])
  await dave.sendText(world.room, 'hello')
  await world.bob.waitFor(() => names().length === 1, 'the text')
  expect(names()).toEqual([['dave/m', 'hello']])
  world.irc.faults.dropAfter(1, 'viaductbot')
  await dave.sendText(world.room, 'dropped')
  await dave.sendText(world.room, 'behind it')
  await world.homeserver.waitFor(() => names().length >= 3, 'both')
  await world.quiet()
  expect(names().map(([, text]) => text?.replace(/^<.*> /, ''))).toEqual(['hello', 'dropped', 'behind it'])
  world.bob.say(world.channel, 'fence')
  await world.see(world.room, 'fence')
  const ghosts = words(world.homeserver, world.room).filter((line) => line.startsWith('_irc_'))
  expect(ghosts).toEqual(['_irc_sim_bob: fence'])
})
