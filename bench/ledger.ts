import { performance } from 'node:perf_hooks'
import { Lanes } from '../src/bridge/lanes.ts'
import type { Deliverer } from '../src/bridge/lane.ts'
import { Settler } from '../src/bridge/settlement.ts'
import { systemClock } from '../src/model/clock.ts'
import type { Database } from '../src/store/db.ts'
import { testLog } from '../test/support/settings.ts'
import { startServer } from './support/database.ts'
import { figure, perSecond, rate, syncCosts, spread, title } from './support/figures.ts'

/** How fast lanes take rows from the ledger and write their outcomes, when delivering costs nothing. */
const EVEN = { portals: 1_000, rows: 100 }
const SINGLE = { portals: 1, rows: 50_000 }
const MAX_MS = 30_000

async function fill(db: Database, load: typeof EVEN): Promise<void> {
  await db.query(
    `insert into portal (network, chat_id, type) select 'irc', 'net/#' || i, 'channel' from generate_series(1, $1::int) i`,
    [load.portals],
  )
  // Turn by turn over the portals, as messages come.
  await db.query(
    `insert into delivery (direction, portal_id, source_id, kind, sender, body, at)
     select 'to_matrix', p.id, 'source-' || row, 'message', 'net/bob',
            convert_to('{"kind":"message","content":{"kind":"text","body":"' || repeat('words ', 20) || '"}}', 'utf8'), now()
     from generate_series(1, $1::int) row, portal p order by row, p.id`,
    [load.rows],
  )
  await db.query('analyze delivery')
}

/** Resolves when everything is delivered, or after `MAX_MS`. */
async function drain(
  db: Database,
  total: number,
): Promise<{ count: number; ms: number; outOfOrder: number }> {
  const newest = new Map<number, number>()
  let [count, outOfOrder] = [0, 0]
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const instant: Deliverer = {
    maxAgeMs: Number.POSITIVE_INFINITY,
    attempt: (row) =>
      Promise.resolve({ kind: 'end', settlement: { change: { id: row.id, state: 'delivered' } } }),
    expire: () => Promise.reject(new Error('nothing expires here')),
  }
  const lanes: Lanes = new Lanes(
    {
      db,
      clock: systemClock,
      log: testLog,
      settler: new Settler(db, systemClock, (direction, portal) => lanes.wake(direction, portal)),
      events: {
        ended(row) {
          if ((newest.get(row.portal) ?? 0) > row.id) outOfOrder += 1
          newest.set(row.portal, row.id)
          count += 1
          if (count === total) finish()
        },
        retried() {},
      },
    },
    { to_remote: instant, to_matrix: instant },
  )
  const timeout = setTimeout(finish, MAX_MS)
  const began = performance.now()
  await lanes.prepare()
  await lanes.sweep()
  await finished
  const ms = performance.now() - began
  const done = count
  clearTimeout(timeout)
  await lanes.stop()
  return { count: done, ms, outOfOrder }
}

async function measure(name: string, load: typeof EVEN): Promise<number> {
  const { db } = await server.fresh()
  await fill(db, load)
  const before = process.cpuUsage()
  const run = await drain(db, load.portals * load.rows)
  const used = process.cpuUsage(before)
  const cpuUs = (used.user + used.system) / run.count
  figure(name, rate(perSecond(run), 'rows'), `${run.count} rows, ${run.outOfOrder} out of order`)
  figure(`${name}: CPU of the bridge's process`, `${cpuUs.toFixed(0)} µs per row`)
  return perSecond(run)
}

title('Ledger: lanes with a deliverer that costs nothing, one COMMIT with fsync before a lane goes on')
const server = await startServer()
try {
  figure('this disk: write and sync 8 KiB', spread(syncCosts(server.folder)))
  const even = await measure('1,000 portals with 100 rows each', EVEN)
  const single = await measure('1 portal with 50,000 rows', SINGLE)
  figure('even to single', (even / single).toFixed(1), 'rows of one portal wait for each other, by design')
} finally {
  await server.close()
}
