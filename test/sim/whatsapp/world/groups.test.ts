import { expect, test } from 'vitest'
import type { Node } from '../contract.ts'
import { childrenOf } from '../node.ts'
import type { SimWorld } from './index.ts'
import { TestDevice, at, codeOf, enc, node, tagsOf } from './test-device.ts'
import type { Two } from './test-world.ts'
import { twoPeople } from './test-world.ts'

type Three = Two & { carol: TestDevice; group: string }

async function three(options: Parameters<typeof twoPeople>[0] = {}): Promise<Three> {
  const two = await twoPeople(options)
  const c = two.world.account({ phone: '333', name: 'Carol' })
  const carol = new TestDevice(two.world, c)
  const group = two.world.group('Tea', two.a, two.b).jid
  for (const one of [two.alice, two.bob]) one.got = []
  return { ...two, carol, group }
}

const set = (from: TestDevice, group: string, ...content: Node[]) => from.ask('w:g2', content, { to: group })
const member = (jid: string) => node('participant', { jid })
const notices = (of: TestDevice) =>
  of
    .all('notification')
    .filter(({ attrs }) => attrs['type'] === 'w:gp2')
    .flatMap(tagsOf)
const waiting = (world: SimWorld, phone: string) => world.device(phone, 0).mailbox.waiting

test('making a group tells all of it to its members; who does not want to be added is not', async () => {
  const { world, alice, bob, carol, a } = await three()
  world.find('333').privacy.set('groupadd', 'none')
  const people = ['222', '333'].map((phone) => member(`${phone}@s.whatsapp.net`))
  const made = alice.ask('w:g2', [node('create', { subject: 'Coffee', key: 'K' }, people)], { to: '@g.us' })
  const group = at(made, 'group')
  expect(group.attrs).toMatchObject({
    subject: 'Coffee',
    creator: '9111@lid',
    creator_pn: a.jid('pn'),
    size: '2',
  })
  expect(
    childrenOf(group)
      .filter(({ tag }) => tag === 'participant')
      .map(({ attrs }) => attrs),
  ).toEqual([
    { jid: '9111@lid', phone_number: '111@s.whatsapp.net', type: 'superadmin' },
    { jid: '9222@lid', phone_number: '222@s.whatsapp.net' },
  ])
  expect([notices(alice), notices(bob), notices(carol)]).toEqual([['create'], ['create'], []])
})

test('adding tells the others who came, and who came what there is', async () => {
  const { world, alice, bob, carol, group } = await three()
  const answer = set(
    alice,
    group,
    node('add', {}, [member('333@s.whatsapp.net'), member('222@s.whatsapp.net'), member('9@lid')]),
  )
  expect(childrenOf(at(answer, 'add')).map(({ attrs }) => attrs['error'])).toEqual([undefined, '409', '404'])
  expect([notices(bob), notices(carol)]).toEqual([['add'], ['create']])
  world.switches.addedHearCreate = false
  set(alice, group, node('remove', {}, [member('9333@lid')]))
  set(alice, group, node('add', {}, [member('9333@lid')]))
  expect(notices(carol)).toEqual(['create', 'remove', 'add'])
})

test('who does not want to be added is not', async () => {
  const { world, alice, carol, group } = await three()
  world.find('333').privacy.set('groupadd', 'none')
  const answer = set(alice, group, node('add', {}, [member('9333@lid')]))
  expect(at(answer, 'add', 'participant').attrs['error']).toBe('403')
  expect([notices(carol), world.groups.find(group)?.members.size]).toEqual([[], 2])
})

test.each([
  ['promote', 'bob', '403'],
  ['remove', 'bob', '403'],
  ['remove', 'carol', '403'],
  ['demote', 'alice', undefined],
])('%s by %s gives %s', async (how, who, code) => {
  const people = await three()
  const from = { bob: people.bob, carol: people.carol, alice: people.alice }[who] ?? people.alice
  expect(codeOf(set(from, people.group, node(how, {}, [member('9111@lid')])))).toBe(code)
  expect(people.world.groups.find(people.group)?.members.get(people.a)).toBe('superadmin')
})

test('members may add where the group lets them', async () => {
  const { alice, bob, group } = await three()
  set(alice, group, node('member_add_mode', {}, 'admin_add'))
  expect(codeOf(set(bob, group, node('add', {}, [member('9333@lid')])))).toBe('403')
  set(alice, group, node('member_add_mode', {}, 'all_member_add'))
  expect(codeOf(set(bob, group, node('add', {}, [member('9333@lid')])))).toBeUndefined()
})

test('a group without admins gets one', async () => {
  const { world, alice, bob, b, group } = await three()
  alice.ask('w:g2', [node('leave', {}, [node('group', { id: group })])], { to: '@g.us' })
  expect(notices(bob)).toEqual(['remove', 'promote'])
  expect(world.groups.find(group)?.isAdmin(b)).toBe(true)
})

test('a locked group is changed by admins, and a description replaces the one it names', async () => {
  const { world, alice, bob, group } = await three()
  const body = [node('body', {}, Buffer.from('all about tea'))]
  expect(codeOf(set(bob, group, node('description', { id: 'D1' }, body)))).toBeUndefined()
  expect(codeOf(set(bob, group, node('description', { id: 'D2' }, body)))).toBe('409')
  expect(codeOf(set(bob, group, node('description', { id: 'D2', prev: 'D1' }, body)))).toBeUndefined()
  set(alice, group, node('locked'))
  expect(codeOf(set(bob, group, node('subject', {}, Buffer.from('Coffee'))))).toBe('403')
  set(alice, group, node('description', { delete: 'true', prev: 'D2' }))
  expect(world.groups.find(group)?.description).toBeUndefined()
})

test('a message reaches all devices of the group but its own, in the form of the group', async () => {
  const { alice, bob, carol, group } = await three()
  alice.say('message', { to: group, id: 'G1', type: 'text' }, [
    node('participants', {}, [node('to', { jid: '222@s.whatsapp.net' }, [enc('pkmsg', 'key')])]),
    enc('skmsg', 'text'),
  ])
  const [got] = bob.all('message')
  expect(got?.attrs).toMatchObject({
    from: group,
    participant: '9111@lid',
    participant_pn: '111@s.whatsapp.net',
  })
  expect(childrenOf(got ?? node('')).map(({ attrs }) => attrs['type'])).toEqual(['pkmsg', 'skmsg'])
  expect([alice.all('message'), carol.all('message')]).toEqual([[], []])
})

test('a resend in a group is for one device', async () => {
  const { world, alice, bob, group } = await three()
  set(alice, group, node('add', {}, [member('9333@lid')]))
  alice.say('message', { to: group, id: 'G1', type: 'text', participant: '9222@lid' }, [enc('pkmsg', 'x')])
  expect(bob.all('message')).toHaveLength(1)
  expect(waiting(world, '333').filter(({ tag }) => tag === 'message')).toEqual([])
})

test('who is not in it, or may not speak, is refused', async () => {
  const { alice, bob, carol, group } = await three()
  set(alice, group, node('announcement'))
  for (const one of [bob, carol, alice])
    one.say('message', { to: group, id: 'G1', type: 'text' }, [enc('skmsg', 'x')])
  expect([bob, carol, alice].map((one) => one.all('ack')[0]?.attrs['error'])).toEqual([
    '403',
    '403',
    undefined,
  ])
})

test('an invite is renewed, and a request is decided', async () => {
  const { world, alice, bob, carol, group } = await three()
  const code = () =>
    at(alice.ask('w:g2', [node('invite')], { to: group, type: 'get' }), 'invite').attrs['code'] ?? ''
  const old = code()
  set(alice, group, node('invite'))
  const join = (by: TestDevice, with_: string) =>
    by.ask('w:g2', [node('invite', { code: with_ })], { to: '@g.us' })
  expect(codeOf(join(carol, old))).toBe('406')
  set(alice, group, node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]))
  expect(tagsOf(join(carol, code()))).toEqual(['membership_approval_request'])
  expect([notices(alice).at(-1), notices(bob).at(-1)]).toEqual([
    'created_membership_requests',
    'membership_approval_mode',
  ])
  const decide = (how: string) =>
    at(
      set(alice, group, node('membership_requests_action', {}, [node(how, {}, [member('9333@lid')])])),
      'membership_requests_action',
      how,
      'participant',
    )
  expect(decide('approve').attrs).toEqual({ jid: '9333@lid' })
  expect(decide('reject').attrs['error']).toBe('404')
  expect(world.groups.find(group)?.members.size).toBe(3)
})

test('with notifiesActor off, who changes a group hears nothing', async () => {
  const { alice, bob, group } = await three({ switches: { notifiesActor: false } })
  set(alice, group, node('subject', {}, Buffer.from('Coffee')))
  expect([notices(alice), notices(bob)]).toEqual([[], ['subject']])
})
