import { inflateSync } from 'node:zlib'
import { decodeQR } from 'qr/decode.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Account } from '../sim/telegram/world/index.ts'
import type { Person } from '../support/stack.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Logins in the room with the bot, and how they end. */
let world: TelegramWorld
let dora: Person
let hers: Account

beforeEach(async () => {
  world = await TelegramWorld.start({ wire: { qrSeconds: 2 } })
  hers = world.tg.user({
    firstName: 'Dora',
    phone: '4915412345678',
    password: 'hunter2',
    passwordHint: 'a hunter',
  })
  dora = await world.stack.person('dora')
})

afterEach(() => world.close())

const code = () => world.tg.codes.get(hers.id) ?? ''
const wrongCode = () => (code() === '11111' ? '22222' : '11111')

describe('by phone', () => {
  test('wrong number, wrong code, wrong password, then right ones', async () => {
    await dora.ask('login telegram phone', 'phone number')
    await dora.ask('what?', 'That is no phone number')
    await dora.ask('+49 999 999999', 'sent you a code')
    await dora.ask('12345', 'no Telegram account with this number')
    await dora.ask('+49 154 12345678', 'sent you a code')
    await dora.ask(wrongCode(), 'That is not the code')
    await dora.ask(code(), 'Your hint: a hunter')
    await dora.ask('hunter1', 'That is not the password')
    await dora.ask('hunter2', 'You are logged in to Telegram as Dora')
    // Neither the code nor the password stays in the room.
    const stands = (secret: string) =>
      world.homeserver.timeline(dora.botRoom).some((e) => e.content['body'] === secret)
    await world.until(() => !stands('hunter2') && !stands(code()), 'the secrets to be gone')
    world.tg.say(world.bob, hers, 'welcome')
    await world.roomWith('welcome', dora)
  })

  test('banned, deleted, flooded, stopped: each is said', async () => {
    world.wire.faults.fail('auth.sendCode', 420, 'FLOOD_WAIT_3600')
    await dora.ask('login telegram phone', 'phone number')
    await dora.ask('+49 154 12345678', 'asks to wait')
    world.wire.faults.fail('auth.sendCode', 400, 'PHONE_NUMBER_BANNED')
    await dora.ask('+49 154 12345678', 'banned this phone number')
    world.wire.faults.fail('auth.sendCode', 400, 'API_ID_INVALID')
    await dora.ask('login telegram phone', 'phone number')
    await dora.ask('+49 154 12345678', 'api_id')
    await dora.ask('login telegram phone', 'phone number')
    await dora.ask('cancel', 'ancel')
  })
})

describe('by other ways', () => {
  /** Reads the code as a camera would. */
  async function scanned(url: unknown): Promise<string> {
    const png = Buffer.from(await dora.user.download(String(url)))
    const side = png.readUInt32BE(16)
    const idat = png.indexOf('IDAT')
    const rows = inflateSync(png.subarray(idat + 4, idat + 4 + png.readUInt32BE(idat - 4)))
    const line = Math.ceil(side / 8) + 1
    const data = new Uint8Array(side * side * 4).fill(255)
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) {
        const white = ((rows[y * line + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1
        data.fill(white * 255, (y * side + x) * 4, (y * side + x) * 4 + 3)
      }
    }
    return decodeQR({ width: side, height: side, data })
  }

  const codes = () =>
    world.homeserver.timeline(dora.botRoom).flatMap(({ content }) => {
      const shown = (content['m.new_content'] ?? content) as { msgtype?: string; url?: string }
      return shown.msgtype === 'm.image' ? [shown.url] : []
    })

  test('a QR code is a picture that is renewed, and is scanned by her phone', async () => {
    await dora.user.sendText(dora.botRoom, 'login telegram qr')
    await world.until(() => codes().length > 0, 'a code')
    const first = await scanned(codes()[0])
    expect(first).toMatch(/^tg:\/\/login\?token=/)
    await world.until(() => codes().length > 1, 'a new code')
    const second = await scanned(codes().at(-1))
    expect(second).not.toBe(first)
    world.wire.acceptQr(await scanned(codes().at(-1)), hers.id)
    await dora.heard('What is your password')
    await dora.ask('hunter2', 'You are logged in to Telegram as Dora')
  })

  test('a bot, by its token', async () => {
    world.tg.user({ firstName: 'Helper', bot: true, botToken: '8000:secret', username: 'helperbot' })
    await dora.ask('login telegram bot', 'token')
    await dora.ask('nonsense', 'does not look like a token')
    await dora.ask('8000:wrong', 'does not know this token')
    await dora.ask('8000:secret', 'You are logged in to Telegram as Helper')
  })
})

describe('the end of a login is shown', () => {
  const told = (words: string) => world.alice.heard(words)

  test('from another device while nobody writes and the connection stands', async () => {
    await world.quiet()
    const before = world.homeserver.timeline(world.alice.botRoom).length
    world.wire.revoke(world.her.id)
    await world.clock.jumpUntil(
      () => world.homeserver.timeline(world.alice.botRoom).length > before,
      10_000,
      'words about it',
    )
    await world.alice.heard('ended from another device', before)
    await world.logIn(world.alice, world.her)
  })

  test('from another device; after a new login nothing is lost', async () => {
    const direct = await world.enter(world.bob, world.her)
    world.wire.revoke(world.her.id)
    world.wire.killConnections()
    world.tg.say(world.bob, world.her, 'while she was out')
    await told('ended from another device')
    await world.alice.user.sendText(direct, 'do you hear me?')
    await world.logIn(world.alice, world.her)
    await world.message(direct, 'while she was out')
    await world.text(world.her, 'do you hear me?')
    await world.quiet()
    expect(world.find(direct, 'while she was out')).toHaveLength(1)
  })

  test.each([
    ['banned', 'Telegram has banned this account'],
    ['deactivated', 'This Telegram account was deleted'],
  ] as const)('%s', async (state, words) => {
    await world.enter(world.bob, world.her)
    world.tg.deactivate(world.her, state)
    world.wire.killConnections(world.her.id)
    await told(words)
  })

  test('an account that must wait waits, says so, and goes on in order', async () => {
    const direct = await world.enter(world.bob, world.her)
    world.tg.flood('messages.sendMessage', 30, { userId: world.her.id, times: 1 })
    for (const word of ['one', 'two', 'three']) await world.alice.user.sendText(direct, word)
    await told('asks to wait 30 seconds')
    // What was answered may be written down only after the words were said: then the wait begins later.
    const isThere = () => world.tg.count(world.bob, world.her, ({ text }) => text === 'three') > 0
    await world.clock.jumpUntil(isThere, 31_000, '"three" on Telegram')
    expect(
      world.tg
        .view(world.bob, world.her)
        .map(({ text }) => text)
        .slice(-3),
    ).toEqual(['one', 'two', 'three'])
    await world.proveDelivered()
  })
})

test('what comes in the moment of a login is not lost', async () => {
  const { tg, bob, wire } = world
  const early = tg.user({ firstName: 'Early', phone: '4915512345678' })
  const person = await world.stack.person('early')
  // Updates are not read yet while the first conversations are fetched.
  wire.faults.fault({ method: 'messages.getDialogs', userId: early.id }, async (_, run) => {
    const answer = await run()
    tg.say(bob, early, 'to you')
    tg.say(bob, tg.supergroup({ title: 'Brand new', members: [bob, early] }), 'to all')
    return answer
  })
  await world.logIn(person, early)
  await world.roomWith('to you', person)
  await world.roomWith('to all', person)
})
