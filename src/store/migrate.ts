import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, ViaductError } from '../model/errors.ts'
import type { Database, Tx } from './db.ts'

type Migration = { version: number; name: string; sha256: string; sql: string }
type Applied = { version: number; name: string; sha256: string }

/** Any constant will do; it only must not be another lock's. */
const LOCK = 7_286_531_001

const DEFAULT_FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url))

/**
 * Brings the schema to the newest file of `folder` (`0001-name.sql`, numbered without gaps). Each file runs in its own
 * transaction, under a lock, so that several processes may start at once. A file must hold no COMMIT.
 * @returns the version found and the version now in the database.
 * @throws ViaductError `database_newer` when the database is ahead of the files; `bad_config` when the files are not
 *   those that made the database.
 */
export async function migrate(
  db: Database,
  folder: string = DEFAULT_FOLDER,
): Promise<{ from: number; to: number }> {
  const files = await readFolder(folder)
  let from: number | undefined
  for (;;) {
    const { found, done } = await db.tx((tx) => step(tx, files), { statementTimeoutMs: 0 })
    from ??= found
    if (done) return { from, to: files.length }
  }
}

/** Applies the first missing file. `found` is the version before it. */
async function step(tx: Tx, files: Migration[]): Promise<{ found: number; done: boolean }> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCK])
  await tx.query(`create table if not exists schema_migration (
    version int primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`)
  const applied = await tx.query<Applied>(
    'select version, name, sha256 from schema_migration order by version',
  )
  checkApplied(applied, files)
  const next = files[applied.length]
  if (next === undefined) return { found: applied.length, done: true }
  await tx.query(next.sql).catch((error: unknown) => {
    throw new ViaductError('internal', `migration ${next.name}: ${messageOf(error)}`, { cause: error })
  })
  await tx.query('insert into schema_migration (version, name, sha256) values ($1, $2, $3)', [
    next.version,
    next.name,
    next.sha256,
  ])
  return { found: applied.length, done: false }
}

function checkApplied(applied: Applied[], files: Migration[]): void {
  if (applied.length > files.length) {
    throw new ViaductError(
      'database_newer',
      `The database is at schema version ${applied.length}, this program knows versions up to ${files.length}. ` +
        'Start the newer version again, or restore a backup that was made before the upgrade.',
    )
  }
  for (const [index, row] of applied.entries()) {
    const file = files[index]
    if (file === undefined || row.version !== file.version || row.sha256 !== file.sha256) {
      throw new ViaductError(
        'bad_config',
        `Migration ${row.name} was changed after it was applied to this database. ` +
          'Put the original file back (reinstall this version); changes belong in a new file.',
      )
    }
  }
}

async function readFolder(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1])
      if (version !== index + 1) throw new Error(`migration files must be numbered 0001-name.sql on: ${name}`)
      // A checkout may have changed the line ends.
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n')
      return { version, name, sha256: createHash('sha256').update(sql).digest('hex'), sql }
    }),
  )
}
