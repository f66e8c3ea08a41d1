import { Pool } from 'undici'
import { testMatrixConfig } from '../test/support/settings.ts'
import { Child } from './support/child.ts'
import { startServer } from './support/database.ts'
import { figure, perSecond, rate, spread, syncCosts, timed, title } from './support/figures.ts'
import type { Run } from './support/figures.ts'
import { cpuMs } from './support/process.ts'

/** Durable homeserver transactions: PUT, COMMIT with fsync, 200. Beside it the library's server, which keeps nothing. */
const SEQUENTIAL = { count: 2_000, parallel: 1, maxMs: 10_000 }
const TOGETHER = { count: 20_000, parallel: 32, maxMs: 10_000 }

const token = testMatrixConfig('http://127.0.0.1').hsToken

const transaction = (index: number): string =>
  JSON.stringify({
    events: [
      {
        type: 'm.room.message',
        event_id: `$${index.toString(36)}-${process.pid}-abcdefghijklmnopqrstuvwxyz0123456789`,
        room_id: '!abcdefghijklmnop:sim.local',
        sender: '@alice:sim.local',
        origin_server_ts: Date.now(),
        content: { msgtype: 'm.text', body: `message ${index}: ${'words '.repeat(20)}` },
        unsigned: { age: 12 },
      },
    ],
  })

let next = 0

async function load(port: number, options: typeof TOGETHER): Promise<Run> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: options.parallel, pipelining: 1 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const put = async () => {
    next += 1
    const path = `/_matrix/app/v1/transactions/${next}`
    const { statusCode, body } = await pool.request({ method: 'PUT', path, headers, body: transaction(next) })
    await body.text()
    if (statusCode !== 200) throw new Error(`the ingress answered ${statusCode}`)
  }
  try {
    await timed({ count: 200, parallel: options.parallel, maxMs: 2_000 }, put)
    return await timed(options, put)
  } finally {
    await pool.close()
  }
}

async function measure(name: string, server: Child<{ port: number }>): Promise<{ one: Run; many: Run }> {
  const one = await load(server.ready.port, SEQUENTIAL)
  const before = cpuMs(server.pid)
  const many = await load(server.ready.port, TOGETHER)
  const cpuUs = ((cpuMs(server.pid) - before) * 1000) / (many.count + 200)
  await server.stop()
  figure(
    `${name}, one after the other`,
    `${rate(perSecond(one), 'transactions')}, ${spread(one.latenciesMs)}`,
  )
  figure(`${name}, 32 at a time`, `${rate(perSecond(many), 'transactions')}, ${spread(many.latenciesMs)}`)
  figure(`${name}, CPU of the bridge's process`, `${cpuUs.toFixed(0)} µs per transaction`)
  return { one, many }
}

title('Ingress: a homeserver puts transactions of one event')
const database = await startServer()
const homeserver = await Child.start<{ url: string }>('instant-homeserver', {})
try {
  const start = async (whole: boolean) => {
    const { connection } = await database.fresh()
    const options = { connection, homeserverUrl: homeserver.ready.url, whole }
    return Child.start<{ port: number }>('ingress-viaduct', options)
  }
  figure('this disk: write and sync 8 KiB', spread(syncCosts(database.folder)))
  const ours = await measure('stored, then answered', await start(false))
  await measure('the same while the router works behind it', await start(true))
  const stock = await measure(
    'library: answered, kept nowhere',
    await Child.start('ingress-stock', { token }),
  )
  const ratio = (a: Run, b: Run) => (perSecond(a) / perSecond(b)).toFixed(2)
  figure(
    'ours to the library',
    `${ratio(ours.one, stock.one)} one after the other, ${ratio(ours.many, stock.many)} together`,
    'a figure below 1 is what durability costs',
  )
} finally {
  await homeserver.stop()
  await database.close()
}
