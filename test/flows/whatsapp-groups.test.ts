import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Group } from '../sim/whatsapp/world/group.ts'
import type { Person } from '../support/whatsapp.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** What a group is, who is in it and who may do what there, on both sides; and how people and groups are found. */
let world: WhatsAppWorld
let carol: Person
let group: Group
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start({ settings: { spaces: ['whatsapp'] } })
  const { bob, her } = world
  carol = await world.whatsapp.person('4915312345678', 'Carol')
  group = await made('Tea room', her)
  room = await world.enter(bob, group.jid)
})

afterAll(async () => {
  await world.proveDelivered([
    'The privacy settings of this person',
    'You may not write in this chat',
    'You may not do this in this group',
  ])
  await world.close()
})

/** A group that bob makes. */
async function made(subject: string, ...people: Person[]): Promise<Group> {
  const { id } = await world.bob.socket.groupCreate(
    subject,
    people.map(({ pn }) => pn),
  )
  return groupOf(id)
}

function groupOf(id: string): Group {
  const found = world.wa.world.groups.find(id)
  if (found === undefined) throw new Error('no such group')
  return found
}

const alice = () => world.alice.user
const state = (type: string, where = room) => world.homeserver.state(where, type)
const isIn = (who: Person, where = room) => world.homeserver.members(where).includes(world.ghost(who))
const hasRole = (who: Person, role: string | undefined) => group.members.get(who.account) === role

describe('what it is', () => {
  test('its name and description, from WhatsApp', async () => {
    await world.until(() => state('m.room.name')?.['name'] === 'Tea room', 'the name')
    await world.bob.socket.groupUpdateSubject(group.jid, 'Coffee room')
    await world.until(() => state('m.room.name')?.['name'] === 'Coffee room', 'the new name')
    await world.bob.socket.groupUpdateDescription(group.jid, 'All about coffee')
    await world.until(() => state('m.room.topic')?.['topic'] === 'All about coffee', 'the description')
    await world.bob.socket.groupUpdateDescription(group.jid)
    await world.until(() => !state('m.room.topic')?.['topic'], 'no description')
  })

  test('its name and description, from Matrix', async () => {
    await alice().state(room, 'm.room.name', '', { name: 'Cocoa room' })
    await world.until(() => group.subject.text === 'Cocoa room', 'the name on WhatsApp')
    await alice().state(room, 'm.room.topic', '', { topic: 'With cream' })
    await world.until(() => group.description?.text === 'With cream', 'the description on WhatsApp')
    await alice().state(room, 'm.room.topic', '', { topic: 'Without' })
    await world.until(() => group.description?.text === 'Without', 'the next one')
  })

  test('what changed while the bridge was away', async () => {
    await world.stack.restart(async () => {
      await world.bob.socket.groupUpdateSubject(group.jid, 'Water room')
    })
    await world.until(() => state('m.room.name')?.['name'] === 'Water room', 'the name')
  })
})

describe('who is in it', () => {
  test('people come and go on WhatsApp', async () => {
    const { bob } = world
    expect(isIn(bob)).toBe(true)
    await bob.socket.groupParticipantsUpdate(group.jid, [carol.pn], 'add')
    await world.until(() => isIn(carol), 'carol to come')
    await carol.socket.groupLeave(group.jid)
    await world.until(() => !isIn(carol), 'carol to go')
    const code = await bob.socket.groupInviteCode(group.jid)
    await carol.socket.groupAcceptInvite(code ?? '')
    await world.until(() => isIn(carol), 'carol to come by a link')
    await bob.socket.groupParticipantsUpdate(group.jid, [carol.lid], 'remove')
    await world.until(() => !isIn(carol), 'carol to be removed')
  })

  test('who may not be added is told to whoever invites', async () => {
    carol.account.privacy.set('groupadd', 'none')
    await alice().invite(room, world.ghost(carol))
    await world.see(room, 'The privacy settings of this person do not allow it')
    carol.account.privacy.set('groupadd', 'all')
    expect(group.members.has(carol.account)).toBe(false)
    await world.until(
      () => !world.homeserver.members(room, 'invite').includes(world.ghost(carol)),
      'the invitation to be taken back',
    )
  })

  test('invited, removed and banned from Matrix', async () => {
    const { bob, her } = world
    await alice().invite(room, world.ghost(carol))
    await world.until(() => hasRole(carol, 'member'), 'carol to be in the group')
    await world.until(() => isIn(carol), 'her ghost to come')
    // Nobody but an administrator may remove somebody.
    await expect(alice().kick(room, world.ghost(carol), 'enough')).rejects.toThrow('cannot kick')
    await bob.socket.groupParticipantsUpdate(group.jid, [her.lid], 'promote')
    await world.until(() => (world.power(room, alice().userId) ?? 0) >= 50, 'her power')
    await alice().kick(room, world.ghost(carol), 'enough')
    await world.until(() => hasRole(carol, undefined), 'carol to be out of the group')
    await alice().invite(room, world.ghost(carol))
    await world.until(() => hasRole(carol, 'member') && isIn(carol), 'carol to be back')
    await alice().ban(room, world.ghost(carol))
    await world.until(() => hasRole(carol, undefined), 'carol to be out again')
    await world.see(room, 'WhatsApp has no bans')
    await alice().unban(room, world.ghost(carol))
  })

  test('who asks to be let in is told of', async () => {
    const { bob } = world
    await bob.socket.groupJoinApprovalMode(group.jid, 'on')
    await world.see(room, 'Administrators have to let new members in')
    const code = await bob.socket.groupInviteCode(group.jid)
    await carol.socket.groupAcceptInvite(code ?? '')
    await world.see(room, 'wants to join. Open WhatsApp to let them in.')
    await bob.socket.groupRequestParticipantsUpdate(group.jid, [carol.lid], 'approve')
    await world.until(() => isIn(carol), 'carol to come')
    await bob.socket.groupJoinApprovalMode(group.jid, 'off')
  })
})

describe('who may do what', () => {
  test('roles are levels, both ways', async () => {
    const { bob } = world
    const level = (who: Person) => world.power(room, world.ghost(who)) ?? 0
    await world.until(() => level(bob) >= 50, 'bob to be the owner')
    await bob.socket.groupParticipantsUpdate(group.jid, [carol.lid], 'promote')
    await world.until(() => level(carol) >= 50, 'carol to be an administrator')
    await bob.socket.groupParticipantsUpdate(group.jid, [carol.lid], 'demote')
    await world.until(() => level(carol) < 50, 'carol to be none')
    const given = async (power: number) => {
      const levels = state('m.room.power_levels') ?? {}
      const users = { ...(levels['users'] as object), [world.ghost(carol)]: power }
      await alice().state(room, 'm.room.power_levels', '', { ...levels, users })
    }
    await given(50)
    await world.until(() => hasRole(carol, 'admin'), 'carol to be an administrator on WhatsApp')
    await given(0)
    await world.until(() => hasRole(carol, 'member'), 'carol to be none on WhatsApp')
  })

  test('a group in which administrators alone write', async () => {
    const { bob, her } = world
    const events = () => state('m.room.power_levels')?.['events_default']
    await bob.socket.groupSettingUpdate(group.jid, 'announcement')
    await world.until(() => events() === 50, 'the rights')
    await alice().sendText(room, 'as an administrator')
    await world.text('as an administrator')
    await bob.socket.groupParticipantsUpdate(group.jid, [her.lid], 'demote')
    await world.until(() => (world.power(room, alice().userId) ?? 0) < 50, 'no power')
    await expect(alice().sendText(room, 'may I?')).rejects.toThrow('permission')
    await bob.socket.groupSettingUpdate(group.jid, 'not_announcement')
    await world.until(() => events() === 0, 'the rights again')
    await alice().sendText(room, 'I may')
    await world.text('I may')
  })

  test('a message that WhatsApp refuses is told to its sender', async () => {
    // It was written before the room knew.
    world.wa.world.faults.refuse(403, { phone: world.her.account.phone, count: 1 })
    const event = await alice().sendText(room, 'too late')
    const told = await world.happens(
      room,
      (e) => String(e.content['body']).includes('You may not write in this chat'),
      'the words',
    )
    expect(told.content['m.relates_to']).toMatchObject({ 'm.in_reply_to': { event_id: event } })
  })

  test('a group that administrators alone change', async () => {
    const { bob } = world
    const levels = () => state('m.room.power_levels')?.['events'] as Record<string, number> | undefined
    await bob.socket.groupSettingUpdate(group.jid, 'locked')
    await world.until(() => levels()?.['m.room.name'] === 50, 'the rights')
    await expect(alice().state(room, 'm.room.name', '', { name: 'Mine' })).rejects.toThrow('permission')
    await bob.socket.groupSettingUpdate(group.jid, 'unlocked')
    await world.until(() => levels()?.['m.room.name'] === 0, 'the rights again')
    // What the server refuses all the same is told.
    world.wa.world.faults.failQuery('w:g2', 403)
    await alice().state(room, 'm.room.name', '', { name: 'Ours' })
    await world.see(room, 'You may not do this in this group')
  })

  test('a group to which administrators alone add', async () => {
    const { bob } = world
    const invite = () => state('m.room.power_levels')?.['invite']
    await bob.socket.groupMemberAddMode(group.jid, 'admin_add')
    await world.until(() => invite() === 50, 'the rights')
    await bob.socket.groupMemberAddMode(group.jid, 'all_member_add')
    await world.until(() => invite() === 0, 'the rights again')
  })
})

describe('coming in and going', () => {
  test('she is added to a group: she is invited to its room', async () => {
    const other = await made('Choir')
    await world.bob.socket.groupParticipantsUpdate(other.jid, [world.her.pn], 'add')
    await world.bob.socket.sendMessage(other.jid, { text: 'welcome' })
    const there = await world.roomWith('welcome')
    await alice().sendText(there, 'thank you')
    await world.text('thank you')
  })

  test('she is removed from a group: she is out of its room', async () => {
    const other = await made('Quire', world.her)
    const there = await world.enter(world.bob, other.jid)
    await world.bob.socket.groupParticipantsUpdate(other.jid, [world.her.lid], 'remove')
    await world.until(
      () => !world.homeserver.members(there).includes(alice().userId),
      'her to be out of the room',
    )
  })

  test('who leaves the room leaves the group', async () => {
    const other = await made('To leave', world.her)
    const there = await world.enter(world.bob, other.jid)
    await alice().leave(there)
    await world.until(() => !other.members.has(world.her.account), 'her to leave')
  })

  test('by a command', async () => {
    const other = await made('To part from', world.her)
    const there = await world.enter(world.bob, other.jid)
    await alice().sendText(there, '!viaduct part')
    await world.until(() => !other.members.has(world.her.account), 'her to leave')
  })

  test('by a link', async () => {
    const other = await made('Open house')
    const code = await world.bob.socket.groupInviteCode(other.jid)
    await world.alice.ask(`join https://chat.whatsapp.com/${code}`, 'You are in Open house')
    await world.until(() => other.members.has(world.her.account), 'her to be in it')
    const rooms = () =>
      world.homeserver.roomIds().find((id) => state('m.room.name', id)?.['name'] === 'Open house')
    await world.until(() => rooms() !== undefined, 'its room')
    const there = rooms() ?? ''
    await world.until(
      () => world.homeserver.members(there, 'invite').includes(alice().userId),
      'the invitation',
    )
    await alice().join(there)
    await alice().sendText(there, 'here I am')
    await world.text('here I am')
  })

  test('by a link, where she has to be let in, and by one that leads nowhere', async () => {
    const other = await made('Closed house')
    await world.bob.socket.groupJoinApprovalMode(other.jid, 'on')
    const code = await world.bob.socket.groupInviteCode(other.jid)
    await world.alice.ask(`join https://chat.whatsapp.com/${code}`, 'administrators have to agree')
    await world.bob.socket.groupRequestParticipantsUpdate(other.jid, [world.her.lid], 'approve')
    await world.bob.socket.sendMessage(other.jid, { text: 'come in' })
    await world.roomWith('come in')
    await world.alice.ask(
      'join https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA',
      'This link leads to no group',
    )
    await world.alice.ask('join #tea', 'Give the link of an invitation')
  })
})

describe('people', () => {
  test('are found by their number, however it is written', async () => {
    for (const [phone, written] of [
      ['4915411111111', '+4915411111111'],
      ['4915422222222', '+49 154 2222 2222'],
      ['4915433333333', '0049-154-33333333'],
    ] as const) {
      const dave = await world.whatsapp.person(phone, `Dave ${phone}`)
      const before = world.homeserver.roomIds()
      await world.alice.ask(`start-chat ${written}`, 'An invitation to a room with')
      const there = await world.alice.acceptInvite(before)
      await alice().sendText(there, `hello ${phone}`)
      await world.text(`hello ${phone}`, dave)
      await dave.socket.sendMessage(world.her.lid, { text: `hello from ${phone}` })
      await world.message(there, `hello from ${phone}`)
    }
  })

  test('who is not on WhatsApp is said in words, and so is what is no number', async () => {
    await world.alice.ask('start-chat +4915999999999', '+4915999999999 is not on WhatsApp')
    await world.alice.ask('start-chat carol', 'Give a phone number with its country code')
  })
})

test('groups of a community are rooms in a space', async () => {
  const { bob, her } = world
  const [community, part] = world.wa.world.community('Village', 'Choir', bob.account, her.account)
  if (community === undefined || part === undefined) throw new Error('not made')
  const there = await world.enter(bob, part.jid, 'we sing')
  await world.until(() => state('m.room.name', there)?.['name'] === 'Choir', 'its name')
  const spaces = () =>
    world.homeserver
      .roomIds()
      .filter((id) => state('m.room.create', id)?.['type'] === 'm.space')
      .filter((id) => world.homeserver.state(id, 'm.space.child', there) !== undefined)
  const named = (name: string) => spaces().some((id) => state('m.room.name', id)?.['name'] === name)
  await world.until(() => named('Village'), 'its space')
  await bob.socket.groupUpdateSubject(community.jid, 'Town')
  await world.until(() => named('Town'), 'the new name of its space')
})
