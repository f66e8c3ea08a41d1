import { expect, test } from 'vitest'
import { MemorySession } from '../../../../src/networks/shared/memory-session.ts'
import { ON_DISK, Vault } from '../../../../src/networks/whatsapp/vault.ts'
import type { Values } from '../../../../src/networks/whatsapp/vault.ts'

function recorded() {
  const session = new MemorySession()
  const commits: Values[] = []
  const setMany = session.setMany.bind(session)
  session.setMany = async (values) => {
    commits.push(values)
    await new Promise((resolve) => setTimeout(resolve, 1))
    await setMany(values)
  }
  return { session, commits, vault: new Vault(session, new Map(), () => undefined) }
}

test('what is asked for while a commit is under way is committed together, the last word counts', async () => {
  const { session, commits, vault } = recorded()
  const first = vault.set({ a: '1' })
  await new Promise((resolve) => setImmediate(resolve))
  const later = [vault.set({ a: '2', b: '1' }), vault.set({ b: undefined, c: '1' }), vault.set({ a: '3' })]
  expect(commits).toEqual([{ a: '1' }])
  expect(vault.get('a')).toBeUndefined()
  await first
  expect(vault.get('a')).toBe('1')
  await Promise.all(later)
  expect(commits.slice(1)).toEqual([{ a: '3', b: undefined, c: '1' }])
  expect(await session.all()).toEqual({ a: '3', c: '1' })
  expect(vault.keys('').toSorted()).toEqual(['a', 'c'])
})

test('a commit that fails is told to all who asked for it, and to nobody else', async () => {
  const { session, vault } = recorded()
  const setMany = session.setMany.bind(session)
  session.setMany = () => Promise.reject(new Error('away'))
  const both = await Promise.allSettled([vault.set({ a: '1' }), vault.set({ b: '1' })])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  session.setMany = setMany
  await vault.set({ c: '1' })
  expect(await session.all()).toEqual({ c: '1' })
})

test('what there is ever more of is not held in memory', async () => {
  const { session, vault } = recorded()
  await vault.set(Object.fromEntries(ON_DISK.map((prefix) => [`${prefix}1`, 'kept'])))
  expect(vault.keys('')).toEqual([])
  for (const prefix of ON_DISK) expect(await vault.read(`${prefix}1`)).toBe('kept')
  expect(await session.all(ON_DISK)).toEqual({})
})
