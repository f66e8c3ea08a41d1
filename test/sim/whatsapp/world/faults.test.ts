import { expect, test } from 'vitest'
import { bytesOf, childrenOf } from '../node.ts'
import type { TestDevice } from './test-device.ts'
import { codeOf, enc, node } from './test-device.ts'
import { twoPeople } from './test-world.ts'

const ids = (device: TestDevice) => device.all('message').map(({ attrs }) => attrs['id'])

test('acks get lost, messages too; a refused one is not delivered', async () => {
  const { world, alice, bob, b } = await twoPeople()
  const { faults } = world
  faults.dropAck({ id: 'M2' })
  faults.loseMessage({ id: 'M3' })
  faults.refuse(479, { id: 'M4' })
  for (const id of ['M1', 'M2', 'M3', 'M4', 'M5']) alice.write(b.jid('pn'), id, [b.jid('pn')])
  expect(ids(bob)).toEqual(['M1', 'M2', 'M5'])
  expect(alice.all('ack').map(({ attrs }) => [attrs['id'], attrs['error']])).toEqual([
    ['M1', undefined],
    ['M4', '479'],
    ['M5', undefined],
  ])
})

test('a connection that is cut before the ack has delivered', async () => {
  const { world, alice, bob, b } = await twoPeople()
  world.faults.cutBeforeAck()
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  expect([ids(bob), alice.all('ack'), alice.closedWith]).toEqual([['M1'], [], 'drop'])
})

test('on the wire stanzas are dropped, doubled, swapped with one of their kind, and damaged', async () => {
  const { world, alice, bob, b, a } = await twoPeople()
  const { faults } = world
  const send = (id: string) => alice.write(b.jid('pn'), id, [b.jid('pn')])
  faults.reorder({ phone: '222', tag: 'message' })
  send('M1')
  alice.say('receipt', { id: 'R1', to: b.jid('pn') })
  expect(ids(bob)).toEqual([])
  send('M2')
  expect(ids(bob)).toEqual(['M2', 'M1'])
  faults.duplicate({ phone: '222' })
  faults.dropOnWire({ phone: '222', id: 'M4' })
  for (const id of ['M3', 'M4', 'M5']) send(id)
  expect(ids(bob).slice(2)).toEqual(['M3', 'M3', 'M5'])
  expect(world.device('222', 0).mailbox.waiting.some(({ attrs }) => attrs['id'] === 'M4')).toBe(true)
  faults.corrupt({ phone: '222', tag: 'message' })
  const content = [enc('msg', 'a text of some length')]
  alice.say('message', { to: b.jid('pn'), id: 'M6', type: 'text' }, content)
  const got = bytesOf(childrenOf(bob.all('message').at(-1) ?? node(''))[0])
  expect(got.length).toBe(21)
  expect(got.toString()).not.toBe('a text of some length')
  expect(a.known.has(b)).toBe(true)
})

test('what is held comes when it is let go, in order', async () => {
  const { world, alice, bob, b } = await twoPeople()
  const release = world.faults.hold({ phone: '222', tag: 'message' })
  for (const id of ['M1', 'M2']) alice.write(b.jid('pn'), id, [b.jid('pn')])
  expect(ids(bob)).toEqual([])
  release()
  alice.write(b.jid('pn'), 'M3', [b.jid('pn')])
  expect(ids(bob)).toEqual(['M1', 'M2', 'M3'])
})

test('what was acknowledged is sent again', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  for (const id of ['M1', 'M2']) {
    alice.write(b.jid('pn'), id, [b.jid('pn')])
    bob.say('receipt', { id, to: a.jid('pn') })
  }
  world.faults.redeliver('222', 0, { tag: 'message', count: 2 })
  world.faults.redeliver('222', 0, { id: 'M1' })
  expect(ids(bob)).toEqual(['M1', 'M2', 'M1', 'M2', 'M1'])
})

test('receipts of a type get lost, so often', async () => {
  const { world, alice, bob, a } = await twoPeople()
  world.faults.loseReceipt({ type: 'read', count: 2 })
  for (const type of ['read', 'played', 'read', 'read'])
    bob.say('receipt', { id: 'M1', to: a.jid('pn'), type })
  expect(alice.all('receipt').map(({ attrs }) => attrs['type'])).toEqual(['played', 'read'])
})

test('queries fail, and all of it is taken back', async () => {
  const { world, bob } = await twoPeople()
  world.faults.failQuery('abt', 503, 2)
  expect(codeOf(bob.ask('abt', [node('props')]))).toBe('503')
  world.faults.clear()
  expect(codeOf(bob.ask('abt', [node('props')]))).toBeUndefined()
  world.faults.ignoreQuery('abt')
  expect(() => bob.ask('abt', [node('props')])).toThrow('did not answer')
  expect(() => world.faults.silence('999', 0)).toThrow('no such account')
})
