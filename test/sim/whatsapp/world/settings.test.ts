import { expect, test } from 'vitest'
import { childrenOf, textOf } from '../node.ts'
import type { TestDevice } from './test-device.ts'
import { at, codeOf, linkCompanion, node } from './test-device.ts'
import { twoPeople } from './test-world.ts'

const GET = { type: 'get' }
const notices = (of: TestDevice, type: string) =>
  of.all('notification').filter(({ attrs }) => attrs['type'] === type)

test('privacy is set by category, and shown whole', async () => {
  const { bob } = await twoPeople()
  bob.ask('privacy', [node('privacy', {}, [node('category', { name: 'last', value: 'none' })])])
  const shown = childrenOf(at(bob.ask('privacy', [node('privacy')], GET), 'privacy'))
  const values = Object.fromEntries(shown.map(({ attrs }) => [attrs['name'], attrs['value']]))
  expect(values).toMatchObject({ last: 'none', readreceipts: 'all', groupadd: 'all' })
})

test('a token is given to the one it names', async () => {
  const { alice, bob, a } = await twoPeople()
  bob.ask('privacy', [
    node('tokens', {}, [node('token', { jid: a.jid('pn'), t: '7', type: 'trusted_contact' })]),
  ])
  const [notice] = notices(alice, 'privacy_token')
  expect(notice?.attrs).toMatchObject({ from: '222@s.whatsapp.net', sender_lid: '9222@lid' })
  expect(at(notice ?? node(''), 'tokens', 'token').attrs['t']).toBe('7')
})

test('blocking is told to the own devices, and messages of the blocked go nowhere', async () => {
  const { world, alice, bob, a, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  bob.ask('blocklist', [node('item', { action: 'block', jid: a.jid('lid') })])
  expect(at(notices(laptop, 'account_sync')[0] ?? node(''), 'blocklist', 'item').attrs).toEqual({
    jid: '9111@lid',
    action: 'block',
  })
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  alice.say('chatstate', { to: b.jid('pn') }, [node('composing')])
  expect([bob.all('message'), bob.all('chatstate')]).toEqual([[], []])
  expect(alice.all('ack')[0]?.attrs).not.toHaveProperty('error')
})

test('how long messages stay is told to the own devices', async () => {
  const { world, bob, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  bob.ask('disappearing_mode', [node('disappearing_mode', { duration: '604800' })])
  expect(at(notices(laptop, 'account_sync')[0] ?? node(''), 'disappearing_mode').attrs['duration']).toBe(
    '604800',
  )
})

test('an about text is told to those who know one', async () => {
  const { alice, bob, b } = await twoPeople()
  bob.ask('status', [node('status', {}, Buffer.from('first'))])
  expect(notices(alice, 'status')).toEqual([])
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  bob.ask('status', [node('status', {}, Buffer.from('second'))])
  expect(notices(alice, 'status').map((notice) => textOf(at(notice, 'set')))).toEqual(['second'])
})

test('props are those of the switch', async () => {
  const { bob, world } = await twoPeople()
  world.switches.props = { '14303': 'true' }
  const [prop] = childrenOf(at(bob.ask('abt', [node('props')], GET), 'props'))
  expect(prop?.attrs).toEqual({ name: '14303', value: 'true' })
})

test('presence is told to watchers; a lost connection is not online; last seen can be hidden', async () => {
  const { alice, bob, b } = await twoPeople({ now: () => 1000 })
  alice.say('presence', { to: b.jid('lid'), type: 'subscribe' })
  bob.say('presence', { type: 'available', name: 'Bobby' })
  bob.say('presence', { type: 'unavailable' })
  b.privacy.set('last', 'none')
  bob.say('presence', { type: 'available' })
  bob.close('drop')
  const seen = alice.all('presence').map(({ attrs }) => [attrs['type'], attrs['last']])
  expect(seen).toEqual([
    ['unavailable', 'deny'],
    [undefined, undefined],
    ['unavailable', '1000'],
    [undefined, undefined],
    ['unavailable', 'deny'],
  ])
  expect(alice.all('presence')[0]?.attrs['from']).toBe('9222@lid')
  expect(b.name).toBe('Bobby')
})

test('a picture of somebody else can not be set', async () => {
  const { world, alice, b, a } = await twoPeople()
  const set = (target: string) =>
    alice.ask('w:profile:picture', [node('picture', { type: 'image' }, Buffer.from('jpeg'))], { target })
  expect(codeOf(set(b.jid('pn')))).toBe('401')
  expect(codeOf(set('9@g.us'))).toBe('404')
  const group = world.group('Tea', b, a)
  expect(codeOf(set(group.jid))).toBeUndefined()
  group.isLocked = true
  expect(codeOf(set(group.jid))).toBe('403')
})
