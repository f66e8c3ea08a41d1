import { afterEach, beforeEach, expect, test } from 'vitest'
import { RpcFault } from '../sim/telegram/contract.ts'
import type { Chat } from '../sim/telegram/world/index.ts'
import { Random } from '../support/random.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Whatever Telegram does not manage to tell at once arrives all the same, once and in order. */
let world: TelegramWorld
let chats: { chat: Chat; room: string }[]

beforeEach(async () => {
  world = await TelegramWorld.start()
  const { tg, her, bob } = world
  chats = []
  const group = tg.supergroup({ title: 'Super', members: [bob, her] })
  const basic = tg.group({ title: 'Basic', members: [bob, her] })
  for (const chat of [her, group, basic]) chats.push({ chat, room: await world.enter(bob, chat) })
})

afterEach(() => world.close())

/** The texts as they stand now. */
const shown = (room: string) => {
  const texts = new Map<string, string>()
  for (const { event_id, type, sender, content } of world.homeserver.timeline(room)) {
    if (type !== 'm.room.message' || sender !== world.ghost(world.bob)) continue
    const { rel_type, event_id: target } = (content['m.relates_to'] ?? {}) as Record<string, string>
    const body = (content['m.new_content'] as { body?: string } | undefined)?.body ?? content['body']
    if (typeof body === 'string')
      texts.set(rel_type === 'm.replace' && target !== undefined ? target : event_id, body)
  }
  return [...texts.values()].filter((body) => !body.startsWith('hello'))
}
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `update ${i}`)

async function arrived(count: number): Promise<void> {
  await world.until(() => chats.every(({ room }) => shown(room).length >= count), 'everything', 60_000)
  await world.quiet()
  for (const { room } of chats) expect(shown(room)).toEqual(numbers(count))
}

test('500 updates that waited while the bridge was away arrive once, in order', async () => {
  const { tg, bob, stack } = world
  await stack.restart(() => {
    for (let i = 0; i < 160; i += 1) {
      for (const { chat } of chats) {
        const post = tg.say(bob, chat, `update ${i}`)
        // Beside the 480 messages there are changes of them, which have a place in the order too.
        if (i % 40 === 20) tg.edit(bob, post, `now ${i}`)
        if (i % 40 === 30) tg.remove(bob, tg.say(bob, chat, 'a slip'))
      }
    }
  })
  await world.until(() => chats.every(({ room }) => shown(room).includes('update 159')), 'the last', 60_000)
  await world.quiet()
  for (const { room } of chats) {
    // What was changed before it was fetched is fetched as it is now.
    const now = numbers(160).map((each) =>
      / (20|60|100|140)$/.test(each) ? each.replace('update', 'now') : each,
    )
    expect(shown(room)).toEqual(now)
  }
  await world.proveDelivered()
})

test('what is dropped, doubled or out of order on its way arrives once, in order', async () => {
  const { tg, bob, her, wire } = world
  const { faults } = wire
  const random = new Random(20_260_401)
  for (let i = 0; i < 60; i += 1) {
    for (const { chat } of chats) {
      const fate = random.below(4)
      if (fate === 0) faults.dropPush(1 + random.below(3), her.id)
      if (fate === 1) faults.duplicatePush(1, her.id)
      if (fate === 2) faults.reorderPush(her.id)
      tg.say(bob, chat, `update ${i}`)
    }
    if (i % 20 === 10) wire.killConnections(her.id)
    if (i === 35) wire.forgetSessions(her.id)
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // Of a last update that is dropped nothing tells before the next one, or before the client asks by itself.
  wire.killConnections(her.id)
  await arrived(60)
  await world.proveDelivered()
})

test('a message whose answer was lost is found among many others, and sent once', async () => {
  const { tg, bob, her, wire, alice } = world
  Object.assign(tg.switches, { duplicate: 'inProgress', messageIdInDifference: false })
  const [, group] = chats
  if (group === undefined) throw new Error('no group')
  wire.faults.fault({ method: 'messages.sendMessage', userId: her.id }, async (_, run) => {
    await run()
    for (let i = 0; i < 150; i += 1) tg.say(bob, group.chat, `update ${i}`)
    throw new RpcFault(500, 'RANDOM_ID_DUPLICATE')
  })
  await alice.user.sendText(group.room, 'is it there?')
  await alice.user.sendText(group.room, 'it is')
  await world.text(group.chat, 'it is')
  await world.until(() => shown(group.room).length >= 150, 'all that came meanwhile')
  await world.proveDelivered()
  expect(tg.count(bob, group.chat, ({ text }) => text === 'is it there?')).toBe(1)
  expect(shown(group.room)).toEqual(numbers(150))
})
