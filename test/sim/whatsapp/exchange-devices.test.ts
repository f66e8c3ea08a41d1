import { proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { companionOf } from './index.ts'
import { until } from './until.ts'
import type { Person } from './world/test-person.ts'
import { Town } from './world/test-town.ts'
import type { WorldOptions } from './world/index.ts'

type Household = { town: Town; alice: Person; phone: Person; laptop: Person }

/** Alice, and Bob's phone with a companion. */
async function household(options: WorldOptions = {}): Promise<Household> {
  const town = await Town.start(options)
  const alice = await town.person('111', 'Alice')
  const phone = await town.person('222', 'Bob')
  return { town, alice, phone, laptop: await town.companion(phone.account) }
}

test('a companion has the names, pins and mutes of its phone, and changes them', async () => {
  const town = await Town.start()
  const alice = await town.person('111', 'Alice')
  const phone = await town.person('222', 'Bob')
  const desk = town.world.desk('222')
  desk.contact(alice.account, { fullName: 'Alice from work' })
  desk.history.push({ content: { conversations: [{ id: alice.pn, name: 'Alice from work' }] } })
  const laptop = await town.companion(phone.account)
  await until(() => laptop.nameOf(alice.pn) === 'Alice from work', 'the name')
  expect(await laptop.socket.signalRepository.lidMapping.getLIDForPN(alice.pn)).toBe(alice.lid)
  desk.contact(alice.account, { fullName: 'Alice B.' })
  await until(() => laptop.nameOf(alice.pn) === 'Alice B.', 'the new name')
  desk.pin(alice.pn, true)
  desk.mute(alice.pn, 1_900_000_000_000)
  desk.archive(alice.pn, true)
  desk.markRead(alice.pn, false)
  const chat = () => laptop.chat(alice.pn)
  await until(() => Number(chat().muteEndTime) === 1_900_000_000_000, 'the mute')
  await until(() => chat().archived, 'the archive')
  await until(() => Number(chat().pinned) > 0, 'the pin')
  await until(() => chat().unreadCount === -1, 'the mark')
  await laptop.socket.chatModify({ pin: false }, alice.pn)
  expect(desk.value('pin_v1', alice.pn)?.pinAction?.pinned).toBe(false)
  await laptop.socket.addOrEditContact(alice.pn, { fullName: 'Alice by laptop' })
  expect(desk.value('contact', alice.pn)?.contactAction?.fullName).toBe('Alice by laptop')
  desk.contact(alice.account, { fullName: 'Alice again' })
  await until(() => laptop.nameOf(alice.pn) === 'Alice again', 'the last name')
})

test.each([true, false])(
  'history comes to a new companion, inside the notification: %s',
  async (inlineHistory) => {
    const town = await Town.start({ switches: { inlineHistory } })
    const alice = await town.person('111', 'Alice')
    const bob = town.world.account({ phone: '222', name: 'Bob' })
    const key = { remoteJid: alice.pn, fromMe: false, id: 'OLD1' }
    const message = { key, message: { conversation: 'long ago' }, messageTimestamp: 1_700_000_000 }
    town.world.desk('222').history.push(
      {
        content: {
          syncType: proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
          conversations: [{ id: alice.pn, name: 'Alice', lidJid: alice.lid, messages: [{ message }] }],
        },
      },
      {
        content: {
          syncType: proto.HistorySync.HistorySyncType.PUSH_NAME,
          pushnames: [{ id: alice.pn, pushname: 'Alice' }],
        },
        order: 2,
      },
    )
    const laptop = await town.companion(bob)
    await laptop.saw(
      'messaging-history.set',
      ({ messages }) => messages[0]?.message?.conversation === 'long ago',
    )
    await laptop.saw('messaging-history.set', ({ contacts }) => contacts[0]?.notify === 'Alice')
    expect(await laptop.socket.signalRepository.lidMapping.getLIDForPN(alice.pn)).toBe(alice.lid)
  },
)

test('a new companion gets app state as a whole, and goes on from there', async () => {
  const town = await Town.start({ switches: { givesSnapshots: true } })
  const alice = await town.person('111', 'Alice')
  const phone = await town.person('222', 'Bob')
  const desk = town.world.desk('222')
  desk.contact(alice.account, { fullName: 'Nobody any more' })
  desk.contact(alice.account, { fullName: 'Alice from work' })
  desk.mute(alice.pn, -1)
  desk.lock(alice.pn, true)
  desk.history.push({ content: { conversations: [{ id: alice.pn, name: 'Alice from work' }] } })
  const laptop = await town.companion(phone.account)
  await until(() => laptop.nameOf(alice.pn) === 'Alice from work', 'the name')
  await until(() => Number(laptop.chat(alice.pn).muteEndTime) === -1, 'the mute')
  await laptop.saw('chats.lock', ({ locked }) => locked)
  desk.lock(alice.pn, false)
  await laptop.saw('chats.lock', ({ locked }) => !locked)
  await laptop.socket.chatModify({ mute: null }, alice.pn)
  expect(desk.value('mute', alice.pn)?.muteAction?.muted).toBe(false)
  expect(town.front.journal.unknown).toEqual([])
})

test('each device of a person hears what came and what the others wrote', async () => {
  const { alice, phone, laptop } = await household()
  await alice.socket.sendMessage(phone.pn, { text: 'to both' })
  await phone.heardText('to both')
  await laptop.heardText('to both')
  await laptop.socket.sendMessage(alice.pn, { text: 'from the laptop' })
  await alice.heardText('from the laptop')
  const own = await phone.heardText('from the laptop')
  expect(own.key).toMatchObject({ fromMe: true, remoteJid: alice.pn, remoteJidAlt: alice.lid })
  const sent = await phone.socket.sendMessage(alice.pn, { text: 'from the phone' })
  expect((await laptop.heardText('from the phone')).key).toMatchObject({ fromMe: true, id: sent?.key.id })
  await phone.socket.sendMessage(phone.pn, { text: 'note to myself' })
  expect((await laptop.heardText('note to myself')).key).toMatchObject({ fromMe: true, remoteJid: phone.pn })
})

test('a companion linked later is written to, and one taken off is not', async () => {
  const { town, alice, phone, laptop } = await household()
  await alice.socket.sendMessage(phone.pn, { text: 'one' })
  await laptop.heardText('one')
  const tablet = await town.companion(phone.account)
  await alice.socket.sendMessage(phone.pn, { text: 'two' })
  await tablet.heardText('two')
  town.world.removeDevice('222', 1)
  expect(await laptop.client.untilClosed()).toBe(401)
  await alice.socket.sendMessage(phone.pn, { text: 'three' })
  await tablet.heardText('three')
  expect(laptop.client.texts).not.toContain('three')
  await tablet.socket.logout()
  await until(() => !town.world.accounts.has('222', 2), 'the tablet to be off')
})

test('an account has only as many companions as it may', async () => {
  const { town } = await household({ switches: { companionLimit: 1 } })
  await expect(companionOf(town.front, '222')).rejects.toThrow()
})

test('the other address of somebody is told by the phone', async () => {
  const { town, alice, laptop } = await household()
  const { lidMapping } = laptop.socket.signalRepository
  expect(await lidMapping.getPNForLID(alice.lid)).toBeNull()
  town.world.desk('222').tellMappings(town.world.device('222', 1), [alice.account])
  await until(() => laptop.client.keys.get('lid-mapping', ['9111_reverse'])['9111_reverse'] === '111', 'it')
})

test('calls ring on every device, and are missed', async () => {
  const { town, alice, phone, laptop } = await household()
  const call = town.world.calls.ring(alice.account, phone.account, true)
  for (const one of [phone, laptop]) {
    const [ringing] = await one.saw('call', ([event]) => event?.status === 'offer')
    expect(ringing).toMatchObject({ id: call.id, chatId: alice.pn, isVideo: true })
  }
  town.world.calls.end(call, 'timeout')
  await laptop.saw('call', ([event]) => event?.status === 'timeout')
})

test('a business has a name that is vouched for, and a profile', async () => {
  const town = await Town.start()
  const business = { name: 'Tea Ltd.', description: 'leaves', email: 'tea@example.org' }
  const shop = await town.person('444', 'Shop', { business })
  const alice = await town.person('111', 'Alice')
  await shop.socket.sendMessage(alice.pn, { text: 'offer' })
  expect((await alice.heardText('offer')).verifiedBizName).toBe('Tea Ltd.')
  expect(await alice.socket.getBusinessProfile(shop.pn)).toMatchObject({
    description: 'leaves',
    email: 'tea@example.org',
  })
})
