import { expect, test } from 'vitest'
import { freshDatabase } from '../../support/database.ts'
import { Database } from '../../../src/store/db.ts'

test('a fresh database is a clone of the template, and its url works', async () => {
  const { db, url, drop } = await freshDatabase()
  const [row] = await db.query<{ n: number }>('select count(*) as n from schema_migration')
  expect(row?.n).toBeGreaterThan(0)
  const other = await Database.open({ url })
  expect(await other.query('select current_database() as name')).toEqual(
    await db.query('select current_database() as name'),
  )
  await other.close()
  await drop()
})
