import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ViaductError } from '../../../src/model/errors.ts'
import { Database } from '../../../src/store/db.ts'
import { startEmbedded } from '../../../src/store/embedded/start.ts'
import type { Embedded } from '../../../src/store/embedded/start.ts'
import { isRetryable, isUnavailable, isUniqueViolation, pgErrorKind } from '../../../src/store/pg-errors.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let fresh: FreshDatabase
let db: Database

beforeAll(async () => {
  fresh = await freshDatabase({ empty: true })
  db = fresh.db
  await db.query('create table item (id int primary key, n int not null)')
})

afterAll(() => fresh.drop())

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 10))
}

async function count(where: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(`select count(*) as n from item where ${where}`)
  return row?.n ?? -1
}

describe('queries', () => {
  test('a clone of the template has the schema, and its url works', async () => {
    const clone = await freshDatabase()
    const [row] = await clone.db.query<{ n: number }>('select count(*) as n from schema_migration')
    expect(row?.n).toBeGreaterThan(0)
    const other = await Database.open({ url: clone.url })
    const name = 'select current_database() as name'
    expect(await other.query(name)).toEqual(await clone.db.query(name))
    await other.close()
    await clone.drop()
  })

  test('int8 is a number while it is safe, and refused beyond', async () => {
    expect(await db.query('select 9007199254740991::int8 as n, null::int8 as nothing')).toEqual([
      { n: Number.MAX_SAFE_INTEGER, nothing: null },
    ])
    await expect(db.query('select 9007199254740992::int8 as n')).rejects.toThrow(RangeError)
    expect(await db.query('select 1 as n')).toEqual([{ n: 1 }])
  })

  test('several statements at once give the rows of the last', async () => {
    expect(await db.query('select 1 as a; select 2 as b')).toEqual([{ b: 2 }])
  })

  test('a refused statement says why and leaves its connection usable', async () => {
    const one = await Database.open({ connection: fresh.connection, poolSize: 1 })
    const pid = async () => (await one.query('select pg_backend_pid() as pid'))[0]
    const before = await pid()
    await db.query('insert into item values (100, 1)')
    const error = await failure(one.query('insert into item values (100, 1)'))
    expect(isUniqueViolation(error)).toBe(true)
    expect(isUniqueViolation(error, 'item_pkey')).toBe(true)
    expect(isUniqueViolation(error, 'other')).toBe(false)
    expect(pgErrorKind(error)).toBe('bug')
    expect(await pid()).toEqual(before)
    await one.close()
  })
})

describe('transactions', () => {
  test('commit keeps and failure undoes', async () => {
    expect(
      await db.tx(async (tx) => {
        await tx.query('insert into item values (1, 1)')
        return 'done'
      }),
    ).toBe('done')
    const thrown = new Error('changed my mind')
    const undone = db.tx(async (tx) => {
      await tx.query('insert into item values (2, 1)')
      throw thrown
    })
    expect(await failure(undone)).toBe(thrown)
    expect(await count('id in (1, 2)')).toBe(1)
  })

  test('a swallowed failure does not pass for a commit', async () => {
    const swallowed = db.tx(async (tx) => {
      await tx.query('insert into item values (3, 1)')
      await tx.query('select 1/0').catch(() => {})
    })
    await expect(swallowed).rejects.toThrow('committed after a failed statement')
    expect(await count('id = 3')).toBe(0)
  })

  test('a transaction cannot be used after its end', async () => {
    const leaked = await db.tx(async (tx) => tx)
    await expect(leaked.query('select 1')).rejects.toThrow('after its end')
  })

  test('a deadlock is run again, both sides win', async () => {
    await db.query('insert into item values (10, 0), (11, 0)')
    let arrived = 0
    let runs = 0
    const add = (first: number, second: number) =>
      db.tx(async (tx) => {
        runs++
        await tx.query('update item set n = n + 1 where id = $1', [first])
        arrived++
        await until(() => arrived >= 2)
        await tx.query('update item set n = n + 1 where id = $1', [second])
      })
    await Promise.all([add(10, 11), add(11, 10)])
    expect(runs).toBe(3)
    expect(await count('id in (10, 11) and n = 2')).toBe(2)
  })

  test('a transaction that always loses gives up after five runs', async () => {
    let runs = 0
    const losing = db.tx(async (tx) => {
      runs++
      await tx.query(`do $$ begin raise exception 'lost' using errcode = '40001'; end $$`)
    })
    expect(isRetryable(await failure(losing))).toBe(true)
    expect(runs).toBe(5)
  })

  test('a statement is limited in time, by the transaction if it says so', async () => {
    const hasty = await Database.open({ connection: fresh.connection, statementTimeoutMs: 50 })
    expect(isUnavailable(await failure(hasty.query('select pg_sleep(30)')))).toBe(true)
    expect(isUnavailable(await failure(hasty.tx((tx) => tx.query('select pg_sleep(30)'))))).toBe(true)
    await hasty.tx((tx) => tx.query('select pg_sleep(0.1)'), { statementTimeoutMs: 0 })
    expect(isUnavailable(await failure(hasty.query('select pg_sleep(30)')))).toBe(true)
    await hasty.close()
  })
})

describe('notifications', () => {
  test('reach every listener of the channel until it stops', async () => {
    const heard: string[] = []
    const stopFirst = await db.listen('some "channel"', (payload) => heard.push(`first ${payload}`))
    const stopSecond = await db.listen('some "channel"', (payload) => heard.push(`second ${payload}`))
    await db.listen('other', (payload) => heard.push(`other ${payload}`))
    await db.query(`select pg_notify('some "channel"', 'one')`)
    await until(() => heard.length === 2)
    stopFirst()
    await db.query(`select pg_notify('some "channel"', 'two')`)
    await until(() => heard.length === 3)
    expect(heard).toEqual(['first one', 'second one', 'second two'])
    stopSecond()
  })

  test('after a lost connection every listener is told to look, and hears again', async () => {
    const own = await freshDatabase({ empty: true })
    const heard: (string | undefined)[] = []
    await own.db.listen('a', (payload) => heard.push(payload))
    const cut = await own.db.query<{ cut: boolean }>(
      `select pg_terminate_backend(pid) as cut from pg_stat_activity
       where datname = current_database() and query like 'listen%'`,
    )
    expect(cut).toEqual([{ cut: true }])
    await until(() => heard.length === 1)
    await own.db.query(`select pg_notify('a', 'x')`)
    await until(() => heard.length === 2)
    expect(heard).toEqual([undefined, 'x'])
    await own.drop()
  })
})

describe('a server that goes away', () => {
  let folder = ''
  let server: Embedded
  let own: Database

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viaduct-db-'))
    server = await startEmbedded({ dataDir: join(folder, 'pg'), unsafeNoSync: true })
    own = await Database.open({ connection: server.connection, poolSize: 2, statementTimeoutMs: 500 })
  })

  afterAll(async () => {
    await own.close()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const pid = async () => Number.parseInt(await readFile(join(folder, 'pg', 'postmaster.pid'), 'utf8'), 10)

  const works = () =>
    own.query('select 1').then(
      () => true,
      () => false,
    )

  test('fails calls as unavailable, keeps the process, and works again when it is back', async () => {
    const heard: (string | undefined)[] = []
    await own.listen('b', (payload) => heard.push(payload))
    const idle = own.tx(async (tx) => {
      await tx.query('select 1')
      await server.stop()
      await tx.query('select 2')
    })
    const errors = [await failure(idle)]
    const later = [own.query('select 1'), own.tx((tx) => tx.query('select 1'))]
    errors.push(...(await Promise.all(later.map(failure))))
    for (const error of errors) {
      expect(isUnavailable(error)).toBe(true)
      // Whoever knows nothing of PostgreSQL can tell that it passes.
      expect(error).toBeInstanceOf(ViaductError)
      expect(error).toMatchObject({ code: 'database_down', retryable: true })
    }
    const opening = await failure(Database.open({ connection: server.connection }))
    expect(opening).toBeInstanceOf(ViaductError)
    expect(opening).toMatchObject({ code: 'database_down', retryable: true })
    let listening = false
    await own.listen('c', () => {
      listening = true
    })
    server = await startEmbedded({ dataDir: join(folder, 'pg'), unsafeNoSync: true })
    expect(await works()).toBe(true)
    await until(() => heard.includes(undefined) && listening)
  })

  test('that hangs fails a call as unavailable', async () => {
    const stopped = await pid()
    const [backend] = await own.query<{ pid: number }>('select pg_backend_pid() as pid')
    // A stopped postmaster accepts on its socket and never answers; a stopped backend never answers.
    process.kill(stopped, 'SIGSTOP')
    try {
      const slow = { connection: server.connection, connectTimeoutMs: 100 }
      expect(await failure(Database.open(slow))).toMatchObject({ code: 'database_down' })
      if (backend === undefined) throw new Error('no backend')
      process.kill(backend.pid, 'SIGSTOP')
      expect(isUnavailable(await failure(own.tx((tx) => tx.query('select 1'))))).toBe(true)
      process.kill(backend.pid, 'SIGCONT')
    } finally {
      process.kill(stopped, 'SIGCONT')
    }
    await until(works)
  })
})

test('an address that is no address is a fault of the configuration, told without its password', async () => {
  const error = await failure(Database.open({ url: 'postgresql://me:hunter2@host:port/name' }))
  expect(error).toMatchObject({ code: 'bad_config', message: expect.stringContaining('database.url') })
  expect(JSON.stringify(error) + String(error)).not.toContain('hunter2')
})

test.each([
  [{ code: '40P01' }, 'retry'],
  [{ code: '57P01' }, 'unavailable'],
  [{ code: '08006' }, 'unavailable'],
  [{ code: '53300' }, 'unavailable'],
  [{ code: '53100' }, 'full'],
  [{ code: 'ENOSPC' }, 'full'],
  [{ code: 'ECONNREFUSED' }, 'unavailable'],
  [{ message: 'Connection terminated unexpectedly' }, 'unavailable'],
  [{ cause: Object.assign(new Error('inner'), { code: '40001' }) }, 'retry'],
  [{ code: '23505' }, 'bug'],
  [{ code: 'ERR_INVALID_ARG_TYPE' }, 'bug'],
  [{}, 'bug'],
])('%j is %s', (fields, kind) => {
  expect(pgErrorKind(Object.assign(new Error('some text'), fields))).toBe(kind)
})

test('a program that has closed its database ends by itself', async () => {
  const script = `
    import { Database } from '${new URL('../../../src/store/db.ts', import.meta.url).href}'
    const db = await Database.open({ url: process.argv[1] })
    await db.listen('a', () => {})
    await db.tx((tx) => tx.query('select 1'))
    await db.close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, fresh.url], {
    stdio: 'inherit',
  })
  expect(await new Promise((done) => child.once('exit', done))).toBe(0)
})

describe('the connections of an earlier owner', () => {
  const open = () => Database.open({ url: fresh.url, owner: true })

  test('what was sent over them has ended before anything is read', async () => {
    const [earlier, later] = await Promise.all([open(), open()])
    const sent = earlier
      .query('insert into item select 4711, 1 from pg_sleep(0.3)')
      .then(() => earlier.close())
    await until(
      async () =>
        (
          await db.query(
            `select 1 from pg_stat_activity where query like '%4711%' and state = 'active' and pid <> pg_backend_pid()`,
          )
        ).length > 0,
    )
    await later.fence(10_000)
    expect(await count('id = 4711')).toBe(1)
    await sent
    await later.close()
  })

  test('those that stay are ended; those of tools are left alone', async () => {
    const [earlier, later, tool] = await Promise.all([open(), open(), Database.open({ url: fresh.url })])
    const pid = async (of: Database) =>
      (await of.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid
    const [before, kept] = await Promise.all([pid(earlier), pid(tool)])
    await later.fence(0)
    expect(await pid(earlier)).not.toBe(before)
    expect(await pid(tool)).toBe(kept)
    await Promise.all([earlier, later, tool].map((each) => each.close()))
  })
})
