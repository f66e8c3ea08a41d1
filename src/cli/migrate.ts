import { migrate } from '../store/migrate.ts'
import { CONFIG_FLAG } from './command.ts'
import type { Command } from './command.ts'
import { openDatabase } from './open-database.ts'
import { settingsFor } from './settings.ts'

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the database to the schema of this version (run does it as well)',
  flags: CONFIG_FLAG,
  async run(input, io) {
    const { config, secrets } = settingsFor(input, io)
    const database = await openDatabase(config, secrets, { poolSize: 2 })
    try {
      const { from, to } = await migrate(database.db)
      io.out(
        from === to ? `The database is at version ${to} already.` : `Migrated from version ${from} to ${to}.`,
      )
      return 0
    } finally {
      await database.close()
    }
  },
}
