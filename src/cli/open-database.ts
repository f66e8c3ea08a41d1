import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { databaseUrl } from '../config/index.ts'
import type { Config, Secrets } from '../config/index.ts'
import { ViaductError } from '../model/errors.ts'
import { Database } from '../store/db.ts'
import { startEmbedded } from '../store/embedded/start.ts'

export type OpenDatabase = {
  db: Database
  /** The embedded server runs as long as this is open, unless a running bridge has it. */
  embedded: boolean
  close(): Promise<void>
}

/**
 * Opens the database of the configuration: the one of its URL, else the embedded one, which is started or, when a
 * bridge runs, shared with it.
 * @throws ViaductError `database_down`, `bad_config`, `database_full`
 */
export async function openDatabase(
  config: Config,
  secrets: Secrets,
  options: { poolSize?: number; log?: (line: string) => void } = {},
): Promise<OpenDatabase> {
  const { url, dataDir, poolSize } = config.database
  const common = { poolSize: options.poolSize ?? poolSize, ...(options.log && { log: options.log }) }
  if (url !== undefined) {
    const db = await Database.open({ url: databaseUrl(url, secrets), ...common })
    return { db, embedded: false, close: () => db.close() }
  }
  const server = await startEmbedded({
    dataDir: embeddedFolder(dataDir),
    ...(options.log && { log: options.log }),
  })
  try {
    const db = await Database.open({ connection: server.connection, ...common })
    return {
      db,
      embedded: true,
      async close() {
        await db.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The folder of the embedded server's files. */
export const embeddedFolder = (dataDir: string): string => join(dataDir, 'postgres')

export type SchemaState = { version: number; newest: number }

/** The schema's version in the database, and the newest that this program has; nothing is changed. */
export async function schemaState(db: Database): Promise<SchemaState> {
  const files = await readdir(new URL('../store/migrations/', import.meta.url))
  const newest = files.filter((name) => name.endsWith('.sql')).length
  const [found] = await db.query<{ there: boolean }>(
    `select to_regclass('schema_migration') is not null as there`,
  )
  if (found?.there !== true) return { version: 0, newest }
  const [row] = await db.query<{ version: number | null }>(
    'select max(version) as version from schema_migration',
  )
  return { version: row?.version ?? 0, newest }
}

/** @throws ViaductError when the schema is not the one that this program works with */
export async function requireSchema(db: Database): Promise<void> {
  const { version, newest } = await schemaState(db)
  if (version === newest) return
  if (version > newest) {
    throw new ViaductError(
      'database_newer',
      `The database is at schema version ${version}, this program at ${newest}.`,
    )
  }
  throw new ViaductError(
    'bad_config',
    `The database is at schema version ${version} of ${newest}. Run: viaduct migrate`,
  )
}
