import { expect, test } from 'vitest'
import { childrenOf, textOf } from '../node.ts'
import { TestDevice, at, codeOf, linkCompanion, node } from './test-device.ts'
import type { TestDevice as Device } from './test-device.ts'
import { startWorld, twoPeople } from './test-world.ts'

const notices = (of: Device, type: string) =>
  of.all('notification').filter(({ attrs }) => attrs['type'] === type)

test('a number and a LID belong to one account', async () => {
  const world = await startWorld()
  world.account({ phone: '111', lid: '77' })
  expect(() => world.account('111')).toThrow('already')
  expect(() => world.account({ phone: '222', lid: '77' })).toThrow('already')
  world.changeLid('111', '88')
  expect(world.account({ phone: '222', lid: '77' }).jid('lid', 2)).toBe('77:2@lid')
})

test('numbers of companions are never given twice, and only so many at once', async () => {
  const world = await startWorld({ switches: { companionLimit: 2 } })
  const account = world.account('111')
  linkCompanion(world, account)
  linkCompanion(world, account)
  expect(world.accounts.reserve('111')).toBeUndefined()
  world.removeDevice('111', 1)
  expect(world.accounts.reserve('111')).toEqual({ number: 3, keyIndex: 3 })
})

test('contacts and own devices hear of devices that come and go; who goes is cut off', async () => {
  const { world, alice, bob, b } = await twoPeople()
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  const laptop = linkCompanion(world, b)
  world.accounts.unlink('222', 1)
  expect(laptop.closedWith).toBe('removed')
  for (const one of [alice, bob])
    expect(
      notices(one, 'devices').map(
        (notice) =>
          childrenOf(notice).map(({ tag, content }) => [
            tag,
            Array.isArray(content) && content[0]?.attrs['jid'],
          ])[0],
      ),
    ).toEqual([
      ['add', '222:1@s.whatsapp.net'],
      ['add', '9222:1@lid'],
      ['remove', '222:1@s.whatsapp.net'],
      ['remove', '9222:1@lid'],
    ])
  expect(laptop.say('presence', { type: 'available' })).toBe(true)
})

test('a new identity takes keys and companions with it, and is told to contacts', async () => {
  const { world, alice, bob, b } = await twoPeople()
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  const laptop = linkCompanion(world, b)
  const before = b.identity.public
  world.changeIdentity('222')
  expect([laptop.closedWith, bob.closedWith]).toEqual(['removed', 'replaced'])
  expect(b.identity.public).not.toEqual(before)
  expect(b.reachable).toEqual([])
  expect(
    notices(alice, 'encrypt').map((notice) => [notice.attrs['from'], childrenOf(notice)[0]?.tag]),
  ).toEqual([['222@s.whatsapp.net', 'identity']])
})

test('what is not known is left to the front', async () => {
  const { bob } = await twoPeople()
  expect(bob.say('iq', { id: '1', xmlns: 'w:p', type: 'get' }, [node('ping')])).toBe(false)
  expect(bob.say('iq', { id: '2', xmlns: 'w:g2', type: 'get', to: '@g.us' }, [node('strange')])).toBe(true)
  expect(bob.say('ib', {}, [node('unified_session')])).toBe(false)
  expect(bob.say('strange', {})).toBe(false)
})

test('a silent server neither hears nor speaks to a device', async () => {
  const { world, alice, bob, b } = await twoPeople()
  world.faults.silence('222', 0)
  alice.write(b.jid('pn'), 'M1', [b.jid('pn')])
  expect(bob.all('message')).toEqual([])
  expect(bob.say('iq', { id: '1', xmlns: 'abt', type: 'get' }, [node('props')])).toBe(true)
  expect(bob.got.some(({ attrs }) => attrs['id'] === '1')).toBe(false)
  world.faults.speak('222', 0)
  bob.close('drop')
  const again = new TestDevice(world, b)
  again.say('ib', {}, [node('offline_batch', { count: '100' })])
  expect(again.all('message').map(({ attrs }) => attrs['id'])).toEqual(['M1'])
})

test('a channel is posted to by its owner, and followed', async () => {
  const { world, alice, bob, a } = await twoPeople()
  const channel = world.newsletters.make(a, 'News')
  const query = (id: string, variables: object) => {
    const content = Buffer.from(JSON.stringify({ variables }))
    const answer = bob.ask('w:mex', [node('query', { query_id: id }, content)], { type: 'get' })
    return JSON.parse(textOf(at(answer, 'result'))) as { data?: object; errors?: object[] }
  }
  expect(query('24404358912487870', { newsletter_id: channel.jid }).data).toHaveProperty(
    'xwa2_newsletter_join_v2',
  )
  expect(query('6563316087068696', { input: { key: '0@newsletter' } }).errors).toHaveLength(1)
  alice.say('message', { to: channel.jid, id: 'N1', type: 'text' }, [node('plaintext', {}, Buffer.from('x'))])
  expect(alice.all('ack')[0]?.attrs).toMatchObject({ server_id: '1' })
  expect(bob.all('message')[0]?.attrs).toMatchObject({ from: channel.jid, server_id: '1' })
  bob.say('message', { to: channel.jid, id: 'N2', type: 'text' }, [node('plaintext', {}, Buffer.from('x'))])
  expect(bob.all('ack')[0]?.attrs['error']).toBe('403')
  world.newsletters.post(channel, 'second')
  expect(bob.all('message')).toHaveLength(2)
})

test('media_conn names the host, and strangers are refused elsewhere', async () => {
  const { world, bob } = await twoPeople()
  const conn = at(bob.ask('w:m', [node('media_conn')]), 'media_conn')
  expect([conn.attrs['auth'], at(conn, 'host').attrs['hostname']]).toEqual([
    world.media.auth,
    world.media.host,
  ])
  expect(codeOf(bob.ask('newsletter', [node('live_updates')], { to: '0@newsletter' }))).toBe('404')
})

test('a call link is made, and a call reaches all devices', async () => {
  const { world, alice, bob, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  alice.say('call', { to: '@call', id: 'C1' }, [node('link_create', { media: 'audio' })])
  expect(at(alice.all('ack')[0] ?? node(''), 'link_create').attrs['token']).toMatch(/.{10}/)
  alice.say('call', { to: b.jid('pn'), id: 'C2' }, [node('offer', { 'call-id': 'X' })])
  expect([bob, laptop].map((one) => one.all('call')[0]?.attrs['from'])).toEqual([
    '111@s.whatsapp.net',
    '111@s.whatsapp.net',
  ])
})
