import { afterAll, beforeAll, expect, test } from 'vitest'
import { together } from '../../../src/store/together.ts'
import { freshDatabase } from '../../support/database.ts'
import type { FreshDatabase } from '../../support/database.ts'

let database: FreshDatabase

beforeAll(async () => {
  database = await freshDatabase({ empty: true })
  await database.db.query('create table a (n int primary key); create table b (n int primary key, word text)')
})

afterAll(() => database.drop())

const insertA = (n: number) => ({ text: 'insert into a (n) values ($1)', values: [n] })
const insertB = (n: number, word: string) => ({
  text: 'insert into b (word, n) values ($2, $1) returning n, word',
  values: [n, word],
})
const rowsOf = (table: string) => database.db.query(`select * from ${table} order by n`)

test('each keeps its own values, and the rows are those of the last', async () => {
  const twelve = { text: `insert into a (n) select * from unnest($1::int[])`, values: [[1, 2, 3]] }
  expect(await database.db.once([twelve, insertA(10), insertB(7, 'seven')])).toEqual([
    { n: 7, word: 'seven' },
  ])
  expect(await rowsOf('a')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 10 }])
})

test('when one fails, none has happened', async () => {
  await expect(database.db.once([insertA(20), insertB(7, 'again')])).rejects.toThrow(/duplicate key/)
  expect(await rowsOf('a')).not.toContainEqual({ n: 20 })
})

test('more than nine values are counted on, not mixed up', () => {
  const many = { text: 'select $1, $10, $11', values: Array.from({ length: 11 }, (_, i) => i) }
  expect(together([many, many])).toEqual({
    text: 'with part_0 as (select $1, $10, $11) select $12, $21, $22',
    values: [...many.values, ...many.values],
  })
})

test('one statement stays as it is, none is nothing', async () => {
  expect(together([insertA(1)])).toEqual(insertA(1))
  expect(together([])).toBeUndefined()
  expect(await database.db.once([])).toEqual([])
})
