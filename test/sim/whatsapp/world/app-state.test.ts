import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import { decodePatches, newLTHashState } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { bytesOf, child, childrenOf } from '../node.ts'
import { SILENT } from '../clients/quiet.ts'
import type { TestDevice } from './test-device.ts'
import { at, linkCompanion, node } from './test-device.ts'
import { twoPeople } from './test-world.ts'

/** What a device gets for one collection. */
function sync(from: TestDevice, name: string, version: number, patch?: Uint8Array) {
  const content = patch === undefined ? [] : [node('patch', {}, patch)]
  const asked = node('collection', { name, version: String(version), return_snapshot: 'false' }, content)
  const answer = at(from.ask('w:sync:app:state', [node('sync', {}, [asked])]), 'sync', 'collection')
  const patches = child(answer, 'patches')
  const got =
    patches === undefined ? [] : childrenOf(patches).map((one) => proto.SyncdPatch.decode(bytesOf(one)))
  return {
    attrs: answer.attrs,
    patches: got,
    versions: got.map(({ version: made }) => Number(made?.version)),
  }
}

test('patches come in order with their versions, so many at a time', async () => {
  const { world, bob, a } = await twoPeople({ switches: { patchesPerAnswer: 2 } })
  const desk = world.desk('222')
  for (let i = 0; i < 5; i++) desk.pin(a.jid('pn'), i % 2 === 0)
  expect(sync(bob, 'regular_low', 0)).toMatchObject({
    attrs: { name: 'regular_low', version: '2', has_more_patches: 'true' },
    versions: [1, 2],
  })
  expect(sync(bob, 'regular_low', 4)).toMatchObject({
    attrs: { name: 'regular_low', version: '5' },
    versions: [5],
  })
  expect(sync(bob, 'regular', 0).versions).toEqual([])
})

test('a patch on an old version is refused, and one that fits told to the others', async () => {
  const { world, bob, b } = await twoPeople()
  const laptop = linkCompanion(world, b)
  const patch = proto.SyncdPatch.encode({ mutations: [], keyId: { id: Buffer.from([1]) } }).finish()
  expect(sync(bob, 'regular', 0, patch).attrs).toEqual({ name: 'regular', version: '1' })
  expect(sync(laptop, 'regular', 0, patch).attrs).toMatchObject({ type: 'error' })
  const told = (of: TestDevice) =>
    of.all('notification').filter(({ attrs }) => attrs['type'] === 'server_sync')
  expect(told(laptop).map((notice) => at(notice, 'collection').attrs)).toEqual([
    { name: 'regular', version: '1' },
  ])
  expect(told(bob)).toEqual([])
})

test('what holds is what was set last, until it is taken away', async () => {
  const { world, a } = await twoPeople()
  const desk = world.desk('222')
  desk.contact(a, { fullName: 'Alice Ames' })
  desk.contact(a, { fullName: 'Alice Baker' })
  expect(desk.value('contact', a.jid('pn'))?.contactAction).toMatchObject({
    fullName: 'Alice Baker',
    firstName: 'Alice',
    lidJid: '9111@lid',
  })
  desk.removeContact(a)
  expect(desk.value('contact', a.jid('pn'))).toBeUndefined()
})

test('a new companion gets the keys, before or after the history', async () => {
  const { world, b } = await twoPeople()
  world.desk('222').history.push({ content: { conversations: [] } })
  const types = (device: TestDevice) =>
    device
      .all('message')
      .map((message) => proto.Message.decode(bytesOf(child(message, 'plaintext'))).protocolMessage?.type)
  const { APP_STATE_SYNC_KEY_SHARE: keys, HISTORY_SYNC_NOTIFICATION: history } =
    proto.Message.ProtocolMessage.Type
  expect(types(linkCompanion(world, b))).toEqual([keys, history])
  world.switches.keysAfterHistory = true
  expect(types(linkCompanion(world, b))).toEqual([history, keys])
  world.switches.phoneSharesKeys = false
  world.switches.phoneSendsHistory = false
  expect(types(linkCompanion(world, b))).toEqual([])
})

test('a client that checks every MAC has nothing to complain of', async () => {
  const { world, bob, a } = await twoPeople()
  const desk = world.desk('222')
  desk.contact(a, { fullName: 'Alice Ames' })
  desk.contact(a, { fullName: 'Alice Baker' })
  desk.contact(world.find('222'), { fullName: 'Myself' })
  desk.removeContact(a)
  desk.contact(a, { fullName: 'Alice Cole' })
  const complaints: unknown[] = []
  const logger = { ...SILENT, warn: (about: unknown) => void complaints.push(about) }
  const { patches } = sync(bob, 'critical_unblock_low', 0)
  const key = () => Promise.resolve({ keyData: desk.patches.key.data })
  const name = 'critical_unblock_low'
  const decoded = await decodePatches(name, patches, newLTHashState(), key, {}, undefined, logger, true)
  expect(complaints).toEqual([])
  expect(decoded.state.version).toBe(5)
  const names = Object.values(decoded.mutationMap).map(
    ({ syncAction }) => syncAction.value?.contactAction?.fullName,
  )
  expect(new Set(names)).toEqual(new Set(['Alice Cole', 'Myself']))
})
