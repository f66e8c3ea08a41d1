import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../src/store/db.ts'
import type { ConnectionParts } from '../../src/store/db.ts'
import { startEmbedded } from '../../src/store/embedded/start.ts'
import { migrate } from '../../src/store/migrate.ts'

export type BenchServer = {
  /** A folder that is removed at the end. */
  folder: string
  /** A new database with the schema. */
  fresh(): Promise<{ db: Database; connection: ConnectionParts }>
  close(): Promise<void>
}

/** The embedded server as in production, with fsync, in a folder of its own. */
export async function startServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'viaduct-bench-'))
  const server = await startEmbedded({ dataDir: join(folder, 'postgres') })
  const open: Database[] = []
  return {
    folder,
    async fresh() {
      const name = `bench_${open.length}`
      const admin = await Database.open({ connection: server.connection, poolSize: 1 })
      await admin.query(`create database ${name}`)
      await admin.close()
      const connection: ConnectionParts = { ...server.connection, database: name }
      const db = await Database.open({ connection })
      open.push(db)
      await migrate(db)
      return { db, connection }
    },
    async close() {
      for (const db of open) await db.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
