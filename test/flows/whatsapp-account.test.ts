import { afterAll, beforeAll, expect, test } from 'vitest'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** What becomes of an account while it is linked: its owner is told, and it goes on when it can. */
let world: WhatsAppWorld
let direct: string

beforeAll(async () => {
  world = await WhatsAppWorld.start({ keepAliveMs: 300 })
  direct = await world.enter(world.bob, world.her.pn)
})

afterAll(() => world.end())

const phone = () => world.her.account.phone
/** The bridge among the account's devices. */
const device = () => Math.max(...world.her.account.devices.keys())
const after = () => world.homeserver.timeline(world.alice.botRoom).length
const isConnected = () => world.connector.status().every(({ state }) => state === 'connected')
const MINUTE_MS = 60_000

/** What the bot says of the account, once it does: a state is written down a moment after it is so. */
async function statusSays(words: string): Promise<void> {
  for (let said = ''; !said.includes(words);) said = await world.alice.ask('status', 'whatsapp')
}

/** Words go through again, in both directions. */
async function works(words: string): Promise<void> {
  await world.until(isConnected, 'it to be connected again')
  await statusSays('🟢 whatsapp')
  await world.bobSays(world.her.pn, { text: `${words}, says Bob` })
  await world.message(direct, `${words}, says Bob`)
  await world.alice.user.sendText(direct, `${words}, says Alice`)
  await world.text(`${words}, says Alice`)
}

test('a server that falls silent: what is written waits, and the owner learns of it when it lasts', async () => {
  const told = after()
  const [number, companion] = [phone(), device()]
  world.wa.world.faults.silence(number, companion)
  await world.until(() => !isConnected(), 'the silence to be noticed')
  await world.alice.user.sendText(direct, 'into the silence')
  await statusSays('backoff: The connection to WhatsApp was lost.')
  world.clock.jump(6 * MINUTE_MS)
  await world.alice.heard('There is no connection to', told)
  world.wa.world.faults.speak(number, companion)
  // The attempt under way would give up by itself after half a minute.
  world.wa.world.faults.disconnect(number, companion)
  await world.clock.jumpUntil(isConnected, 1_000, 'it to be connected again')
  await world.alice.heard('is connected again', told)
  await world.text('into the silence')
  await works('after the silence')
}, 90_000)

test('another program with the same login: told, tried again later', async () => {
  const told = after()
  world.wa.world.faults.disconnect(phone(), device(), 'replaced')
  await world.alice.heard('Another program has connected with the same login', told)
  await statusSays('blocked: Another program')
  world.clock.jump(11 * MINUTE_MS)
  await works('after the other program')
  await world.alice.heard('is connected again', told)
})

test('banned for a while, banned, and asked for a newer version: told, looked at again', async () => {
  for (const [reason, words] of [
    [402, 'banned this account for'],
    [403, 'WhatsApp has banned this account, or its phone is not registered'],
    [405, 'newer version of this bridge'],
  ] as const) {
    const told = after()
    world.wa.front.faults.refuseLogins(reason)
    world.wa.world.faults.disconnect(phone(), device())
    await world.alice.heard(words, told)
    await statusSays(`blocked: WhatsApp`)
    world.clock.jump(61 * MINUTE_MS)
    await works(`after ${reason}`)
    await world.alice.heard('is connected again', told)
  }
})

test('unavailable for a moment: nobody needs to know', async () => {
  const told = after()
  const since = () => world.connector.status()[0]?.since.getTime()
  const before = since()
  world.wa.front.faults.refuseConnections(2)
  world.wa.world.faults.disconnect(phone(), device(), 'unavailable')
  const isBack = () => since() !== before && isConnected()
  await world.clock.jumpUntil(isBack, 1_000, 'it to be connected again')
  await works('after a moment')
  const said = world.homeserver.timeline(world.alice.botRoom).slice(told)
  expect(said.some(({ content }) => String(content['body']).includes('There is no connection'))).toBe(false)
})

test('taken off on the phone, or after 14 days without it: told, and what is written waits for a new login', async () => {
  const told = after()
  world.wa.world.removeDevice(phone(), device())
  const words = await world.alice.heard('does not accept your login any more', told)
  expect(words).toContain('14 days')
  expect(words).toContain('Say "login whatsapp" to link this bridge again')
  await statusSays('bad_credentials: The login was ended')
  await world.alice.user.sendText(direct, 'before the new login')
  await world.logIn(world.alice, world.her)
  await world.text('before the new login')
  await works('after the new login')
})
