import { afterEach, beforeEach, expect, test } from 'vitest'
import { loginId, matrixUserId } from '../../../src/model/ids.ts'
import { upsertLogin } from '../../../src/store/login.ts'
import { LoginSession, Vault } from '../../../src/store/session.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let database: FreshDatabase
let session: LoginSession

beforeEach(async () => {
  database = await freshDatabase()
  const owner = matrixUserId('@alice:hs.example')
  const login = await upsertLogin(database.db, { owner, network: 'telegram', account: '1', name: 'Alice' })
  session = new LoginSession(database.db, new Vault(Buffer.alloc(32, 1)), loginId(login.id))
})

afterEach(() => database.drop())

test('many values are set and deleted at once', async () => {
  await session.setMany({ kept: 'a', changed: 'b', gone: 'c' })
  await session.setMany({ changed: 'B', gone: undefined, 'never there': undefined, added: 'd' })
  expect(await session.all()).toEqual({ kept: 'a', changed: 'B', added: 'd' })
  await session.setMany({})
  expect(Object.keys(await session.all())).toHaveLength(3)
})

test('all is forgotten at once, of this login alone', async () => {
  const owner = matrixUserId('@bob:hs.example')
  const other = await upsertLogin(database.db, { owner, network: 'telegram', account: '2', name: 'Bob' })
  const his = new LoginSession(database.db, new Vault(Buffer.alloc(32, 1)), loginId(other.id))
  await session.setMany({ a: '1', b: '2' })
  await his.set('a', 'his')
  await session.clear()
  expect(await session.all()).toEqual({})
  expect(await his.all()).toEqual({ a: 'his' })
})

test('of many values none is written when one cannot be', async () => {
  await session.set('a', 'before')
  const broken = session.setMany({ a: 'after', ['b\u0000']: 'no text for PostgreSQL' })
  await expect(broken).rejects.toThrow()
  expect(await session.all()).toEqual({ a: 'before' })
})

test('what is there is read but for some prefixes, and its keys by a prefix', async () => {
  await session.setMany({ 'a/1': '1', 'a/2': '2', 'a%': '3', 'b/1': '4' })
  expect(await session.all(['a/', 'c'])).toEqual({ 'a%': '3', 'b/1': '4' })
  expect((await session.keys('a/')).toSorted()).toEqual(['a/1', 'a/2'])
  expect(await session.keys('')).toHaveLength(4)
})

test('what is in the database is sealed', async () => {
  await session.setMany({ key: 'very secret' })
  const [row] = await database.db.query<{ value: Buffer }>('select value from session')
  expect(row?.value.includes('very secret')).toBe(false)
  expect(await session.get('key')).toBe('very secret')
})
