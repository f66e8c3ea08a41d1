import { expect, test } from 'vitest'
import { until } from './until.ts'
import type { WorldOptions } from './world/index.ts'
import type { Person } from './world/test-person.ts'
import { Town } from './world/test-town.ts'

type Pair = { town: Town; alice: Person; bob: Person }

/** Two people who have written to each other, so that their sessions are settled. */
async function acquainted(options: WorldOptions = {}): Promise<Pair> {
  const town = await Town.start(options)
  const alice = await town.person('111', 'Alice')
  const bob = await town.person('222', 'Bob')
  await alice.socket.sendMessage(bob.pn, { text: 'hello' })
  await bob.heardText('hello')
  await bob.socket.sendMessage(alice.pn, { text: 'hi' })
  await alice.heardText('hi')
  return { town, alice, bob }
}

/** Sends a text and waits for what the server answers; undefined when it says nothing for a while. */
async function sendAndWait(from: Person, to: string, text: string, ms = 10_000): Promise<unknown> {
  const id = `TEST${text.replaceAll(' ', '')}`
  const ack = from.socket.waitForMessage<{ attrs: Record<string, string> }>(id, ms)
  await from.socket.relayMessage(to, { conversation: text }, { messageId: id })
  return (await ack)?.attrs
}

test('an ack may not come, though the message was delivered', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.dropAck({ phone: '111' })
  // What Baileys' wait ends with is the receipt then, which has the same id.
  expect(await sendAndWait(alice, bob.pn, 'no ack')).not.toHaveProperty('class')
  await bob.heardText('no ack')
  expect(await sendAndWait(alice, bob.pn, 'an ack')).toMatchObject({ class: 'message', from: bob.pn })
})

test('a message may be lost, or refused with a reason', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.loseMessage()
  expect(await sendAndWait(alice, bob.pn, 'lost', 300)).toBeUndefined()
  town.world.faults.refuse(463)
  expect(await sendAndWait(alice, bob.pn, 'refused')).toMatchObject({ error: '463' })
  await sendAndWait(alice, bob.pn, 'fine')
  await bob.heardText('fine')
  expect(bob.client.texts).toEqual(['hello', 'hi', 'fine'])
})

test('the connection may end before the ack; what was sent is delivered once', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.cutBeforeAck({ phone: '111' })
  await alice.socket.relayMessage(bob.pn, { conversation: 'cut' }, { messageId: 'CUT1' })
  await alice.client.untilClosed()
  await bob.heardText('cut')
  await alice.client.open()
  await sendAndWait(alice, bob.pn, 'again')
  await bob.heardText('again')
  expect(bob.client.texts.filter((text) => text === 'cut')).toHaveLength(1)
})

test('what can not be decrypted is asked for again', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.corrupt({ phone: '222', tag: 'message' })
  await alice.socket.sendMessage(bob.pn, { text: 'damaged' })
  await bob.heardText('damaged')
  town.world.faults.corrupt({ phone: '222', tag: 'message', count: 2 })
  await alice.socket.sendMessage(bob.pn, { text: 'damaged twice' })
  await bob.heardText('damaged twice')
})

test('stanzas are dropped, doubled, swapped and held', async () => {
  const { town, alice, bob } = await acquainted()
  const { faults } = town.world
  const toBob = { phone: '222', tag: 'message' }
  faults.reorder(toBob)
  await alice.socket.sendMessage(bob.pn, { text: 'first' })
  await alice.socket.sendMessage(bob.pn, { text: 'second' })
  await bob.heardText('first')
  expect(bob.client.texts.slice(-2)).toEqual(['second', 'first'])
  const release = faults.hold(toBob)
  await sendAndWait(alice, bob.pn, 'held')
  await sendAndWait(alice, bob.pn, 'held too')
  expect(bob.client.texts.at(-1)).toBe('first')
  release()
  await bob.heardText('held too')
  expect(bob.client.texts.slice(-2)).toEqual(['held', 'held too'])
  faults.dropOnWire(toBob)
  await sendAndWait(alice, bob.pn, 'dropped')
  expect(bob.client.texts.at(-1)).toBe('held too')
  await bob.client.stop()
  await bob.client.open()
  await bob.heardText('dropped')
})

test('a message that comes twice, or once more later, is no new message', async () => {
  const { town, alice, bob } = await acquainted()
  const { faults } = town.world
  faults.duplicate({ phone: '222', tag: 'message' })
  await sendAndWait(alice, bob.pn, 'twice')
  await bob.heardText('twice')
  faults.redeliver('222', 0, { tag: 'message' })
  await sendAndWait(alice, bob.pn, 'after')
  await bob.heardText('after')
  // A repeat can't be decrypted, so it is asked for again, and Baileys' phone sends it anew with the same id.
  const ids = new Set(bob.client.messages.filter(({ key }) => !key.fromMe).map(({ key }) => key.id))
  expect([...ids].filter((id) => id?.startsWith('TEST'))).toEqual(['TESTtwice', 'TESTafter'])
})

test('receipts get lost', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.loseReceipt({ phone: '111', type: '' })
  const sent = await alice.socket.sendMessage(bob.pn, { text: 'heard?' })
  const got = await bob.heardText('heard?')
  await bob.socket.readMessages([got.key])
  await alice.status(sent?.key.id, 4)
  expect(alice.statuses(sent?.key.id)).not.toContain(3)
})

test('who is set up anew has another identity, and is written to again', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.changeIdentity('222')
  expect(await bob.client.untilClosed()).toBe(440)
  const anew = await town.phoneAgain(bob.account)
  await alice.socket.sendMessage(bob.pn, { text: 'is that you?' })
  await anew.heardText('is that you?')
})

test('without one-time keys messages arrive too, and low ones are filled up', async () => {
  const town = await Town.start({ switches: { preKeysLowBelow: 5 } })
  const bob = await town.person('222', 'Bob')
  town.world.faults.exhaustPreKeys('222', 0)
  const alice = await town.person('111', 'Alice')
  await alice.socket.sendMessage(bob.pn, { text: 'hello' })
  await bob.heardText('hello')
  await until(() => (bob.account.devices.get(0)?.keys?.oneTime.length ?? 0) > 0, 'new keys')
})

test('queries fail or are never answered', async () => {
  const { town, alice, bob } = await acquainted()
  town.world.faults.failQuery('w:g2', 500)
  await expect(alice.socket.groupCreate('Tea', [bob.pn])).rejects.toThrow('a fault wanted it so')
  town.world.faults.ignoreQuery('w:g2')
  const lost = alice.socket.query(
    { tag: 'iq', attrs: { to: '@g.us', type: 'get', xmlns: 'w:g2' }, content: [] },
    200,
  )
  await expect(lost).rejects.toThrow('Timed Out')
  expect((await alice.socket.groupCreate('Tea', [bob.pn])).subject).toBe('Tea')
})

test('a first message to a stranger can need their token', async () => {
  const town = await Town.start({ switches: { requiresTrustedContact: true } })
  const alice = await town.person('111', 'Alice')
  const bob = await town.person('222', 'Bob')
  expect(await sendAndWait(alice, bob.pn, 'spam')).toMatchObject({ error: '463' })
  await bob.socket.issuePrivacyTokens([alice.pn])
  const token = () => alice.client.keys.get('tctoken', [bob.lid])[bob.lid]?.token
  await until(() => (token()?.length ?? 0) > 0, 'the token')
  expect(await sendAndWait(alice, bob.pn, 'friend')).not.toHaveProperty('error')
  await bob.heardText('friend')
})

test('who is blocked is not heard, and is not told', async () => {
  const { town, alice, bob } = await acquainted()
  await bob.socket.updateBlockStatus(alice.pn, 'block')
  expect(await sendAndWait(alice, bob.pn, 'hello?')).not.toHaveProperty('error')
  expect(await bob.socket.fetchBlocklist()).toEqual([alice.lid])
  await bob.socket.updateBlockStatus(alice.pn, 'unblock')
  await sendAndWait(alice, bob.pn, 'hello again')
  await bob.heardText('hello again')
  expect(bob.client.texts).not.toContain('hello?')
  await until(() => town.world.device('222', 0).mailbox.waiting.length === 0, 'an empty mailbox')
})
