import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MatrixSide, RoomRequest } from '../../../src/matrix/index.ts'
import { matrixRoomId, matrixUserId } from '../../../src/model/ids.ts'
import type { MatrixRoomId } from '../../../src/model/ids.ts'
import { ghost, portal, text, world } from './side.ts'
import type { World } from './side.ts'

let w: World
let side: MatrixSide

beforeEach(async () => {
  w = await world()
  side = w.side
})
afterEach(() => w.close())

const wanted = (more: Partial<RoomRequest> = {}): RoomRequest => ({
  alias: '_irc_channel',
  name: '#channel',
  topic: 'a topic',
  invite: [],
  direct: false,
  powerUsers: {},
  bridgeInfo: {
    bridgebot: side.bot,
    protocol: { id: 'irc' },
    network: { id: 'Libera' },
    channel: { id: '#Channel' },
  },
  ...more,
})

async function made(request: RoomRequest, by = side): Promise<MatrixRoomId> {
  const outcome = await by.createRoom(request)
  if (outcome.kind !== 'delivered') throw new Error(`no room: ${outcome.why}`)
  return outcome.room
}

describe('a portal', () => {
  test('has its name, topic, people, ghosts and bridge info', async () => {
    const carol = matrixUserId((await w.hs.user('carol')).userId)
    const room = await made(
      wanted({ invite: [carol], ghosts: [ghost('alice')], powerUsers: { [carol]: 50 } }),
    )
    expect(w.hs.state(room, 'm.room.name')).toEqual({ name: '#channel' })
    expect(w.hs.state(room, 'm.room.topic')).toMatchObject({ topic: 'a topic' })
    expect(w.hs.state(room, 'm.bridge', 'app.viaduct://irc/libera/%23channel')).toMatchObject({
      bridgebot: side.bot,
    })
    expect(w.hs.state(room, 'uk.half-shot.bridge', 'app.viaduct://irc/libera/%23channel')).toBeDefined()
    expect(w.hs.members(room).sort()).toEqual([ghost('alice'), side.bot])
    expect(w.hs.members(room, 'invite')).toEqual([carol])
    expect(w.hs.roomOfAlias('#_irc_channel:sim.local')).toBe(room)
    expect(w.hs.state(room, 'm.room.power_levels')).toMatchObject({ users: { [carol]: 50, [side.bot]: 100 } })
  })

  test('of a direct chat tells the invited so', async () => {
    const carol = matrixUserId((await w.hs.user('carol')).userId)
    const room = await made(wanted({ invite: [carol], direct: true }))
    expect(w.hs.state(room, 'm.room.member', carol)).toMatchObject({ membership: 'invite', is_direct: true })
  })

  test.each(['10', '11', '12'])('in version %s leaves the bot able to mend power', async (version) => {
    const room = await made(wanted({ version, powerUsers: { [ghost('op')]: 50 } }))
    expect(await side.setPower(room, { users: { [ghost('voice')]: 10 } })).toMatchObject({
      kind: 'delivered',
    })
    const { users } = (await side.powerLevels(room)) as { users: Record<string, number> }
    expect(users).toEqual({
      [ghost('op')]: 50,
      [ghost('voice')]: 10,
      ...(version === '12' ? {} : { [side.bot]: 100 }),
    })
    const info = await side.roomVersionInfo(room)
    expect(info).toEqual({ version, creators: version === '12' ? [side.bot] : [] })
  })

  test("is of the homeserver's default version, which may have creators", async () => {
    const other = await world({ defaultRoomVersion: '12' })
    try {
      const room = await made(wanted({ bridgeInfo: {} }), other.side)
      expect(await other.side.roomVersionInfo(room)).toMatchObject({ version: '12' })
    } finally {
      await other.close()
    }
  })

  test('keeps all of several changes of power at once', async () => {
    const room = await made(wanted())
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(names.map((name, i) => side.setPower(room, { users: { [ghost(name)]: i + 1 } })))
    expect(await side.powerLevels(room)).toMatchObject({
      users: { [ghost('a')]: 1, [ghost('b')]: 2, [ghost('c')]: 3, [ghost('d')]: 4 },
    })
  })
})

describe('asking again for a room', () => {
  test('finds the one whose answer was lost', async () => {
    w.hs.faults.respond({ path: /createRoom$/, times: 1 }, { reset: 'after' })
    expect(await side.createRoom(wanted())).toMatchObject({ kind: 'retry' })
    const room = await made(wanted({ ghosts: [ghost('alice')] }))
    const portals = w.hs.roomIds().filter((id) => w.hs.state(id, 'm.room.name')?.['name'] === '#channel')
    expect(portals).toEqual([room])
    expect(w.hs.members(room)).toContain(ghost('alice'))
  })

  test('mends a room that lacks what was wanted', async () => {
    const carol = matrixUserId((await w.hs.user('carol')).userId)
    const room = await made(wanted())
    const again = wanted({
      name: 'new',
      invite: [carol],
      ghosts: [ghost('bob')],
      powerUsers: { [ghost('bob')]: 50 },
    })
    expect(await made(again)).toBe(room)
    expect(w.hs.state(room, 'm.room.name')).toEqual({ name: 'new' })
    expect(w.hs.members(room, 'invite')).toEqual([carol])
    expect(w.hs.members(room)).toContain(ghost('bob'))
    expect(await side.powerLevels(room)).toMatchObject({ users: { [ghost('bob')]: 50 } })
    const events = w.hs.timeline(room).length
    expect(await made(again)).toBe(room)
    expect(w.hs.timeline(room)).toHaveLength(events)
  })

  test('takes away an alias that leads to no room, but not at once', async () => {
    w.hs.faults.crashAfterAlias()
    expect(await side.createRoom(wanted())).toMatchObject({ kind: 'retry' })
    expect(await side.createRoom(wanted())).toMatchObject({ kind: 'retry', why: 'the room is being made' })
    expect(w.hs.roomOfAlias('#_irc_channel:sim.local')).toBeDefined()
    w.clock.forward(5000)
    expect(await side.createRoom(wanted())).toMatchObject({ kind: 'retry', afterMs: 0 })
    const room = await made(wanted())
    expect(w.hs.roomOfAlias('#_irc_channel:sim.local')).toBe(room)
    expect(w.hs.members(room)).toEqual([side.bot])
  })

  test('at the same time gives one room', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => side.createRoom(wanted())))
    const rooms = outcomes.flatMap((outcome) => (outcome.kind === 'delivered' ? [outcome.room] : []))
    expect(new Set([...rooms, await made(wanted())]).size).toBe(1)
  })

  test('while the homeserver is down is answered in kind', async () => {
    await w.hs.kill()
    expect(await side.createRoom(wanted())).toMatchObject({ kind: 'retry' })
    await w.hs.restart()
  })
})

describe('membership', () => {
  test.each(['invite', 'join', 'leave', 'kick', 'ban', 'unban'] as const)(
    '%s done twice is done once',
    async (action) => {
      const room = await portal(side)
      const user = ghost('a')
      if (action === 'unban') await side.membership({ room, user, action: 'ban' })
      else if (action !== 'invite' && action !== 'join') await side.ensureJoined(room, user)
      else await side.ensureGhost(user)
      expect(await side.membership({ room, user, action, reason: 'why' })).toMatchObject({
        kind: 'delivered',
      })
      const events = w.hs.timeline(room).length
      expect(await side.membership({ room, user, action, reason: 'why' })).toMatchObject({
        kind: 'delivered',
      })
      expect(w.hs.timeline(room)).toHaveLength(events)
      const state = {
        invite: 'invite',
        join: 'join',
        leave: 'leave',
        kick: 'leave',
        ban: 'ban',
        unban: 'leave',
      }
      expect(w.hs.state(room, 'm.room.member', user)?.['membership']).toBe(state[action])
    },
  )

  test('goes to the bot where the one who acts lacks the power', async () => {
    const room = await portal(side)
    for (const name of ['op', 'victim']) await side.ensureJoined(room, ghost(name))
    const kick = { room, user: ghost('victim'), action: 'kick' as const, by: ghost('op'), reason: 'spam' }
    expect(await side.membership(kick)).toMatchObject({ kind: 'delivered' })
    expect(w.hs.timeline(room).at(-1)).toMatchObject({ sender: side.bot, content: { reason: 'spam' } })
    await side.setPower(room, { users: { [ghost('op')]: 50 } })
    await side.ensureJoined(room, ghost('victim'))
    expect(await side.membership(kick)).toMatchObject({ kind: 'delivered' })
    expect(w.hs.timeline(room).at(-1)?.sender).toBe(ghost('op'))
  })

  test('of a puppeted person changes in their name', async () => {
    const carol = matrixUserId((await w.hs.user('carol')).userId)
    const room = await portal(side, carol)
    const change = { room, user: carol, puppet: 'double' as const }
    expect(await side.membership({ ...change, action: 'join' })).toMatchObject({ kind: 'delivered' })
    expect(w.hs.members(room)).toContain(carol)
    expect(await side.membership({ ...change, action: 'leave' })).toMatchObject({ kind: 'delivered' })
    expect(w.hs.members(room)).not.toContain(carol)
  })

  test('in a room of theirs is taken up by the ghost itself', async () => {
    await side.ensureGhost(ghost('a'))
    const carol = await w.hs.user('carol')
    const room = matrixRoomId(await carol.directRoomWith(ghost('a')))
    expect(await side.ensureJoined(room, ghost('a'))).toMatchObject({ kind: 'delivered' })
    expect(w.hs.members(room)).toContain(ghost('a'))
  })
})

describe('names', () => {
  test('are given to a ghost once, then only when they change', async () => {
    await side.ensureGhost(ghost('a'), { name: 'Alice' })
    expect(w.hs.profile(ghost('a'))).toEqual({ displayname: 'Alice' })
    w.requests.length = 0
    const other = await w.again()
    expect(await other.ensureGhost(ghost('a'), { name: 'Other' })).toMatchObject({ kind: 'delivered' })
    expect(w.requests).toEqual([])
    await side.setProfile(ghost('a'), { name: 'Alicia' })
    expect(w.hs.profile(ghost('a'))).toEqual({ displayname: 'Alicia' })
  })

  test('in one room stay when the ghost speaks or joins again', async () => {
    const room = await portal(side)
    await side.ensureGhost(ghost('a'), { name: 'Public' })
    expect(await side.roomName(room, ghost('a'), 'Mum')).toMatchObject({ kind: 'delivered' })
    await side.ensureJoined(room, ghost('a'))
    await (await w.again()).send(text(room, ghost('a'), 1, 'hi'))
    expect(w.hs.state(room, 'm.room.member', ghost('a'))).toMatchObject({
      displayname: 'Mum',
      membership: 'join',
    })
    const events = w.hs.timeline(room).length
    await side.roomName(room, ghost('a'), 'Mum')
    expect(w.hs.timeline(room)).toHaveLength(events)
    expect(w.hs.profile(ghost('a'))).toEqual({ displayname: 'Public' })
  })
})

test('state that is so already is not sent again', async () => {
  const room = await portal(side)
  const request = { room, as: side.bot, type: 'm.room.topic', key: '', content: { topic: 'x' } }
  const first = await side.state(request)
  const events = w.hs.timeline(room).length
  expect(await side.state(request)).toEqual(first)
  expect(w.hs.timeline(room)).toHaveLength(events)
  expect(await side.getState(room, 'm.room.topic')).toEqual({ topic: 'x' })
  expect(await side.getState(room, 'm.room.nothing')).toBeUndefined()
})

test('what is not a message passes: typing, receipts, members, history, direct chats', async () => {
  const carol = matrixUserId((await w.hs.user('carol')).userId)
  const room = await portal(side, carol)
  const sent = await side.send(text(room, ghost('a'), 1, 'hi'))
  if (sent.kind !== 'delivered') throw new Error(sent.why)
  expect(await side.hints.typing(room, ghost('a'), true)).toBe(true)
  expect(await side.hints.receipt(room, sent.eventId, ghost('a'))).toBe(true)
  expect((await side.members(room)).map(({ user }) => user).sort()).toEqual([ghost('a'), side.bot])
  expect(await side.joinedRooms()).toEqual([room])
  const { events, end } = await side.roomMessages(room, { limit: 1 })
  expect(events).toMatchObject([{ event_id: sent.eventId }])
  const older = await side.roomMessages(room, { limit: 100, ...(end === undefined ? {} : { from: end }) })
  expect(older.events.map((event) => event['event_id'])).not.toContain(sent.eventId)
  for (const other of [ghost('a'), ghost('b'), ghost('a')])
    expect(await side.people.directChat(carol, other, room)).toMatchObject({ kind: 'delivered' })
  expect(w.hs.accountData(carol, 'm.direct')).toEqual({ [ghost('a')]: [room], [ghost('b')]: [room] })
  await side.membership({ room, user: ghost('a'), action: 'leave' })
  expect(await side.forgetRoom(room, ghost('a'))).toBe(true)
})

test('the homeserver says who we are', async () => {
  expect(await side.whoami()).toBe('@_viaduct_as_1:sim.local')
  expect((await side.versions()).versions.length).toBeGreaterThan(0)
})
