import { expect, test } from 'vitest'
import { closable } from '../../../../src/networks/telegram/closable-session.ts'
import { Gate } from '../../../../src/networks/telegram/gate.ts'
import { MemorySession } from '../../../../src/networks/shared/memory-session.ts'
import { scoped } from '../../../../src/networks/shared/scoped-session.ts'
import { SessionStorage } from '../../../../src/networks/telegram/storage.ts'

const CURSOR = ['updates_pts', 'updates_qts', 'updates_date', 'updates_seq']

const bytes = (n: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32LE(n)
  return buffer
}

const pts = async (session: MemorySession) => {
  const value = await new SessionStorage(session).kv.get('updates_pts')
  return value === null ? undefined : Buffer.from(value).readInt32LE(0)
}

/** What mtcute does at the end of each batch. */
async function saveCursor(storage: SessionStorage, n: number, keys = CURSOR): Promise<void> {
  for (const key of keys) await storage.kv.set(key, bytes(n))
  await storage.driver.save?.()
}

const deferred = () => {
  let settle: { resolve(): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} }
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }))
  return { promise, ...settle }
}

test('the cursor waits for what was handed over before it', async () => {
  const session = new MemorySession()
  const gate = new Gate()
  const storage = new SessionStorage(session, gate)
  const work = deferred()
  gate.hold(work.promise)
  const saved = saveCursor(storage, 7)
  // Answers of calls are saved meanwhile: a task that makes a call must not wait for itself.
  await storage.kv.set('current_user', bytes(1))
  await storage.driver.save?.()
  expect(await session.get('kv:current_user')).toBeDefined()
  expect(await pts(session)).toBeUndefined()
  work.resolve()
  await saved
  expect(await pts(session)).toBe(7)
})

test('after a failure the cursor never moves again', async () => {
  const session = new MemorySession()
  const gate = new Gate()
  const storage = new SessionStorage(session, gate)
  await saveCursor(storage, 7)
  const work = deferred()
  gate.hold(work.promise)
  work.reject(new Error('the ledger is away'))
  await expect(saveCursor(storage, 8)).rejects.toThrow('the ledger is away')
  // mtcute begins its loop again after an error, with the cursor it has in memory.
  await expect(saveCursor(storage, 9)).rejects.toThrow('the ledger is away')
  await storage.driver.save?.()
  expect(await pts(session)).toBe(7)
  expect(gate.failed).toBe(true)
})

test('what comes while the gate is waited for is waited for too', async () => {
  const gate = new Gate()
  const [first, second] = [deferred(), deferred()]
  gate.hold(first.promise)
  let passed = false
  const passing = gate.pass().then(() => (passed = true))
  gate.hold(second.promise)
  first.resolve()
  await first.promise
  await new Promise(setImmediate)
  expect(passed).toBe(false)
  second.resolve()
  await passing
})

test('a first cursor is written whole or not at all', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  await saveCursor(storage, 7, CURSOR.slice(0, 3))
  expect(Object.keys(await session.all())).toEqual([])
  await saveCursor(storage, 8)
  expect(Object.keys(await session.all()).length).toBe(4)
  // Later only what has changed is set.
  await saveCursor(storage, 9, ['updates_pts'])
  expect(await pts(session)).toBe(9)
})

test('keys of the connection are written at once', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  await storage.authKeys.set(2, Buffer.alloc(256, 5))
  const again = new SessionStorage(session)
  expect(await again.authKeys.get(2)).toEqual(Buffer.alloc(256, 5))
  await storage.authKeys.setTemp(2, 0, Buffer.alloc(256, 6), 1_000)
  expect(await again.authKeys.getTemp(2, 0, 999)).toEqual(Buffer.alloc(256, 6))
  expect(await again.authKeys.getTemp(2, 0, 1_000)).toBeNull()
  await storage.authKeys.deleteByDc(2)
  expect(await again.authKeys.get(2)).toBeNull()
})

test('a save that fails is made up for by the next', async () => {
  const session = new MemorySession()
  const setMany = session.setMany.bind(session)
  const storage = new SessionStorage(session)
  session.setMany = () => Promise.reject(new Error('away'))
  await storage.kv.set('a', bytes(1))
  await expect(storage.driver.save?.()).rejects.toThrow('away')
  expect(await storage.kv.get('a')).toEqual(bytes(1))
  session.setMany = setMany
  await storage.kv.set('b', bytes(2))
  await storage.driver.save?.()
  expect(Object.keys(await session.all()).toSorted()).toEqual(['kv:a', 'kv:b'])
})

const peer = (id: number, o: { isMin?: boolean; hash?: string; names?: string[] } = {}) => ({
  id,
  accessHash: o.hash ?? 'hash',
  isMin: o.isMin ?? false,
  usernames: o.names ?? [],
  updated: 1,
  complete: Buffer.from([id & 0xff]),
})

test('people are found by number, name and phone, also by another process', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  await storage.peers.store({ ...peer(5, { names: ['Bob'] }), phone: '49151' })
  await storage.driver.save?.()
  const { peers } = new SessionStorage(session)
  expect(await peers.getById(5)).toMatchObject({ id: 5, accessHash: 'hash', usernames: ['Bob'] })
  expect(await peers.getByUsername('bob')).toMatchObject({ id: 5 })
  expect(await peers.getByPhone('49151')).toMatchObject({ id: 5 })
  expect(await peers.getByUsername('alice')).toBeNull()
})

test('who has another name now is not found by the old one', async () => {
  const { peers } = new SessionStorage(new MemorySession())
  await peers.store(peer(5, { names: ['bob'] }))
  await peers.store(peer(5, { names: ['bobby'] }))
  expect(await peers.getByUsername('bob')).toBeNull()
  expect(await peers.getByUsername('bobby')).toMatchObject({ id: 5 })
})

test('somebody seen in passing takes nothing away from what is known', async () => {
  const { peers, refMessages } = new SessionStorage(new MemorySession())
  await peers.store(peer(5, { hash: 'full' }))
  await peers.store(peer(5, { isMin: true, hash: 'min' }))
  expect(await peers.getById(5)).toMatchObject({ accessHash: 'full', isMin: false })
  // Where they were seen is kept as long as nothing better is known.
  await peers.store(peer(6, { isMin: true }))
  await refMessages.store(6, -100, 3)
  expect(await refMessages.getByPeer(6)).toEqual([-100, 3])
  await peers.store(peer(6, { hash: 'full' }))
  expect(await refMessages.getByPeer(6)).toBeNull()
  expect(await peers.getById(6)).toMatchObject({ accessHash: 'full', isMin: false })
})

test('a user and a channel of the same number are two', async () => {
  const { peers } = new SessionStorage(new MemorySession())
  await peers.store(peer(5000, { hash: 'user' }))
  await peers.store(peer(-1_000_000_005_000, { hash: 'channel' }))
  expect(await peers.getById(5000)).toMatchObject({ accessHash: 'user' })
  expect(await peers.getById(-1_000_000_005_000)).toMatchObject({ accessHash: 'channel' })
})

test('a peer that comes again unchanged writes nothing', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  await storage.peers.store(peer(5))
  await storage.driver.save?.()
  session.setMany = () => Promise.reject(new Error('written again'))
  await storage.peers.store({ ...peer(5), updated: 2 })
  await storage.driver.save?.()
})

test('whoever was not seen for longest makes room, but for those who are needed', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  for (let id = 1; id <= 6; id++)
    await storage.peers.store({ ...peer(id, { names: [`u${id}`] }), updated: id, phone: `49${id}` })
  await storage.driver.save?.()
  await storage.prunePeers(3, (id) => id === 1)
  const known = async (at: SessionStorage) => {
    const found = await Promise.all([1, 2, 3, 4, 5, 6].map(async (id) => at.peers.getById(id)))
    return found.flatMap((each) => each?.id ?? [])
  }
  expect(await known(storage)).toEqual([1, 4, 5, 6])
  expect(await known(new SessionStorage(session))).toEqual([1, 4, 5, 6])
  const kept = Object.keys(await session.all()).filter((key) => /^(?:name|phone|peer):/.test(key))
  expect(kept).toHaveLength(12)
  // Seen again, they are written again.
  await storage.peers.store(peer(2, { names: ['u2'] }))
  await storage.driver.save?.()
  expect(await known(new SessionStorage(session))).toEqual([1, 2, 4, 5, 6])
})

test('somebody who is seen now and then counts as seen', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  const day = 86_400_000
  for (const updated of [day, 2 * day, 10 * day]) await storage.peers.store({ ...peer(5), updated })
  await storage.driver.save?.()
  expect(await new SessionStorage(session).peers.getById(5)).toMatchObject({ updated: 10 * day })
})

test('each login has its own part of what is kept', async () => {
  const session = new MemorySession()
  const [old, now] = [scoped(session, 'a/'), scoped(session, 'b/')]
  await old.set('key', 'old')
  await now.setMany({ key: 'new', other: 'x' })
  expect(await now.all()).toEqual({ key: 'new', other: 'x' })
  expect(await old.get('key')).toBe('old')
})

test('where channels stand is read back', async () => {
  const session = new MemorySession()
  const storage = new SessionStorage(session)
  await storage.kv.set('updates_channel:77', bytes(12))
  await storage.driver.save?.()
  expect(await new SessionStorage(session).channelCursors()).toEqual(new Map([[77, 12]]))
})

test('a session that was closed is not written any more, and what was under way has ended', async () => {
  const session = new MemorySession()
  const [begun, late] = [deferred(), closable(session)]
  const setMany = session.setMany.bind(session)
  session.setMany = async (values) => {
    await begun.promise
    await setMany(values)
  }
  const write = late.setMany({ a: '1' })
  const closed = late.close()
  begun.resolve()
  await closed
  expect(await session.all()).toEqual({ a: '1' })
  await write
  await expect(late.setMany({ b: '2' })).rejects.toThrow('ended')
  await expect(late.set('b', '2')).rejects.toThrow('ended')
  await expect(late.delete('a')).rejects.toThrow('ended')
  expect([await late.get('a'), await late.all()]).toEqual(['1', { a: '1' }])
})
