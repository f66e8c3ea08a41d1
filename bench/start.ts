import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { freePort } from '../test/real/servers/server-process.ts'
import { SimHomeserver } from '../test/sim/homeserver/index.ts'
import { SimIrc } from '../test/sim/irc/index.ts'
import { SERVER, testRegistration } from '../test/support/settings.ts'
import { Database } from '../src/store/db.ts'
import { startEmbedded } from '../src/store/embedded/start.ts'
import { figure, milliseconds, percentile, title } from './support/figures.ts'
import { memoryOf } from './support/process.ts'
import { Viaduct } from './support/viaduct.ts'

/** How long `viaduct run` takes to be ready: with an empty database, and with a big one. */
const PORTALS = 10_000
const GHOSTS = 100_000
const DELIVERIES = 200_000
const ROUNDS = 3
const AIM_MS = 3_000

/** A year of use: everything of it has been delivered. */
async function fill(dataDir: string): Promise<void> {
  const server = await startEmbedded({ dataDir })
  const db = await Database.open({ connection: server.connection, statementTimeoutMs: 120_000 })
  await db.query(
    `insert into portal (network, chat_id, type, name, room_id)
     select 'irc', 'bench/#channel' || i, 'channel', '#channel' || i, '!room' || i || ':${SERVER}'
     from generate_series(1, $1::int) i`,
    [PORTALS],
  )
  await db.query(
    `insert into ghost (network, remote_id, user_id, name, synced_name, registered_at)
     select 'irc', 'bench/nick' || i, '@_irc_bench_nick' || i || ':${SERVER}', 'nick' || i, 'nick' || i, now()
     from generate_series(1, $1::int) i`,
    [GHOSTS],
  )
  await db.query(
    `insert into ghost_alias (network, alias_id, ghost_id) select network, remote_id, id from ghost`,
  )
  await db.query(`insert into registered (user_id) select user_id from ghost`)
  await db.query(`insert into device (user_id, created_at) select user_id, now() from ghost`)
  const then = `now() - interval '30 days'`
  await db.query(
    `insert into delivery (direction, portal_id, source_id, kind, sender, body, state, at, created_at, finished_at)
     select 'to_matrix', p.id, 'source-' || i, 'message', 'bench/nick' || i, '', 'delivered', ${then}, ${then}, ${then}
     from generate_series(1, $1::int) i
     join (select id, row_number() over (order by id) as n from portal) p on p.n = 1 + i % ${PORTALS}`,
    [DELIVERIES],
  )
  await db.query(
    `insert into message (portal_id, remote_id, part, event_id, direction, sender, at)
     select portal_id, source_id, 0, '$event-' || id, direction, sender, at from delivery
     on conflict do nothing`,
  )
  await db.query('vacuum analyze')
  await db.close()
  await server.stop()
}

async function start(bridge: Viaduct): Promise<{ listeningMs: number; readyMs: number }> {
  const began = performance.now()
  const listeningMs = await bridge.start()
  await bridge.ready()
  return { listeningMs, readyMs: performance.now() - began }
}

const show = (what: string, { listeningMs, readyMs }: { listeningMs: number; readyMs: number }) =>
  figure(what, `listens after ${milliseconds(listeningMs)}, ready after ${milliseconds(readyMs)}`)

title(`Start: from the process to /health/ready, the homeserver's ping included`)
const folder = mkdtempSync(join(tmpdir(), 'viaduct-bench-'))
const port = await freePort()
const homeserver = await SimHomeserver.start({
  serverName: SERVER,
  appservices: [testRegistration(`http://127.0.0.1:${port}`)],
})
const irc = await SimIrc.start({ caps: 'all' })
const bridge = new Viaduct({
  folder,
  homeserverUrl: homeserver.url,
  serverName: SERVER,
  port,
  ircPort: irc.port,
})
try {
  show('the first start, which makes the database', await start(bridge))
  await bridge.stop()
  show('the second, of an empty one', await start(bridge))
  const { rssMb } = memoryOf(bridge.pid)
  await bridge.stop()
  await fill(join(folder, 'data', 'postgres'))
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const time = await start(bridge)
    times.push(time.readyMs)
    show(`with ${PORTALS} portals, ${GHOSTS} ghosts, ${DELIVERIES} rows`, time)
    if (round === ROUNDS - 1) {
      const grown = memoryOf(bridge.pid).rssMb
      figure('  resident memory', `${grown.toFixed(0)} MB`, `with an empty one ${rssMb.toFixed(0)} MB`)
    }
    await bridge.stop()
  }
  figure('aim: ready within', milliseconds(AIM_MS), `median ${milliseconds(percentile(times, 0.5))}`)
} finally {
  await bridge.stop()
  await homeserver.close()
  await irc.close()
  rmSync(folder, { recursive: true, force: true })
}
