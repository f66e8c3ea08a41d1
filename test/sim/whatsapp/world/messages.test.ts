import { expect, test } from 'vitest'
import { childrenOf } from '../node.ts'
import { DEFAULTS } from './switches.ts'
import { enc, linkCompanion, node } from './test-device.ts'
import { twoPeople } from './test-world.ts'

test('a message goes to each device it was encrypted for, with who sent it', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  const tablet = linkCompanion(world, a)
  alice.write(b.jid('pn'), 'M1', [b.jid('pn'), b.jid('pn', 1), a.jid('pn', 1)])
  expect(alice.all('ack')[0]?.attrs).toMatchObject({ class: 'message', id: 'M1', from: '222@s.whatsapp.net' })
  expect(bob.all('message')[0]?.attrs).toMatchObject({
    from: '111@s.whatsapp.net',
    sender_lid: '9111@lid',
    addressing_mode: 'pn',
    notify: 'Alice',
  })
  expect(childrenOf(laptop.all('message').at(-1) ?? node(''))[0]?.content).toEqual(
    Buffer.from('222:1@s.whatsapp.net'),
  )
  expect(tablet.all('message').at(-1)?.attrs).toMatchObject({
    from: '111@s.whatsapp.net',
    recipient: '222@s.whatsapp.net',
    peer_recipient_lid: '9222@lid',
  })
})

test.each([
  ['mirror', 'pn', '111@s.whatsapp.net', { sender_lid: '9111@lid' }],
  ['mirror', 'lid', '9111@lid', { sender_pn: '111@s.whatsapp.net' }],
  ['lid', 'pn', '9111@lid', { sender_pn: '111@s.whatsapp.net' }],
  ['pn', 'lid', '111@s.whatsapp.net', { sender_lid: '9111@lid' }],
] as const)('addressing %s shows a chat by %s as from %s', async (addressing, form, from, alternate) => {
  const { alice, bob, b } = await twoPeople({ switches: { addressing } })
  alice.write(b.jid(form), 'M1', [b.jid(form)])
  expect(bob.all('message')[0]?.attrs).toMatchObject({ from, ...alternate })
})

test('without the switch the other address is not told', async () => {
  const { alice, bob, b } = await twoPeople({ switches: { tellsOtherAddress: false } })
  alice.write(b.jid('lid'), 'M1', [b.jid('lid')])
  expect(bob.all('message')[0]?.attrs).not.toHaveProperty('sender_pn')
})

test('what is only for the server stays there; edits and meta pass', async () => {
  const { alice, bob, b } = await twoPeople()
  alice.say('message', { to: b.jid('pn'), id: 'M1', type: 'text', edit: '1' }, [
    enc('msg', 'x'),
    node('tctoken', {}, Buffer.from('t')),
    node('meta', { polltype: 'creation' }),
  ])
  const [got] = bob.all('message')
  expect(got?.attrs['edit']).toBe('1')
  expect(childrenOf(got ?? node('')).map(({ tag }) => tag)).toEqual(['enc', 'meta'])
})

test('the ack of a message that missed a device has the right hash', async () => {
  const { world, alice, b } = await twoPeople()
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  expect(alice.all('ack')[0]?.attrs).not.toHaveProperty('phash')
  linkCompanion(world, b)
  alice.write(b.jid('pn'), 'M2', [b.jid('pn')])
  expect(alice.all('ack')[1]?.attrs['phash']).toMatch(/^2:.{6}$/)
})

test.each([
  ['nobody', '404', { to: '999@s.whatsapp.net', id: 'M1' }],
  ['no group', '404', { to: '1@g.us', id: 'M1' }],
])('a message to %s is refused with %s', async (_, error, attrs) => {
  const { alice } = await twoPeople()
  alice.say('message', { type: 'text', ...attrs }, [enc('msg', 'x')])
  expect(alice.all('ack')[0]?.attrs).toMatchObject({ error })
})

test('a companion has to show what its phone signed', async () => {
  const { world, b, a } = await twoPeople()
  const laptop = linkCompanion(world, b)
  laptop.say('message', { to: a.jid('pn'), id: 'M1', type: 'text' }, [enc('pkmsg', 'x')])
  laptop.say('message', { to: a.jid('pn'), id: 'M2', type: 'text' }, [
    enc('pkmsg', 'x'),
    node('device-identity', {}, Buffer.from('i')),
  ])
  expect(laptop.all('ack').map(({ attrs }) => attrs['error'])).toEqual(['479', undefined])
})

test('a repeated id is delivered again, unless the switch says otherwise', async () => {
  expect(DEFAULTS.dropsRepeatedIds).toBe(false)
  const { world, alice, bob, b } = await twoPeople()
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  expect(bob.all('message')).toHaveLength(2)
  world.switches.dropsRepeatedIds = true
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  expect([bob.all('message').length, alice.all('ack').length]).toEqual([2, 3])
})

test('a peer message goes to the own phone alone', async () => {
  const { world, bob, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  laptop.say('message', { to: b.jid('pn'), id: 'M1', type: 'text', category: 'peer' }, [enc('pkmsg', 'x')])
  expect(bob.all('message')[0]?.attrs).toMatchObject({ category: 'peer', from: '222:1@s.whatsapp.net' })
})
