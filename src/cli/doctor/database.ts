import type { Config, Secrets } from '../../config/index.ts'
import { messageOf } from '../../model/errors.ts'
import { openDatabase, schemaState } from '../open-database.ts'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** The database: that it opens, and which schema it has. */
export async function checkDatabase(config: Config, secrets: Secrets): Promise<Finding[]> {
  let database
  try {
    database = await openDatabase(config, secrets, { poolSize: 2 })
  } catch (error) {
    const mend =
      config.database.url === undefined
        ? 'mend what it says, or set database.url to a PostgreSQL of yours'
        : 'start PostgreSQL, or mend database.url and database_password of secrets.yaml'
    return [fault('database', messageOf(error), mend)]
  }
  try {
    const [server] = await database.db.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    )
    const kind = database.embedded ? 'embedded PostgreSQL' : 'PostgreSQL'
    const opened = ok('database', `${kind} ${server?.version ?? ''}`.trim())
    const { version, newest } = await schemaState(database.db)
    if (version > newest) {
      const text = `version ${version} in the database, ${newest} in this program`
      return [
        opened,
        fault('schema', text, 'run the newer program again, or restore a backup from before the upgrade'),
      ]
    }
    if (version < newest) {
      return [
        opened,
        warning('schema', `version ${version} of ${newest}`, 'nothing to do: run brings it up to date'),
      ]
    }
    return [opened, ok('schema', `version ${version}`)]
  } catch (error) {
    return [fault('database', messageOf(error))]
  } finally {
    await database.close()
  }
}
