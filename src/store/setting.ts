import type { Queryable } from './db.ts'

export async function readSetting(db: Queryable, key: string): Promise<Buffer | undefined> {
  const [row] = await db.query<{ value: Buffer }>('select value from setting where key = $1', [key])
  return row?.value
}

export async function writeSetting(db: Queryable, key: string, value: Buffer): Promise<void> {
  await db.query(
    'insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
    [key, value],
  )
}

/** The value under `key`, or `fresh` kept there now; two processes that ask at once get the same. */
export async function settingOrNew(db: Queryable, key: string, fresh: () => Buffer): Promise<Buffer> {
  await db.query('insert into setting (key, value) values ($1, $2) on conflict (key) do nothing', [
    key,
    fresh(),
  ])
  const value = await readSetting(db, key)
  if (!value) throw new Error('setting vanished after its insert')
  return value
}

export async function deleteSetting(db: Queryable, key: string): Promise<void> {
  await db.query('delete from setting where key = $1', [key])
}
