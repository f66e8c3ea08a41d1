import { randomBytes } from 'node:crypto'
import { Database } from '../../src/store/db.ts'
import type { ConnectionParts } from '../../src/store/db.ts'

export type FreshDatabase = {
  db: Database
  connection: ConnectionParts
  /** The same as one string, for a child process's configuration. */
  url: string
  /** Closes `db` and drops the database, cutting whoever still uses it. */
  drop: () => Promise<void>
}

/** The server of this test run. */
export function testServer(): ConnectionParts {
  const json = process.env['VIADUCT_TEST_PG']
  if (json === undefined)
    throw new Error('VIADUCT_TEST_PG is not set: is test/support/global-setup.ts in use?')
  return JSON.parse(json)
}

/** A database of its own with the schema of src/store/migrations; `empty` has none. */
export async function freshDatabase(options: { empty?: boolean } = {}): Promise<FreshDatabase> {
  const server = testServer()
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
  const template = options.empty === true ? 'template0' : process.env['VIADUCT_TEST_TEMPLATE']
  if (template === undefined) throw new Error(`no template: ${process.env['VIADUCT_TEST_TEMPLATE_ERROR']}`)
  await asAdmin((admin) => admin.query(`create database ${name} template ${template} strategy file_copy`))
  const connection = { ...server, database: name }
  const db = await Database.open({ connection })
  return {
    db,
    connection,
    url: urlOf(connection),
    async drop() {
      await db.close()
      await asAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** Runs `fn` on the server's own database; which other test files use at the same time. */
export async function asAdmin<T>(fn: (admin: Database) => Promise<T>): Promise<T> {
  const admin = await Database.open({ connection: testServer(), poolSize: 1 })
  try {
    return await fn(admin)
  } finally {
    await admin.close()
  }
}

function urlOf({ host, port, user, database, password }: ConnectionParts): string {
  const query = new URLSearchParams({
    host,
    port: String(port),
    user,
    ...(password !== undefined && { password }),
  })
  return `postgresql:///${database}?${query.toString()}`
}
