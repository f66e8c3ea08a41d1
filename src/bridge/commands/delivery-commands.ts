import { ViaductError } from '../../model/errors.ts'
import type { Direction } from '../../model/delivery.ts'
import { deliveryId } from '../../model/ids.ts'
import type { PortalId } from '../../model/ids.ts'
import type { Database } from '../../store/db.ts'
import type { Delivery } from '../../store/delivery.ts'
import { failedBySource, requeue, showDelivery } from '../../store/ledger-view.ts'
import { mayAtLeast } from '../permissions.ts'
import type { Command, CommandContext } from './command.ts'

/** Commands about what was not delivered. */
export function deliveryCommands(deps: {
  db: Database
  wake(direction: Direction, portal: PortalId): void
}): Command[] {
  return [
    {
      name: 'retry',
      usage: 'retry [number]',
      help: 'send a message again that was not delivered: by its number, or as a reply to it',
      needs: 'relay',
      async run(context, [number]) {
        const row = await find(deps.db, context, number)
        if (!row) throw new ViaductError('bad_request', 'There is no such undelivered message.')
        if (row.sender !== context.user && !mayAtLeast(context.level, 'admin'))
          throw new ViaductError('not_permitted')
        const lanes = await requeue(deps.db, [row.id])
        if (lanes.length === 0)
          throw new ViaductError('bad_request', 'That message is not kept any more, or was sent since.')
        for (const lane of lanes) deps.wake(lane.direction, lane.portal)
        return 'It is being sent again.'
      },
    },
  ]
}

async function find(db: Database, context: CommandContext, number?: string): Promise<Delivery | undefined> {
  if (number !== undefined) {
    if (!/^\d{1,15}$/.test(number))
      throw new ViaductError('bad_request', 'Say the number from the notice, as in: retry 42')
    const row = await showDelivery(db, deliveryId(Number(number)))
    return row?.direction === 'to_remote' ? row : undefined
  }
  if (context.replyTo === undefined) {
    throw new ViaductError('bad_request', 'Say the number from the notice, or reply to the message.')
  }
  const direct = await failedBySource(db, context.replyTo)
  if (direct) return direct
  const [status] = await db.query<{ key: string }>(
    `select remote_id as key from message where event_id = $1 and remote_id like 'status:%'`,
    [context.replyTo],
  )
  const id = status && Number(status.key.slice('status:'.length))
  return id === undefined ? undefined : showDelivery(db, deliveryId(id))
}
