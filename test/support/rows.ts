import { deliveryId, matrixRoomId, remoteChatId } from '../../src/model/ids.ts'
import type { PortalId } from '../../src/model/ids.ts'
import type { Database } from '../../src/store/db.ts'
import { insertDeliveries } from '../../src/store/delivery.ts'
import type { Delivery, NewDelivery } from '../../src/store/delivery.ts'
import { showDelivery } from '../../src/store/ledger-view.ts'
import { updatePortal, upsertPortal } from '../../src/store/portal.ts'

/** A portal of a channel, with a room when one is named. */
export async function portalOf(db: Database, channel: string, room?: string): Promise<PortalId> {
  const { id } = await upsertPortal(db, {
    network: 'irc',
    id: remoteChatId(`fake/${channel}`),
    type: 'channel',
    name: channel,
  })
  if (room !== undefined) await updatePortal(db, id, { roomId: matrixRoomId(room) })
  return id
}

export const newRow = (
  portal: PortalId,
  sourceId: string,
  change: Partial<NewDelivery> = {},
): NewDelivery => ({
  direction: 'to_remote',
  portal,
  sourceId,
  kind: 'message',
  sender: '@alice:sim.local',
  body: { text: sourceId },
  at: new Date('2026-01-01T00:00:00Z'),
  ...change,
})

/** Queues `count` messages named `<prefix><n>`. */
export async function queue(db: Database, portal: PortalId, count: number, prefix = '$e'): Promise<void> {
  await insertDeliveries(
    db,
    Array.from({ length: count }, (_, i) => newRow(portal, `${prefix}${i}`)),
  )
}

/** The row of a source. @throws when there is none */
export async function rowOf(db: Database, sourceId: string): Promise<Delivery> {
  const [found] = await db.query<{ id: number }>('select id from delivery where source_id = $1', [sourceId])
  const row = found && (await showDelivery(db, deliveryId(found.id)))
  if (!row) throw new Error(`no delivery of ${sourceId}`)
  return row
}
