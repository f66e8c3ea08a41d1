import { UNFINISHED } from '../model/delivery.ts'
import type { DeliveryState } from '../model/delivery.ts'
import type { DeliveryId } from '../model/ids.ts'
import type { Database } from '../store/db.ts'
import { discard, listDeliveries, requeue, showDelivery } from '../store/ledger-view.ts'
import { UsageError } from './command.ts'
import type { Input, Io } from './command.ts'
import { FAILED, filterOf, idsOf } from './ledger-filter.ts'

/** A running bridge listens to this. */
export const WAKE_CHANNEL = 'viaduct_wake'

const ALL = 1_000_000
const WORDS = { retry: 'queued again', discard: 'discarded' } as const

/** Queues failed deliveries again, or gives up waiting ones, and wakes the bridge. */
export async function changeDeliveries(
  action: 'retry' | 'discard',
  db: Database,
  words: string[],
  input: Input,
  io: Io,
): Promise<number> {
  const can = action === 'retry' ? FAILED : UNFINISHED
  const ids = await chosen(can, db, words, input)
  if (ids.length === 0) {
    io.out('No deliveries match.')
    return 0
  }
  const why = input.text('why') ?? 'discarded by the administrator'
  const changed = action === 'retry' ? await requeue(db, ids) : await discard(db, ids, why)
  await db.query('select pg_notify($1, $2)', [WAKE_CHANNEL, ''])
  if (input.on('json')) io.out(JSON.stringify({ asked: ids.length, changed: changed.length }))
  else io.out(`${changed.length} of ${ids.length} ${WORDS[action]}.`)
  if (changed.length === ids.length) return 0
  if (words.length > 0) for (const id of ids) await explain(action, can, db, id, io)
  return changed.length === 0 ? 1 : 0
}

async function chosen(
  can: readonly DeliveryState[],
  db: Database,
  words: string[],
  input: Input,
): Promise<DeliveryId[]> {
  if (words.length > 0) return idsOf(words)
  const filter = filterOf(input, ALL)
  const narrowed = ['state', 'direction', 'room', 'sender'].some((flag) => input.text(flag) !== undefined)
  if (!narrowed) throw new UsageError('Say which: ids, or --state, --direction, --room, --sender')
  const states = filter.states ?? can
  const wrong = states.find((state) => !can.includes(state))
  if (wrong !== undefined)
    throw new UsageError(`A delivery that is ${wrong} cannot be chosen; only ${can.join(', ')}`)
  const lines = await listDeliveries(db, { ...filter, states: [...states] })
  return lines.map((line) => line.id)
}

async function explain(
  action: 'retry' | 'discard',
  can: readonly DeliveryState[],
  db: Database,
  id: DeliveryId,
  io: Io,
): Promise<void> {
  const row = await showDelivery(db, id)
  if (row === undefined) io.err(`${id}: there is no such delivery`)
  else if (action === 'retry' && row.state !== 'queued' && row.body.length === 0) {
    io.err(`${id}: its text is past its retention and cannot be sent again`)
  } else if (!can.includes(row.state) && !(action === 'retry' && row.state === 'queued')) {
    io.err(`${id}: is ${row.state}`)
  }
}
