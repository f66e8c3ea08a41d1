import { expect, test } from 'vitest'
import { ViaductError } from '../../../src/model/errors.ts'
import { GroupCommit } from '../../../src/store/group-commit.ts'

/** A run that the test ends by hand, and what each run was given. */
function manual<Out>() {
  const batches: number[][] = []
  const ends: { resolve: (out: Out[]) => void; reject: (error: unknown) => void }[] = []
  const group = new GroupCommit<number, Out>({
    maxBatch: 3,
    run: (batch) => {
      batches.push(batch)
      return new Promise((resolve, reject) => ends.push({ resolve, reject }))
    },
  })
  const end = async (index: number, how: (end: (typeof ends)[number]) => void) => {
    const found = ends[index]
    if (found === undefined) throw new Error('that run has not begun')
    how(found)
    await new Promise((done) => setImmediate(done))
  }
  return { group, batches, end }
}

test('items that arrive during a run are put together in the next ones', async () => {
  const { group, batches, end } = manual<string>()
  const first = group.push(1)
  await Promise.resolve()
  expect(batches).toEqual([[1]])
  const rest = [2, 3, 4, 5].map((item) => group.push(item))
  await Promise.resolve()
  expect(batches).toEqual([[1]])
  await end(0, ({ resolve }) => resolve(['a']))
  expect(await first).toBe('a')
  expect(batches).toEqual([[1], [2, 3, 4]])
  await end(1, ({ resolve }) => resolve(['b', 'c', 'd']))
  await end(2, ({ resolve }) => resolve(['e']))
  expect(await Promise.all(rest)).toEqual(['b', 'c', 'd', 'e'])
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  const later = group.push(6)
  await Promise.resolve()
  await end(3, ({ resolve }) => resolve(['f']))
  expect(await later).toBe('f')
})

test('an item pushed in the same turn joins the first run', async () => {
  const { group, batches, end } = manual<string>()
  const both = Promise.all([group.push(1), group.push(2)])
  await Promise.resolve()
  await end(0, ({ resolve }) => resolve(['a', 'b']))
  expect(await both).toEqual(['a', 'b'])
  expect(batches).toEqual([[1, 2]])
})

test('a bad item fails alone', async () => {
  const runs: number[][] = []
  const group = new GroupCommit<number, void>({
    maxBatch: 10,
    run: async (batch) => {
      runs.push(batch)
      if (batch.includes(2)) throw Object.assign(new Error('bad row'), { code: '23514' })
      return batch.map(() => undefined)
    },
  })
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.push(item)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(runs).toEqual([[1, 2, 3], [1], [2], [3]])
})

test.each(['database_down', 'database_full'] as const)('%s rejects the whole run at once', async (code) => {
  let runs = 0
  const group = new GroupCommit<number, void>({
    maxBatch: 10,
    run: async () => {
      runs++
      throw new ViaductError(code)
    },
  })
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.push(item)))
  expect(results).toEqual(results.map(() => ({ status: 'rejected', reason: new ViaductError(code) })))
  expect(runs).toBe(1)
})

test('a database that goes away between single runs rejects the remaining ones', async () => {
  const runs: number[][] = []
  const group = new GroupCommit<number, void>({
    maxBatch: 10,
    run: async (batch) => {
      runs.push(batch)
      if (batch.length > 1) throw new Error('bad row')
      if (batch.includes(2)) throw new ViaductError('database_down')
      return [undefined]
    },
  })
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.push(item)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(runs).toEqual([[1, 2, 3], [1], [2]])
})

test('a run that answers another number of results rejects its items', async () => {
  const group = new GroupCommit<number, number>({ maxBatch: 10, run: async () => [] })
  await expect(group.push(1)).rejects.toThrow('another number of results')
})
