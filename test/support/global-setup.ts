import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../src/store/db.ts'
import type { ConnectionParts } from '../../src/store/db.ts'
import { startEmbedded } from '../../src/store/embedded/start.ts'
import { migrate } from '../../src/store/migrate.ts'

/** The name of the environment variable that carries the server's `ConnectionParts` as JSON to tests and children. */
const VARIABLE = 'VIADUCT_TEST_PG'

/**
 * One server for the whole run, without fsync, and in it a template with the schema, which `freshDatabase` clones. A
 * server named by the environment variable is used instead.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env[VARIABLE] !== undefined) return makeTemplate(JSON.parse(process.env[VARIABLE]))
  const folder = await mkdtemp(join(tmpdir(), 'viaduct-test-'))
  const server = await startEmbedded({ dataDir: join(folder, 'pg'), unsafeNoSync: true }).catch(
    async (error: unknown) => {
      await rm(folder, { recursive: true, force: true })
      throw error
    },
  )
  process.env[VARIABLE] = JSON.stringify(server.connection)
  await makeTemplate(server.connection)
  return async () => {
    Reflect.deleteProperty(process.env, VARIABLE)
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A schema that does not apply fails the tests that want a database, with its own error, and no others. */
async function makeTemplate(connection: ConnectionParts): Promise<() => Promise<void>> {
  const name = `viaduct_template_${process.pid}`
  const drop = async () => {
    const admin = await Database.open({ connection })
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.close()
  }
  const admin = await Database.open({ connection })
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.query(`create database ${name} template template0`)
  await admin.close()
  const template = await Database.open({ connection: { ...connection, database: name } })
  try {
    await migrate(template)
    process.env['VIADUCT_TEST_TEMPLATE'] = name
  } catch (error) {
    process.env['VIADUCT_TEST_TEMPLATE_ERROR'] = String(error)
  } finally {
    await template.close()
  }
  return drop
}
