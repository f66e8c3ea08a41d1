import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Phone } from '../sim/telegram/clients/phone.ts'
import type { Channel, Seen } from '../sim/telegram/world/index.ts'
import { TelegramWorld } from '../support/telegram-world.ts'

/** Reactions, between a Matrix user and contacts with apps of Telegram. */
let world: TelegramWorld
let phone: Phone
let group: Channel
let room: string
let direct: string

beforeAll(async () => {
  world = await TelegramWorld.start()
  const { tg, bob, her } = world
  group = tg.supergroup({ title: 'Tea room', members: [bob, her] })
  room = await world.enter(bob, group)
  direct = await world.enter(bob, her)
  phone = await world.phone(bob)
})

afterAll(async () => {
  await world.proveDelivered(['as a reaction in this chat'])
  await phone.close()
  await world.close()
})

const isReaction = (key: string) => (e: { type: string; content: Record<string, unknown> }) =>
  e.type === 'm.reaction' &&
  (e.content['m.relates_to'] as { key?: string }).key?.replace('\ufe0f', '') === key

const keysOf = ({ reactions }: Seen) => reactions.map(({ reaction }) => reaction).toSorted()
const withReactions =
  (id: number, ...keys: string[]) =>
  (seen: Seen) =>
    seen.id === id && keysOf(seen).join() === keys.toSorted().join()

test('from Telegram: put there, replaced, taken back; in a group and in a direct chat', async () => {
  for (const [where, chat] of [
    [room, group],
    [direct, world.her],
  ] as const) {
    const mine = await world.alice.user.sendText(where, 'a joke')
    const { id } = await world.text(chat, 'a joke')
    await phone.react(world.peer(chat), id, '👍')
    const thumb = await world.related(where, mine, isReaction('👍'), 'the thumb')
    expect(thumb.sender).toBe(world.ghost(world.bob))
    await phone.react(world.peer(chat), id, '❤')
    await world.redacted(where, thumb.event_id)
    const heart = await world.related(where, mine, isReaction('❤'), 'the heart')
    await phone.react(world.peer(chat), id)
    await world.redacted(where, heart.event_id)
  }
})

test('from Matrix: a second one takes the place of the first, and she is told why', async () => {
  const id = await phone.sendText(world.peer(group), 'his joke')
  const { event_id: joke } = await world.message(room, 'his joke')
  const first = await world.alice.user.react(room, joke, '👍')
  await world.sees(group, withReactions(id, '👍'), 'the thumb')
  const second = await world.alice.user.react(room, joke, '🔥')
  await world.sees(group, withReactions(id, '🔥'), 'the fire alone')
  await world.redacted(room, first)
  await world.see(room, 'Telegram takes one reaction')
  await world.alice.user.redact(room, second)
  await world.sees(group, withReactions(id), 'none')
})

test('an emoji that Telegram writes in another way is the same one', async () => {
  const id = await phone.sendText(world.peer(group), 'lovely')
  const { event_id } = await world.message(room, 'lovely')
  await world.alice.user.react(room, event_id, '❤️')
  await world.sees(group, withReactions(id, '❤'), 'the heart')
})

test('what a group does not allow is refused with a reason', async () => {
  const strict = world.tg.supergroup({ title: 'Strict', members: [world.bob, world.her] })
  strict.allowed = [{ kind: 'emoji', emoji: '👍' }]
  const there = await world.enter(world.bob, strict, 'only thumbs')
  const { event_id } = await world.message(there, 'only thumbs')
  await world.alice.user.react(there, event_id, '🔥')
  await world.see(there, 'Telegram does not take 🔥 as a reaction in this chat')
})

test('several people; a custom emoji', async () => {
  const { tg, bob, her } = world
  const carol = tg.user({ firstName: 'Carol', phone: '4915312345678', premium: true })
  tg.enter(group, carol)
  const post = tg.say(bob, group, 'everybody?')
  const { event_id } = await world.message(room, 'everybody?')
  tg.react(bob, post, '👍')
  tg.react(carol, post, '👍')
  const by = async (account: typeof bob) =>
    world.related(room, event_id, (e) => isReaction('👍')(e) && e.sender === world.ghost(account), 'a thumb')
  await by(bob)
  await by(carol)
  tg.react(her, post, '🎉')
  await world.related(
    room,
    event_id,
    (e) => isReaction('🎉')(e) && e.sender === world.ghost(her),
    'her own, of her phone',
  )
  const emoji = tg.media.customEmoji(Buffer.from('webp'), '😎')
  tg.react(carol, post, emoji)
  await world.redacted(room, (await by(carol)).event_id)
  await world.related(
    room,
    event_id,
    (e) => e.type === 'm.reaction' && e.sender === world.ghost(carol) && !isReaction('👍')(e),
    'the custom one',
  )
})

test('changes while the bridge was away are seen afterwards', async () => {
  const { tg, bob } = world
  const post = tg.say(bob, group, 'late')
  const { event_id } = await world.message(room, 'late')
  tg.react(bob, post, '👍')
  const thumb = await world.related(room, event_id, isReaction('👍'), 'the thumb')
  await world.stack.restart(() => tg.react(bob, post, '🔥'))
  await world.related(room, event_id, isReaction('🔥'), 'the fire')
  await world.redacted(room, thumb.event_id)
})

test('a premium account has three on a message', async () => {
  world.her.premium = true
  await world.stack.restart()
  const id = await phone.sendText(world.peer(group), 'hilarious')
  const { event_id } = await world.message(room, 'hilarious')
  const events: string[] = []
  for (const key of ['👍', '🔥', '🎉']) events.push(await world.alice.user.react(room, event_id, key))
  await world.sees(group, withReactions(id, '👍', '🔥', '🎉'), 'all three')
  await world.alice.user.react(room, event_id, '😁')
  await world.sees(group, withReactions(id, '🔥', '🎉', '😁'), 'the newest three')
  await world.redacted(room, events[0] ?? '')
})
