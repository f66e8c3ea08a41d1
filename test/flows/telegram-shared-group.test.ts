import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Account, Group } from '../sim/telegram/world/index.ts'
import type { Person } from '../support/stack.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/**
 * Several people of the bridge in one basic group, where each account has numbers of its own for the messages. Their logins
 * end and begin while others write: nothing is missing, nothing is there twice.
 */
let world: TelegramWorld
let dora: Person
let doras: Account
let group: Group
let room: string

beforeAll(async () => {
  world = await TelegramWorld.start()
  doras = world.tg.user({ firstName: 'Dora', phone: '4915912345678', username: 'dora' })
  dora = await world.stack.person('dora')
  await world.logIn(dora, doras)
  await up(dora)
})

afterAll(async () => {
  await world.proveDelivered(['Not connected to Telegram', 'not logged in'])
  await world.close()
})

let groups = 0
beforeEach(async () => {
  const { tg, bob, her } = world
  group = tg.group({ title: `Group ${groups++}`, members: [bob, her, doras] })
  room = await world.enter(bob, group)
  await world.until(
    () => world.homeserver.members(room, 'invite').includes(dora.user.userId),
    'both to be invited',
  )
  await dora.user.join(room)
  await world.quiet()
})

const up = async (person: Person) => {
  while (!(await person.ask('status', 'telegram ')).includes('🟢')) continue
}
const times = (text: string) => world.find(room, text).length
const said = (...texts: string[]) =>
  world.until(() => texts.every((text) => times(text) > 0), `each of ${texts.join()}`)
const once = async (...texts: string[]) => {
  await said(...texts)
  await world.quiet()
  expect(texts.filter((text) => times(text) !== 1)).toEqual([])
}
/** Alice's login ends, in the middle of things. */
const ends = () => {
  world.wire.revoke(world.her.id)
  world.wire.killConnections()
}
const over = async (after: number) => void (await world.alice.heard('ended from another device', after))
const heard = () => world.homeserver.timeline(world.alice.botRoom).length
const back = async () => {
  await world.logIn(world.alice, world.her)
  await up(world.alice)
}

test('the account that spoke for the group ends while others write, also she herself on her phone', async () => {
  const { tg, bob, her } = world
  const before = heard()
  const texts = Array.from({ length: 20 }, (_, i) => `word ${i}.`)
  for (const [i, text] of texts.entries()) {
    if (i === 7) ends()
    tg.say(i % 5 === 4 ? her : bob, group, text)
    if (i % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await over(before)
  await once(...texts)
  const [hers] = (await world.message(room, 'word 14.')).sender.split(':')
  expect(hers).toBe(`@_telegram_${her.id}`)
  // By the other account: edits, and what is deleted.
  const post = tg.say(bob, group, 'to be edited')
  const { event_id } = await world.message(room, 'to be edited')
  tg.edit(bob, post, 'edited')
  await world.related(room, event_id, (e) => JSON.stringify(e.content).includes('edited'), 'the edit')
  tg.remove(bob, post)
  await world.redacted(room, event_id)
  await back()
  await once(...texts)
})

test('what she sent from here is not brought by others when her login is gone', async () => {
  const { tg, bob } = world
  const mine = ['from Matrix one', 'from Matrix two']
  for (const text of mine) await world.alice.user.sendText(room, text)
  await world.text(group, 'from Matrix two')
  // Dora can answer it: a moment later her account knows it by its own number.
  await world.numbered(room, mine.at(0) ?? '', doras)
  const [first] = world.homeserver.timeline(room).filter((e) => e.content['body'] === mine[0])
  await dora.user.reply(room, first?.event_id ?? '', 'I answer one')
  const seen = await world.text(group, 'I answer one')
  const target = (await world.text(group, 'from Matrix one')).id
  expect(seen.replyTo).toBe(target)
  const before = heard()
  ends()
  await over(before)
  tg.say(bob, group, 'then')
  await once('then', ...mine)
  // A new login reads all of it from history.
  await dora.ask('logout telegram', 'its secrets are deleted')
  await world.logIn(dora, doras)
  await up(dora)
  tg.say(bob, group, 'and now')
  await once('then', 'and now', 'I answer one', ...mine)
  await back()
  tg.say(bob, group, 'all here')
  await once('all here', 'then', 'and now', 'I answer one', ...mine)
})

test('another account, with a lower number, logs in while others write', async () => {
  const { tg, bob, her } = world
  const before = heard()
  ends()
  await over(before)
  const texts = Array.from({ length: 30 }, (_, i) => `line ${i}.`)
  const logsIn = back()
  for (const [i, text] of texts.entries()) {
    tg.say(i % 6 === 5 ? her : bob, group, text)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await logsIn
  await once(...texts)
})

test('an edited message is read by the other account after an absence, and is there once', async () => {
  const { tg, bob } = world
  await world.stack.restart(() => {
    const post = tg.say(bob, group, 'first words')
    tg.edit(bob, post, 'other words')
  })
  await once('other words')
  const album = ['a', 'b', 'c'].map((name) => `same second ${name}`)
  for (const text of album) tg.say(bob, group, text)
  for (let i = 0; i < 3; i++) tg.say(bob, group, 'the same')
  await once(...album)
  await world.until(() => times('the same') === 3, 'all three')
})
