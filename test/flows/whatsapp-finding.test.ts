import { afterAll, beforeAll, describe, test } from 'vitest'
import { WhatsAppWorld } from '../support/whatsapp-world.ts'

/** How groups are entered and left, and how people and the groups of a community are found. */
let world: WhatsAppWorld

beforeAll(async () => {
  world = await WhatsAppWorld.start({ settings: { spaces: ['whatsapp'] } })
})

afterAll(() => world.end())

const alice = () => world.alice.user

describe('coming in and going', () => {
  test('she is added to a group: she is invited to its room', async () => {
    const other = await world.group('Choir')
    await world.bob.socket.groupParticipantsUpdate(other.jid, [world.her.pn], 'add')
    await world.bobSays(other.jid, { text: 'welcome' })
    const there = await world.roomWith('welcome')
    await alice().sendText(there, 'thank you')
    await world.text('thank you')
  })

  test('she is removed from a group: she is out of its room', async () => {
    const { group, room } = await world.enterGroup('Quire', world.her)
    await world.bob.socket.groupParticipantsUpdate(group.jid, [world.her.lid], 'remove')
    await world.until(
      () => !world.homeserver.members(room).includes(alice().userId),
      'her to be out of the room',
    )
  })

  test('who leaves the room leaves the group', async () => {
    const { group, room } = await world.enterGroup('To leave', world.her)
    await alice().leave(room)
    await world.until(() => !group.members.has(world.her.account), 'her to leave')
  })

  test('by a command', async () => {
    const { group, room } = await world.enterGroup('To part from', world.her)
    await alice().sendText(room, '!viaduct part')
    await world.until(() => !group.members.has(world.her.account), 'her to leave')
  })

  test('by a link', async () => {
    const other = await world.group('Open house')
    const code = await world.bob.socket.groupInviteCode(other.jid)
    await world.alice.ask(`join https://chat.whatsapp.com/${code}`, 'You are in Open house')
    await world.until(() => other.members.has(world.her.account), 'her to be in it')
    const there = await world.roomNamed('Open house')
    await world.until(
      () => world.homeserver.members(there, 'invite').includes(alice().userId),
      'the invitation',
    )
    await alice().join(there)
    await alice().sendText(there, 'here I am')
    await world.text('here I am')
  })

  test('by a link, where she has to be let in, and by one that leads nowhere', async () => {
    const other = await world.group('Closed house')
    await world.bob.socket.groupJoinApprovalMode(other.jid, 'on')
    const code = await world.bob.socket.groupInviteCode(other.jid)
    await world.alice.ask(`join https://chat.whatsapp.com/${code}`, 'administrators have to agree')
    await world.bob.socket.groupRequestParticipantsUpdate(other.jid, [world.her.lid], 'approve')
    await world.bobSays(other.jid, { text: 'come in' })
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
  await world.until(() => world.nameOf(there) === 'Choir', 'its name')
  const spaces = () =>
    world.homeserver
      .roomIds()
      .filter((id) => world.homeserver.state(id, 'm.room.create')?.['type'] === 'm.space')
      .filter((id) => world.homeserver.state(id, 'm.space.child', there) !== undefined)
  const named = (name: string) => spaces().some((id) => world.nameOf(id) === name)
  await world.until(() => named('Village'), 'its space')
  await bob.socket.groupUpdateSubject(community.jid, 'Town')
  await world.until(() => named('Town'), 'the new name of its space')
})
