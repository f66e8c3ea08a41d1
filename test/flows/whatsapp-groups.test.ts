import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Group } from '../sim/whatsapp/world/group.ts'
import type { Person } from '../support/whatsapp.ts'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** What a group is, who is in it and who may do what there, on both sides. */
let world: WhatsAppWorld
let carol: Person
let group: Group
let room: string

beforeAll(async () => {
  world = await WhatsAppWorld.start({ settings: { spaces: ['whatsapp'] } })
  carol = await world.carol()
  ;({ group, room } = await world.enterGroup('Tea room', world.her))
})

afterAll(() =>
  world.end([
    'The privacy settings of this person',
    'You may not write in this chat',
    'You may not do this in this group',
  ]),
)

const alice = () => world.alice.user
const state = (type: string) => world.homeserver.state(room, type)
const isIn = (who: Person) => world.homeserver.members(room).includes(world.ghost(who))
const hasRole = (who: Person, role: string | undefined) => group.members.get(who.account) === role

describe('what it is', () => {
  test('its name and description, from WhatsApp', async () => {
    await world.until(() => world.nameOf(room) === 'Tea room', 'the name')
    await world.bob.socket.groupUpdateSubject(group.jid, 'Coffee room')
    await world.until(() => world.nameOf(room) === 'Coffee room', 'the new name')
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
    await world.until(() => world.nameOf(room) === 'Water room', 'the name')
  })

  test('the same, where nobody told of it and the server does not say at first', async () => {
    await world.stack.restart(async () => {
      group.subject = { ...group.subject, text: 'Milk room' }
      world.wa.world.faults.failQuery('w:g2', 503, 2)
    })
    await world.until(() => world.nameOf(room) === 'Milk room', 'the name')
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
    await world.administers(room)
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
    await world.administers(room, false)
    await expect(alice().sendText(room, 'may I?')).rejects.toThrow('permission')
    await bob.socket.groupSettingUpdate(group.jid, 'not_announcement')
    await world.until(() => events() === 0, 'the rights again')
    await alice().sendText(room, 'I may')
    await world.text('I may')
  })

  test('what changed while the bridge was away and nobody told of it, twice the same', async () => {
    const rights = (level: number) =>
      world.until(() => state('m.room.power_levels')?.['events_default'] === level, `the rights: ${level}`)
    for (let times = 0; times < 2; times++) {
      await world.stack.restart(async () => {
        group.isAnnounce = true
      })
      await rights(50)
      await world.bob.socket.groupSettingUpdate(group.jid, 'not_announcement')
      await rights(0)
    }
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
