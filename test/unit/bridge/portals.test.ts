import { afterEach, beforeEach, expect, test } from 'vitest'
import { Portals } from '../../../src/bridge/portals.ts'
import { loginId, matrixRoomId, matrixUserId, remoteChatId } from '../../../src/model/ids.ts'
import { portalById } from '../../../src/store/portal.ts'
import { upsertLogin } from '../../../src/store/login.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let database: FreshDatabase
let portals: Portals

beforeEach(async () => {
  database = await freshDatabase()
  portals = new Portals(database.db)
})

afterEach(() => database.drop())

const channel = { network: 'irc', id: remoteChatId('fake/#town'), type: 'channel', name: '#town' } as const

test('two who change a portal from the same look at it both have their way', async () => {
  const seen = await portals.ofChat(channel)
  await portals.update(seen, { relay: true })
  await portals.update(seen, { topic: 'news' })
  await portals.update(seen, { roomId: matrixRoomId('!a:sim.local') })
  const expected = { relay: true, topic: 'news', roomId: '!a:sim.local' }
  expect(await portals.get(seen.id)).toMatchObject(expected)
  expect(await portals.ofRoom(matrixRoomId('!a:sim.local'))).toMatchObject(expected)
  expect(await portalById(database.db, seen.id)).toMatchObject(expected)
})

test('a room that was replaced leads nowhere any more', async () => {
  const seen = await portals.ofChat(channel)
  await portals.update(seen, { roomId: matrixRoomId('!old:sim.local') })
  await portals.update(seen, { roomId: matrixRoomId('!new:sim.local') })
  expect(await portals.ofRoom(matrixRoomId('!old:sim.local'))).toBeUndefined()
  expect((await portals.ofRoom(matrixRoomId('!new:sim.local')))?.id).toBe(seen.id)
})

test('a direct conversation follows its contact, unless there is one of that name', async () => {
  const owner = matrixUserId('@alice:sim.local')
  const { id } = await upsertLogin(database.db, { owner, network: 'irc', account: 'fake', name: 'alice' })
  const direct = (nick: string) =>
    ({ network: 'irc', id: remoteChatId(`fake/${nick}`), type: 'dm', receiver: loginId(id) }) as const
  const bob = await portals.ofChat(direct('bob'))
  await portals.follow(bob, remoteChatId('fake/robert'))
  expect((await portals.ofChat(direct('robert'))).id).toBe(bob.id)
  const next = await portals.ofChat(direct('bob'))
  expect(next.id).not.toBe(bob.id)
  await portals.follow(next, remoteChatId('fake/robert'))
  expect((await portals.ofChat(direct('robert'))).id).toBe(bob.id)
  expect((await portals.ofChat(direct('bob'))).id).toBe(next.id)
})
