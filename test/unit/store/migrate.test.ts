import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Database } from '../../../src/store/db.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let fresh: FreshDatabase
let folder = ''

beforeEach(async () => {
  fresh = await freshDatabase({ empty: true })
  folder = await mkdtemp(join(tmpdir(), 'viaduct-migrations-'))
})

afterEach(async () => {
  await fresh.drop()
  await rm(folder, { recursive: true, force: true })
})

const FIRST = 'create table a (id int);\ninsert into a values (1);\n'
const SECOND = 'alter table a add column b text'

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
}

test('applies the missing files in order, once', async () => {
  expect(await migrate(fresh.db, folder)).toEqual({ from: 0, to: 0 })
  await write({ '0001-first.sql': FIRST, 'notes.txt': 'no migration' })
  expect(await migrate(fresh.db, folder)).toEqual({ from: 0, to: 1 })
  await write({ '0002-second.sql': SECOND, '0003-third.sql': `insert into a values (2, 'x')` })
  expect(await migrate(fresh.db, folder)).toEqual({ from: 1, to: 3 })
  expect(await migrate(fresh.db, folder)).toEqual({ from: 3, to: 3 })
  expect(await fresh.db.query('select id, b from a order by id')).toEqual([
    { id: 1, b: null },
    { id: 2, b: 'x' },
  ])
  expect(await fresh.db.query('select version, name from schema_migration order by version')).toEqual([
    { version: 1, name: '0001-first.sql' },
    { version: 2, name: '0002-second.sql' },
    { version: 3, name: '0003-third.sql' },
  ])
})

test('several that start at once apply each file once', async () => {
  await write({ '0001-first.sql': FIRST, '0002-slow.sql': 'select pg_sleep(0.2)', '0003-second.sql': SECOND })
  const others = await Promise.all([1, 2, 3].map(() => Database.open({ connection: fresh.connection })))
  const results = await Promise.all([fresh.db, ...others].map((db) => migrate(db, folder)))
  expect(results.map(({ to }) => to)).toEqual([3, 3, 3, 3])
  expect(await fresh.db.query('select id from a')).toEqual([{ id: 1 }])
  await Promise.all(others.map((db) => db.close()))
})

test('two processes that start at once apply each file once', async () => {
  await write({ '0001-first.sql': FIRST, '0002-slow.sql': 'select pg_sleep(0.2)', '0003-second.sql': SECOND })
  const source = (file: string) => new URL(`../../../src/store/${file}`, import.meta.url).href
  const script = `
    import { Database } from '${source('db.ts')}'
    import { migrate } from '${source('migrate.ts')}'
    const db = await Database.open({ url: process.argv[1] })
    const { to } = await migrate(db, process.argv[2])
    await db.close()
    process.exitCode = to === 3 ? 0 : 1`
  const exits = [1, 2].map(() => {
    const args = ['--input-type=module', '-e', script, fresh.url, folder]
    const child = spawn(process.execPath, args, { stdio: 'inherit' })
    return new Promise((done) => child.once('exit', done))
  })
  expect(await Promise.all(exits)).toEqual([0, 0])
  expect(await fresh.db.query('select id from a')).toEqual([{ id: 1 }])
})

test('a file that fails undoes itself alone and is named', async () => {
  await write({ '0001-first.sql': FIRST, '0002-bad.sql': 'insert into a values (2);\nselect 1/0;' })
  await expect(migrate(fresh.db, folder)).rejects.toThrow('0002-bad.sql: division by zero')
  expect(await fresh.db.query('select id from a')).toEqual([{ id: 1 }])
  await write({ '0002-bad.sql': 'insert into a values (3)' })
  expect(await migrate(fresh.db, folder)).toEqual({ from: 1, to: 2 })
})

test('is not stopped by the limit on a statement', async () => {
  await write({ '0001-slow.sql': 'select pg_sleep(0.3)' })
  const hasty = await Database.open({ connection: fresh.connection, statementTimeoutMs: 50 })
  expect(await migrate(hasty, folder)).toEqual({ from: 0, to: 1 })
  await hasty.close()
})

test('a database that is ahead of the files is refused and left alone', async () => {
  await write({ '0001-first.sql': FIRST, '0002-second.sql': SECOND })
  await migrate(fresh.db, folder)
  await rm(join(folder, '0002-second.sql'))
  const message = expect.stringMatching(/schema version 2.* up to 1.*newer version/)
  await expect(migrate(fresh.db, folder)).rejects.toMatchObject({ code: 'database_newer', message })
})

test('a file that was changed after it was applied is refused, line ends aside', async () => {
  await write({ '0001-first.sql': FIRST })
  await migrate(fresh.db, folder)
  await write({ '0001-first.sql': FIRST.replaceAll('\n', '\r\n'), '0002-second.sql': SECOND })
  expect(await migrate(fresh.db, folder)).toEqual({ from: 1, to: 2 })
  await write({ '0001-first.sql': `${FIRST}-- changed` })
  const message = expect.stringContaining('0001-first.sql')
  await expect(migrate(fresh.db, folder)).rejects.toMatchObject({ code: 'bad_config', message })
})

test.each(['0002-gap.sql', '1-short.sql', '0001-Upper.sql'])('the file name %s is refused', async (name) => {
  await write({ [name]: FIRST })
  await expect(migrate(fresh.db, folder)).rejects.toThrow(name)
})
