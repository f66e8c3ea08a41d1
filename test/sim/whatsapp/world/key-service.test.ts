import { expect, test } from 'vitest'
import { bytesOf, child, childrenOf } from '../node.ts'
import { at, codeOf, keysOf, linkCompanion, node, tagsOf } from './test-device.ts'
import { twoPeople } from './test-world.ts'

const GET = { type: 'get' }
const asks = (...jids: string[]) => [
  node(
    'key',
    {},
    jids.map((jid) => node('user', { jid })),
  ),
]

test('each one-time key is given once, and then bundles have none', async () => {
  const { world, alice, b } = await twoPeople({ switches: { preKeysLowBelow: 0 } })
  const given = Array.from({ length: 12 }, () => {
    const user = at(alice.ask('encrypt', asks(b.jid('lid')), GET), 'list', 'user')
    const key = child(user, 'key')
    return key === undefined ? undefined : bytesOf(child(key, 'id')).readUIntBE(0, 3)
  })
  expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, undefined, undefined])
  expect(world.device('222', 0).mailbox.waiting).toEqual([])
})

test('a device is told once that its keys run low', async () => {
  const { alice, bob, b } = await twoPeople({ switches: { preKeysLowBelow: 3 } })
  for (let i = 0; i < 9; i++) alice.ask('encrypt', asks(b.jid('pn')), GET)
  const notices = bob.all('notification').filter(({ attrs }) => attrs['type'] === 'encrypt')
  expect(notices.map((notice) => [notice.attrs['from'], at(notice, 'count').attrs['value']])).toEqual([
    ['@s.whatsapp.net', '2'],
  ])
})

test('unknown people are missing in the answer, companions show who signed them', async () => {
  const { world, alice, b } = await twoPeople()
  linkCompanion(world, b)
  const list = at(alice.ask('encrypt', asks('999@s.whatsapp.net', b.jid('pn', 1)), GET), 'list')
  expect(childrenOf(list).map(({ attrs }) => attrs['jid'])).toEqual(['222:1@s.whatsapp.net'])
  expect(tagsOf(at(list, 'user'))).toEqual([
    'registration',
    'type',
    'identity',
    'skey',
    'key',
    'device-identity',
  ])
})

test('keys of another identity are not taken', async () => {
  const { world, bob, a } = await twoPeople()
  expect(codeOf(bob.ask('encrypt', keysOf(a, 0)))).toBe('406')
  world.switches.checksIdentity = false
  expect(codeOf(bob.ask('encrypt', keysOf(a, 0)))).toBeUndefined()
})

test('the count is never less than the switch says, and the digest has all ids', async () => {
  const { world, bob } = await twoPeople()
  const count = () => at(bob.ask('encrypt', [node('count')], GET), 'count').attrs['value']
  expect(count()).toBe('10')
  world.faults.exhaustPreKeys('222', 0)
  expect(count()).toBe('1')
  world.switches.leastPreKeyCount = 0
  expect(count()).toBe('0')
  expect(tagsOf(at(bob.ask('encrypt', [node('digest')], GET), 'digest'))).toContain('hash')
})

test('a new signed key replaces the old one', async () => {
  const { alice, bob, b } = await twoPeople()
  const [skey] = keysOf(b, 0).slice(-1)
  bob.ask('encrypt', [node('rotate', {}, [skey ?? node('')])])
  const user = at(alice.ask('encrypt', asks(b.jid('pn')), GET), 'list', 'user')
  expect(bytesOf(at(user, 'skey', 'value'))).toEqual(bytesOf(at(skey ?? node(''), 'value')))
})
