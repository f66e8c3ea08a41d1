import { afterEach, beforeEach, expect, test } from 'vitest'
import { LoginStates } from '../../../src/bridge/login-states.ts'
import { matrixUserId } from '../../../src/model/ids.ts'
import type { Database } from '../../../src/store/db.ts'
import { loginById, upsertLogin } from '../../../src/store/login.ts'
import type { LoginRow } from '../../../src/store/login.ts'
import { freshDatabase } from '../../support/database.ts'
import { JumpClock } from '../../support/jump-clock.ts'
import type { FreshDatabase } from '../../support/database.ts'
import { testLog } from '../../support/settings.ts'

const owner = matrixUserId('@alice:sim.local')

let database: FreshDatabase
let login: LoginRow
let states: LoginStates
let told: { text: string; key: string }[]
let failures: number
let clock: JumpClock

beforeEach(async () => {
  database = await freshDatabase()
  login = await upsertLogin(database.db, { owner, network: 'irc', account: 'sim', name: 'carol on Sim' })
  told = []
  clock = new JumpClock()
  failures = 0
  /** Writes take the longer the earlier they are made. */
  let delayMs = 60
  const db = {
    query: async (sql: string, values?: unknown[]) => {
      if (sql.startsWith('update'))
        await new Promise((resolve) => setTimeout(resolve, (delayMs = Math.max(0, delayMs - 20))))
      return database.db.query(sql, values)
    },
  } as unknown as Database
  states = new LoginStates({
    db,
    clock,
    log: testLog,
    tell: (_user, text, key) => {
      if (failures-- > 0) return Promise.reject(new Error('the database is away'))
      told.push({ text, key })
      return Promise.resolve()
    },
    onLogin: () => {},
  })
})

afterEach(async () => {
  states.stop()
  await database.drop()
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

test('the last state is what is kept, however long each takes to write', async () => {
  states.changed(login.id, 'connecting')
  states.changed(login.id, 'bad_credentials', 'wrong password')
  await until(() => told.length > 0)
  expect(await loginById(database.db, login.id)).toMatchObject({
    state: 'bad_credentials',
    stateText: 'wrong password',
  })
  expect(told[0]?.text).toBe(
    '🔴 carol on Sim does not accept your login any more. Say "login" to renew it.\nwrong password',
  )
})

test('what an owner has to know is said when the database is back, and once', async () => {
  failures = 2
  states.changed(login.id, 'blocked')
  states.changed(login.id, 'connecting')
  await until(async () => (await loginById(database.db, login.id))?.state === 'connecting' && told.length > 0)
  expect(told).toHaveLength(1)
})

test('the same state again is no news', async () => {
  states.changed(login.id, 'blocked', 'K-lined')
  states.changed(login.id, 'blocked', 'still K-lined')
  await until(async () => (await loginById(database.db, login.id))?.stateText === 'still K-lined')
  expect(told).toHaveLength(1)
})

test('words wait for a database that is away, in their place among the states', async () => {
  failures = 2
  states.changed(login.id, 'bad_credentials')
  await states.tell(login.id, 'Two messages could not be read.')
  expect(told.map(({ text }) => text)).toEqual([
    expect.stringContaining('does not accept your login'),
    'Two messages could not be read.',
  ])
})

const MINUTE_MS = 60_000

test('a connection that does not come back is told of once, and so is that it is back', async () => {
  states.changed(login.id, 'connected')
  states.changed(login.id, 'backoff', 'the network is away')
  clock.jump(3 * MINUTE_MS)
  states.changed(login.id, 'connecting')
  states.changed(login.id, 'backoff', 'the network is away')
  clock.jump(3 * MINUTE_MS)
  await until(() => told.length > 0)
  clock.jump(60 * MINUTE_MS)
  states.changed(login.id, 'connecting')
  states.changed(login.id, 'connected')
  await until(() => told.length > 1)
  expect(told.map(({ text }) => text.slice(0, 2))).toEqual(['🟠', '🟢'])
  expect(new Set(told.map(({ key }) => key)).size).toBe(2)
})

test('one that is back soon is told to nobody', async () => {
  states.changed(login.id, 'connected')
  states.changed(login.id, 'backoff', 'a hiccup')
  clock.jump(MINUTE_MS)
  states.changed(login.id, 'connected')
  clock.jump(60 * MINUTE_MS)
  await until(async () => (await loginById(database.db, login.id))?.state === 'connected')
  expect(told).toEqual([])
})

test('who was refused is told when they are let in again; who has to log in anew is not', async () => {
  states.changed(login.id, 'blocked', 'banned')
  states.changed(login.id, 'connecting')
  states.changed(login.id, 'connected')
  await until(() => told.length > 1)
  expect(told[1]?.text).toBe('🟢 carol on Sim is connected again.')
  states.changed(login.id, 'bad_credentials', 'removed')
  await until(() => told.length > 2)
  clock.jump(60 * MINUTE_MS)
  states.changed(login.id, 'connecting')
  states.changed(login.id, 'connected')
  await until(async () => (await loginById(database.db, login.id))?.state === 'connected')
  expect(told).toHaveLength(3)
})

test('words with a key are told under it, so that a process after a crash does not say them again', async () => {
  await states.tell(login.id, 'You deleted a chat.', 'phone/regular.3.0')
  expect(told).toEqual([{ text: 'You deleted a chat.', key: `told:${login.id}:phone/regular.3.0` }])
})
