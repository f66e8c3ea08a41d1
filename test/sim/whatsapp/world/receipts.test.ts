import { expect, test } from 'vitest'
import { childrenOf } from '../node.ts'
import { linkCompanion, node } from './test-device.ts'
import { twoPeople } from './test-world.ts'

const attrsOf = (nodes: readonly { attrs: Record<string, string> }[]) => nodes.map(({ attrs }) => attrs)

test('a receipt empties the queue, is acknowledged, and passed to all of the author', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const tablet = linkCompanion(world, a)
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  bob.say('receipt', { id: 'M1', to: a.jid('pn'), type: 'inactive' })
  expect(world.device('222', 0).mailbox.waiting.filter(({ tag }) => tag === 'message')).toEqual([])
  expect(bob.all('ack')[0]?.attrs).toMatchObject({ class: 'receipt', id: 'M1', type: 'inactive' })
  for (const one of [alice, tablet]) {
    expect(one.all('receipt')[0]?.attrs).toMatchObject({ id: 'M1', from: '222@s.whatsapp.net' })
    expect(one.all('receipt')[0]?.attrs).not.toHaveProperty('type')
  }
})

test('a read receipt names several messages, and is told to the own devices', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  for (const id of ['M1', 'M2']) alice.write(b.jid('pn'), id, [b.jid('pn')])
  const list = [node('list', {}, [node('item', { id: 'M2' })])]
  bob.say('receipt', { id: 'M1', to: a.jid('pn'), type: 'read', t: '5' }, list)
  const [receipt] = alice.all('receipt')
  expect(receipt?.attrs).toMatchObject({ type: 'read', t: '5' })
  expect(childrenOf(receipt ?? node(''))).toEqual(list)
  expect(laptop.all('receipt')[0]?.attrs).toMatchObject({ type: 'read', recipient: '111@s.whatsapp.net' })
})

test('read-self stays at home', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  bob.say('receipt', { id: 'M1', to: a.jid('pn'), type: 'read-self' })
  expect(alice.all('receipt')).toEqual([])
  expect(laptop.all('receipt')).toHaveLength(1)
})

test.each([
  ['as-sent', '222@s.whatsapp.net'],
  ['as-received', '9222@lid'],
] as const)(
  'with receiptAddressing %s a receipt for a message by number is from %s',
  async (receiptAddressing, from) => {
    const { world, alice, bob, a, b } = await twoPeople({ switches: { receiptAddressing } })
    alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
    world.switches.addressing = 'lid'
    bob.say('receipt', { id: 'M1', to: a.jid('lid') })
    expect(attrsOf(alice.all('receipt'))[0]).toMatchObject({ from })
  },
)

test('a retry goes to the very device, with its keys', async () => {
  const { world, alice, bob, a } = await twoPeople()
  const tablet = linkCompanion(world, a)
  const content = [
    node('retry', { count: '1', id: 'M1' }),
    node('registration', {}, Buffer.from([0, 0, 0, 1])),
  ]
  bob.say('receipt', { id: 'M1', to: a.jid('pn', 1), type: 'retry' }, content)
  expect(alice.all('receipt')).toEqual([])
  expect(tablet.all('receipt')[0]).toMatchObject({
    attrs: { type: 'retry', from: '222@s.whatsapp.net' },
    content,
  })
})

test('in a group a receipt names its member, and a retry the device that asks', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const group = world.group('Tea', a, b)
  bob.say('receipt', { id: 'M1', to: group.jid, participant: a.jid('lid'), type: 'read' })
  bob.say('receipt', { id: 'M1', to: group.jid, participant: a.jid('lid'), type: 'retry' }, [node('retry')])
  expect(attrsOf(alice.all('receipt'))).toEqual([
    expect.objectContaining({ from: group.jid, participant: '9222@lid', type: 'read' }),
    expect.objectContaining({ from: group.jid, participant: '9222@lid', type: 'retry' }),
  ])
})

test('a download that failed is answered by the phone that has nothing', async () => {
  const { bob, b } = await twoPeople()
  bob.say('receipt', { id: 'M1', to: b.jid('pn'), type: 'server-error' }, [
    node('rmr', { jid: '111@s.whatsapp.net', from_me: 'false' }),
  ])
  const [notice] = bob.all('notification').filter(({ attrs }) => attrs['type'] === 'mediaretry')
  expect(notice?.attrs['id']).toBe('M1')
  expect(childrenOf(notice ?? node('')).map(({ tag }) => tag)).toEqual(['rmr', 'error'])
})
