import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { remoteMessageId, remoteUserId } from '../../src/model/ids.ts'
import { rejected, retry, unknown } from '../../src/model/outcome.ts'
import type { SendOutcome } from '../../src/model/outcome.ts'
import type { SimUser } from '../sim/homeserver/index.ts'
import { ALL_NATIVE } from '../support/fake-network.ts'
import { FakeWorld } from '../support/worlds.ts'

const BOT = '@viaductbot:sim.local'
const HOUR_MS = 3_600_000

let world: FakeWorld
let room: string

async function begin(options: Parameters<typeof FakeWorld.start>[0] = {}): Promise<void> {
  world = await FakeWorld.start(options)
  room = await world.join('#town')
  // Whoever is in the room may bring others.
  const { network } = world
  await network.tell({
    kind: 'power',
    chat: network.channel('#town'),
    id: remoteMessageId('power'),
    at: new Date(),
    room: { invite: 0 },
  })
  const invite = () => world.homeserver.state(room, 'm.room.power_levels')?.['invite']
  await world.homeserver.waitFor(() => invite() === 0, 'the power to invite')
}

afterEach(() => world.close())

/** The bot's notices about an event, in order; an edit counts as one of its own. */
function noticesOn(event: string) {
  const timeline = world.homeserver
    .timeline(room)
    .filter((e) => e.sender === BOT && e.type === 'm.room.message')
  const first = timeline.find((e) => repliesTo(e.content) === event)
  const edits = timeline.filter((e) => replaces(e.content) === first?.event_id && first !== undefined)
  return [...(first ? [first] : []), ...edits]
}

type Content = Record<string, unknown>
const relation = (content: Content) => (content['m.relates_to'] ?? {}) as Record<string, unknown>
const repliesTo = (content: Content) =>
  (relation(content)['m.in_reply_to'] as { event_id?: string } | undefined)?.event_id
const replaces = (content: Content) =>
  relation(content)['rel_type'] === 'm.replace' ? relation(content)['event_id'] : undefined
const wordsOf = (content: Content) =>
  String(((content['m.new_content'] as Content | undefined) ?? content)['body'])

/** Waits for the bot's latest words about an event. */
async function told(event: string, part: string): Promise<string> {
  const latest = () => wordsOf(noticesOn(event).at(-1)?.content ?? {})
  await world.homeserver.waitFor(() => latest().includes(part), `words about it: ${part}`)
  return latest()
}

const numberIn = (notice: string) => /!viaduct retry (\d+)/.exec(notice)?.[1] ?? 'none'

describe('a message that a network did not take', () => {
  beforeEach(() => begin())

  const ENDINGS: [string, () => SendOutcome, string][] = [
    ['refused', () => rejected('network_refused', 'You are banned.'), 'Not delivered: You are banned.'],
    [
      'of an unknown fate',
      () => unknown('The link broke.'),
      'not known whether this arrived: The link broke.',
    ],
  ]

  test.each(ENDINGS)(
    '%s: its sender is told, and a retry by number delivers it',
    async (_, answer, words) => {
      world.network.answers.push(answer, answer)
      const event = await world.alice.user.sendText(room, 'hello?')
      const first = await told(event, words)
      await world.alice.user.sendText(room, `!viaduct retry ${numberIn(first)}`)
      await world.homeserver.waitFor(() => noticesOn(event).length === 2, 'the notice to say so again')
      await told(event, words)
      await world.alice.user.sendText(room, `!viaduct retry ${numberIn(first)}`)
      await told(event, 'Delivered now.')
      expect(world.sent()).toEqual(['hello?', 'hello?', 'hello?'])
      // One notice, which is edited: the room shows how it stands now.
      expect(noticesOn(event).map(({ content }) => replaces(content) !== undefined)).toEqual([
        false,
        true,
        true,
      ])
    },
  )

  test.each(['the message', 'the notice'])('a retry by a reply to %s delivers it', async (what) => {
    world.network.answers.push(() => rejected('network_refused', 'Not now.'))
    const event = await world.alice.user.sendText(room, 'once more')
    await told(event, 'Not now.')
    const notice = noticesOn(event)[0]?.event_id ?? ''
    await world.alice.user.reply(room, what === 'the notice' ? notice : event, '!viaduct retry')
    await told(event, 'Delivered now.')
    expect(world.sent()).toEqual(['once more', 'once more'])
  })

  test('a message that came through cannot be sent again by mistake', async () => {
    world.network.answers.push(() => rejected('network_refused', 'Not now.'))
    const event = await world.alice.user.sendText(room, 'once')
    const number = numberIn(await told(event, 'Not now.'))
    for (const answer of ['Delivered now.', 'Delivered now.']) {
      await world.alice.user.sendText(room, `!viaduct retry ${number}`)
      await told(event, answer)
    }
    await world.see(room, 'was sent since')
    await world.alice.user.sendText(room, '!viaduct retry 424242')
    await world.see(room, 'There is no such undelivered message.')
    expect(world.sent()).toEqual(['once', 'once'])
  })

  test('nobody but its sender, or an admin, can send it again', async () => {
    world.network.answers.push(() => rejected('network_refused', 'Not now.'))
    const event = await world.alice.user.sendText(room, 'mine')
    const number = numberIn(await told(event, 'Not now.'))
    const [dave, admin] = [await guest('dave'), await guest('admin')]
    await dave.sendText(room, `!viaduct retry ${number}`)
    await world.see(room, 'You are not permitted')
    expect(world.sent()).toEqual(['mine'])
    await admin.sendText(room, `!viaduct retry ${number}`)
    await told(event, 'Delivered now.')
  })

  test('a refusal that comes late is told all the same', async () => {
    const event = await world.alice.user.sendText(room, 'to nobody')
    await world.homeserver.waitFor(() => world.sent().length === 1, 'the message')
    await world.quiet()
    const [request] = world.network.sent
    if (!request) throw new Error('not sent')
    world.network.host.late(request.delivery, rejected('network_refused', 'There is no such nick.'))
    const notice = await told(event, 'Not delivered: There is no such nick.')
    await world.alice.user.sendText(room, `!viaduct retry ${numberIn(notice)}`)
    await told(event, 'Delivered now.')
  })

  test('edits, reactions and votes that fail are told like messages', async () => {
    const event = await world.alice.user.sendText(room, 'fine')
    await world.homeserver.waitFor(() => world.sent().length === 1, 'the message')
    const doings = [
      () => world.alice.user.edit(room, event, 'finer'),
      () => world.alice.user.react(room, event, '👍'),
      () => world.alice.user.redact(room, event),
    ]
    for (const [i, doing] of doings.entries()) {
      world.network.answers.push(() => rejected('network_refused', `No ${i}.`))
      await told(await doing(), `No ${i}.`)
    }
  })
})

/** Somebody in the room without a login. */
async function guest(name: string): Promise<SimUser> {
  const user = await world.homeserver.user(name)
  await world.alice.user.invite(room, user.userId)
  await user.join(room)
  return user
}

describe('expiry', () => {
  beforeEach(() => begin())

  test('what waits too long is given up, its sender is told, and a retry delivers it', async () => {
    const down = () => retry('IRC is down.', { waitsFor: 'login' })
    const { network } = world
    network.onResolve = () => retry('surely not sent')
    network.answers.push(...Array.from({ length: 1_000 }, () => down))
    const [event, second] = [
      await world.alice.user.sendText(room, 'patience'),
      await world.alice.user.sendText(room, 'behind it'),
    ]
    await world.homeserver.waitFor(() => world.sent().length > 0, 'a first attempt')
    await world.clock.jumpUntil(() => noticesOn(second).length > 0, HOUR_MS, 'both to expire')
    const notice = await told(event, 'Not delivered in time: IRC is down.')
    expect(world.clock.now().getTime() - Date.now()).toBeGreaterThanOrEqual(24 * HOUR_MS)
    network.answers.length = 0
    network.sent.length = 0
    await world.alice.user.sendText(room, `!viaduct retry ${numberIn(notice)}`)
    await told(event, 'Delivered now.')
    expect(world.sent()).toEqual(['patience'])
  })

  test('a message is not given up before its time, however often it fails', async () => {
    const { network } = world
    network.onResolve = () => retry('surely not sent')
    network.answers.push(...Array.from({ length: 1_000 }, () => () => retry('Connection refused.')))
    const event = await world.alice.user.sendText(room, 'patience')
    const until = world.clock.now().getTime() + 23 * HOUR_MS
    await world.clock.jumpUntil(() => world.clock.now().getTime() > until, HOUR_MS / 2, '23 hours')
    expect(world.sent().length).toBeGreaterThan(10)
    network.answers.length = 0
    await world.clock.jumpUntil(async () => (await world.open()).length === 0, 60_000, 'the delivery')
    expect(noticesOn(event)).toEqual([])
  })
})

describe('who cannot be carried is told why', () => {
  beforeEach(() => begin())

  test('without a login, blocked, or in words that cannot be read', async () => {
    const [dave, mallory] = [await guest('dave'), await guest('mallory')]
    await told(await dave.sendText(room, 'hi'), 'You are not logged in to #town')
    await told(await mallory.sendText(room, 'hi'), 'You may not use this bridge.')
    const secret = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgA', session_id: 's', device_id: 'D' }
    await told(await world.alice.user.send(room, 'm.room.encrypted', secret), 'cannot read it')
    await mallory.sendText(room, '!viaduct help')
    await world.see(room, '❌ You may not use this bridge.')
    expect(world.sent()).toEqual([])
  })

  test('logged out: told, and after the next login a retry delivers', async () => {
    await world.alice.ask('logout', 'You are logged out')
    const event = await world.alice.user.sendText(room, 'anyone?')
    const number = numberIn(await told(event, 'Say "login irc" to the bridge bot'))
    await world.alice.ask('login irc', 'Which nick?')
    await world.alice.ask('ally', 'Password?')
    await world.alice.ask('hunter2', 'You are ally.')
    await world.alice.user.sendText(room, `!viaduct retry ${number}`)
    await told(event, 'Delivered now.')
    expect(world.sent()).toEqual(['anyone?'])
  })

  test('what is about an event that the other side has not', async () => {
    const other = world.homeserver.timeline(room)[0]?.event_id ?? ''
    await told(await world.alice.user.edit(room, other, 'x'), 'is not in the conversation')
    await told(await world.alice.user.react(room, other, '👍'), 'is not in the conversation')
    const vote = {
      'm.relates_to': { rel_type: 'm.reference', event_id: other },
      'org.matrix.msc3381.poll.response': { answers: ['1'] },
    }
    await told(
      await world.alice.user.send(room, 'org.matrix.msc3381.poll.response', vote),
      'is not in the conv',
    )
    world.network.answers.push(() => rejected('network_refused', 'No.'))
    const refused = await world.alice.user.sendText(room, 'never there')
    await told(refused, 'No.')
    await told(await world.alice.user.edit(room, refused, 'still not'), 'is not in the conversation')
    // A reply to something unknown loses its frame and not its words.
    await world.alice.user.reply(room, other, 'an answer')
    await world.homeserver.waitFor(() => world.sent().includes('an answer'), 'the answer')
  })

  test('what the network has nothing like', async () => {
    const { network, homeserver, alice } = world
    network.caps = { ...ALL_NATIVE, membership: false, power: false }
    const bob = { id: remoteUserId('fake/bob'), name: 'bob' }
    const at = { chat: network.channel('#town'), at: new Date() }
    await network.say(network.channel('#town'), 'bob', 'hi')
    await network.tell({ ...at, kind: 'membership', id: remoteMessageId('kick'), user: bob, change: 'join' })
    await homeserver.waitFor(() => homeserver.members(room).includes('@_irc_fake_bob:sim.local'), 'bob')
    const levels = homeserver.state(room, 'm.room.power_levels') ?? {}
    const power = { ...levels, users: { ...(levels['users'] as object), [alice.user.userId]: 100 } }
    const bot = await homeserver.user('viaductbot')
    await bot.state(room, 'm.room.power_levels', '', power)
    await alice.user.kick(room, '@_irc_fake_bob:sim.local')
    await world.see(room, 'does not let alice change who is in this conversation')
  })
})

describe('com.beeper.message_send_status', () => {
  const statuses = () =>
    world.homeserver
      .timeline(room)
      .filter((e) => e.type === 'com.beeper.message_send_status')
      .map(({ content }) => [relation(content)['event_id'], content['status']])

  async function twoMessages(): Promise<[string, string]> {
    world.network.answers.push(() => rejected('network_refused', 'Not now.'))
    const bad = await world.alice.user.sendText(room, 'bad')
    const good = await world.alice.user.sendText(room, 'good')
    const number = numberIn(await told(bad, 'Not now.'))
    await world.alice.user.sendText(room, `!viaduct retry ${number}`)
    await told(bad, 'Delivered now.')
    await world.quiet()
    return [bad, good]
  }

  test('off: there are none', async () => {
    await begin({ settings: { sendStatus: 'off' } })
    await twoMessages()
    expect(statuses()).toEqual([])
  })

  test('failures: only of what failed, and when it is mended', async () => {
    await begin({ settings: { sendStatus: 'failures' } })
    const [bad] = await twoMessages()
    expect(statuses()).toEqual([
      [bad, 'FAIL_PERMANENT'],
      [bad, 'SUCCESS'],
    ])
  })

  test('all: of every message', async () => {
    await begin({ settings: { sendStatus: 'all' } })
    const [bad, good] = await twoMessages()
    const expected = [
      [bad, 'FAIL_PERMANENT'],
      [good, 'SUCCESS'],
      [bad, 'SUCCESS'],
    ]
    await world.homeserver.waitFor(() => statuses().length === expected.length, 'all of them')
    expect(statuses()).toEqual(expect.arrayContaining(expected))
  })

  test('an unknown fate can be tried again', async () => {
    await begin({ settings: { sendStatus: 'failures' } })
    world.network.answers.push(() => unknown('The link broke.'))
    const event = await world.alice.user.sendText(room, 'hm')
    await told(event, 'not known')
    expect(statuses()).toEqual([[event, 'FAIL_RETRIABLE']])
  })
})

test('that somebody shares where they are is said where the network cannot show it', async () => {
  await begin()
  const { user } = world.alice
  const info = await user.state(room, 'org.matrix.msc3672.beacon_info', user.userId, {
    live: true,
    timeout: 60_000,
  })
  for (const at of [1, 2]) {
    await user.send(room, 'org.matrix.msc3672.beacon', {
      'm.relates_to': { rel_type: 'm.reference', event_id: info },
      'org.matrix.msc3488.location': { uri: `geo:${at},${at}` },
    })
  }
  await user.state(room, 'org.matrix.msc3672.beacon_info', user.userId, { live: false })
  await user.sendText(room, 'there')
  await world.homeserver.waitFor(() => world.network.sent.length >= 2, 'both')
  expect(world.network.sent.map(({ action }) => action.kind === 'message' && action.content)).toMatchObject([
    { kind: 'text', style: 'emote', body: expect.stringContaining('sharing a live location') },
    { body: 'there' },
  ])
})
