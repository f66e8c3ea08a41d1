import { proto } from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { AuthState } from '../../../../src/networks/whatsapp/auth-state.ts'
import { openEpoch, withEpoch } from '../../../../src/networks/whatsapp/epoch.ts'
import { MemorySession } from '../../../../src/networks/shared/memory-session.ts'
import { Vault } from '../../../../src/networks/whatsapp/vault.ts'

async function reopened(session: MemorySession): Promise<AuthState> {
  return new AuthState(new Vault(session, new Map(Object.entries(await session.all())), () => undefined))
}

test('credentials and keys are what they were, in another process', async () => {
  const session = new MemorySession()
  const before = await reopened(session)
  const keyData = proto.Message.AppStateSyncKeyData.fromObject({
    keyData: Buffer.from('secret'),
    timestamp: 7,
  })
  await before.keys.set({
    'pre-key': { '1': { public: Buffer.from('p'), private: Buffer.from('s') }, '2': null },
    'lid-mapping': { '111': '999' },
    'app-state-sync-key': { k: keyData },
  })
  await before.save()
  const after = await reopened(session)
  expect(after.creds).toEqual(before.creds)
  expect(Buffer.from(after.creds.noiseKey.private).equals(Buffer.from(before.creds.noiseKey.private))).toBe(
    true,
  )
  expect(await after.keys.get('pre-key', ['1', '2'])).toEqual({
    '1': { public: Buffer.from('p'), private: Buffer.from('s') },
  })
  expect(await after.keys.get('lid-mapping', ['111'])).toEqual({ '111': '999' })
  const { k } = await after.keys.get('app-state-sync-key', ['k'])
  expect(Buffer.from(k?.keyData ?? []).toString()).toBe('secret')
})

test('changed credentials are committed with the keys that come after the change', async () => {
  const commits: string[][] = []
  const session = new MemorySession()
  const setMany = session.setMany.bind(session)
  session.setMany = async (values) => {
    commits.push(Object.keys(values))
    await setMany(values)
  }
  const state = await reopened(session)
  const saved = state.save()
  state.creds.nextPreKeyId = 31
  await Promise.all([saved, state.keys.set({ 'lid-mapping': { '1': '2' } })])
  // What comes while a commit is about to begin goes into the same one.
  expect(commits).toEqual([['creds', 'key/lid-mapping/1']])
  expect((await reopened(session)).creds.nextPreKeyId).toBe(31)
})

test('what is asked for before a commit is what was committed before it', async () => {
  const state = await reopened(new MemorySession())
  const setting = state.keys.set({ 'lid-mapping': { '1': '2' } })
  expect(await state.keys.get('lid-mapping', ['1'])).toEqual({})
  await setting
  expect(await state.keys.get('lid-mapping', ['1'])).toEqual({ '1': '2' })
})

test('a failed commit changes nothing, and is told to whoever ends the connection first', async () => {
  const session = new MemorySession()
  session.setMany = () => Promise.reject(new Error('the database is away'))
  const told: unknown[] = []
  const state = new AuthState(new Vault(session, new Map(), (error) => told.push(error)))
  await expect(state.keys.set({ 'lid-mapping': { '1': '2' } })).rejects.toThrow('the database is away')
  expect(told).toHaveLength(1)
  expect(await state.keys.get('lid-mapping', ['1'])).toEqual({})
})

test('a new login leaves nothing of the one before', async () => {
  const session = new MemorySession()
  await session.setMany(withEpoch({ creds: 'old', 'key/session/1.0': 'old' }))
  await session.setMany(withEpoch({ creds: 'new' }))
  const { values } = await openEpoch(session)
  const epoch = await session.get('epoch')
  expect([...values]).toEqual([['creds', 'new']])
  expect(Object.keys(await session.all()).toSorted()).toEqual([`${epoch}/creds`, 'epoch'].toSorted())
})
