import { expect, test } from 'vitest'
import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import { at, linkCompanion, node, tagsOf } from './test-device.ts'
import type { TestDevice } from './test-device.ts'
import { startWorld, twoPeople } from './test-world.ts'
import { TestDevice as Device } from './test-device.ts'

function query(from: TestDevice, protocols: string[], users: Node[]): Node[] {
  const content = [
    node(
      'query',
      {},
      protocols.map((tag) => node(tag)),
    ),
    node('list', {}, users),
  ]
  const answer = from.ask('usync', [node('usync', { context: 'message', mode: 'query' }, content)], {
    type: 'get',
  })
  return childrenOf(at(answer, 'usync', 'list'))
}

test('devices with keys are listed, companions with their key index; LIDs only for numbers', async () => {
  const { world, alice, b } = await twoPeople()
  linkCompanion(world, b)
  const [byNumber, byLid] = query(
    alice,
    ['devices', 'lid'],
    [node('user', { jid: b.jid('pn') }), node('user', { jid: b.jid('lid') })],
  )
  const list = at(byNumber ?? node(''), 'devices', 'device-list')
  expect(childrenOf(list).map(({ attrs }) => attrs)).toEqual([{ id: '0' }, { id: '1', 'key-index': '1' }])
  expect(at(byNumber ?? node(''), 'lid').attrs['val']).toBe('9222@lid')
  expect(tagsOf(byLid ?? node(''))).toEqual(['devices'])
})

test('a phone that never connected is not listed', async () => {
  const world = await startWorld()
  const alice = new Device(world, world.account('111'))
  world.account('222')
  const [user] = query(alice, ['devices'], [node('user', { jid: '222@s.whatsapp.net' })])
  expect(childrenOf(at(user ?? node(''), 'devices', 'device-list'))).toEqual([])
})

test('phone numbers are looked up, and LIDs hidden by the switch', async () => {
  const { world, alice } = await twoPeople()
  world.switches.usyncTellsLid = false
  const asked = ['+222', '+999'].map((phone) => node('user', {}, [node('contact', {}, phone)]))
  const users = query(alice, ['contact', 'lid'], asked)
  expect(users.map(({ attrs }) => attrs['jid'])).toEqual(['222@s.whatsapp.net', '999@s.whatsapp.net'])
  expect(users.map((user) => at(user, 'contact').attrs['type'])).toEqual(['in', 'out'])
  expect(users.flatMap(tagsOf)).toEqual(['contact', 'contact'])
})

test('the about text is shown unless it is hidden', async () => {
  const { world, alice, b } = await twoPeople()
  world.settings.setAbout(b, 'at work')
  const about = () =>
    at(query(alice, ['status'], [node('user', { jid: b.jid('pn') })])[0] ?? node(''), 'status')
  expect(about().content).toBe('at work')
  b.privacy.set('status', 'none')
  expect(about().attrs).toMatchObject({ code: '401' })
})
