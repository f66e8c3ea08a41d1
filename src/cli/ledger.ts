import { CONFIG_FLAG, UsageError } from './command.ts'
import type { Command } from './command.ts'
import { changeDeliveries } from './ledger-change.ts'
import { list, show } from './ledger-read.ts'
import { openDatabase, requireSchema } from './open-database.ts'
import { settingsFor } from './settings.ts'
import { nearest } from '../config/nearest.ts'

const ACTIONS = ['list', 'show', 'retry', 'discard'] as const

export const ledgerCommand: Command = {
  name: 'ledger',
  usage: 'list | show ID | retry ID... | discard ID...',
  summary: 'Look at deliveries, try failed ones again, give up waiting ones',
  details: [
    'retry takes what failed (rejected, unknown, expired); discard takes what waits (queued, sending, parked).',
    'Both take ids, or --state, --direction, --room and --sender for all that match.',
    'A running bridge notices at once; it need not be stopped.',
  ],
  words: 1000,
  flags: {
    ...CONFIG_FLAG,
    state: {
      type: 'string',
      value: 'STATE',
      multiple: true,
      help: 'queued, sending, parked, delivered, rejected, unknown, expired; or failed, waiting',
    },
    direction: { type: 'string', value: 'DIRECTION', help: 'to_remote or to_matrix' },
    room: { type: 'string', value: 'ID', help: 'only of this Matrix room' },
    sender: { type: 'string', value: 'ID', help: 'only from this sender' },
    limit: { type: 'string', value: 'N', help: 'rows at most: 50 if not given' },
    body: { type: 'boolean', help: 'show what was written, too' },
    why: { type: 'string', value: 'TEXT', help: 'reason of a discard, shown to the sender' },
    json: { type: 'boolean', help: 'one JSON object per row' },
  },
  async run(input, io) {
    const [action, ...words] = input.positionals
    const known = ACTIONS.find((one) => one === action)
    if (known === undefined) throw unknownAction(action)
    if (known === 'list' && words.length > 0) throw new UsageError(`Too many words: ${words.join(' ')}`)
    const { config, secrets } = settingsFor(input, io)
    const database = await openDatabase(config, secrets, { poolSize: 2 })
    try {
      await requireSchema(database.db)
      if (known === 'list') return await list(database.db, input, io)
      if (known === 'show') return await show(database.db, words, input, io)
      return await changeDeliveries(known, database.db, words, input, io)
    } finally {
      await database.close()
    }
  },
}

function unknownAction(action: string | undefined): UsageError {
  const meant = action === undefined ? undefined : nearest(action, ACTIONS)
  if (meant !== undefined) return new UsageError(`Unknown action: ${action}. Did you mean ${meant}?`)
  return new UsageError(`Say what to do: ${ACTIONS.join(', ')}`)
}
