import type { SendsOptions, SendsResult } from './programs/sends-options.ts'
import { Child } from './support/child.ts'
import { startServer } from './support/database.ts'
import { figure, perSecond, rate, spread, title } from './support/figures.ts'
import { cpuMs } from './support/process.ts'

/** What sending costs us when the homeserver costs nothing: 64 rooms, one event under way in each. */
const LOAD = { rooms: 64, warmUp: 6_400, count: 60_000, maxMs: 10_000, body: 'words '.repeat(20) }

title('Sends: 64 rooms, to a homeserver in another process that answers at once')
const database = await startServer()
const homeserver = await Child.start<{ url: string }>('instant-homeserver', {})

async function measure(name: string, program: string, more: object): Promise<SendsResult> {
  const options: SendsOptions = { ...LOAD, homeserverUrl: homeserver.ready.url }
  const before = cpuMs(homeserver.pid)
  const child = await Child.start<SendsResult>(program, { ...options, ...more })
  await child.stop()
  const result = child.ready
  const theirs = ((cpuMs(homeserver.pid) - before) * 1000) / (result.count + LOAD.warmUp)
  figure(name, `${rate(perSecond(result), 'sends')}, ${spread(result.latenciesMs)}`)
  figure(
    `${name}: cost`,
    `${result.cpuUs.toFixed(0)} µs of CPU per send, ${result.rssMb.toFixed(0)} MB`,
    `the homeserver's own ${theirs.toFixed(0)} µs`,
  )
  return result
}

try {
  const { connection } = await database.fresh()
  const ours = await measure('Viaduct', 'sends-viaduct', { connection })
  const stock = await measure("the library's Intent.sendMessage", 'sends-stock', {})
  figure('sends per second, ours to the library', (perSecond(ours) / perSecond(stock)).toFixed(2))
  figure('CPU per send, the library to ours', (stock.cpuUs / ours.cpuUs).toFixed(2))
  figure('aim', '10,000 sends/s', perSecond(ours) >= 10_000 ? 'reached' : 'not reached in this run')
} finally {
  await homeserver.stop()
  await database.close()
}
