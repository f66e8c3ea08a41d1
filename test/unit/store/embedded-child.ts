// A program on the embedded database that writes rows for as long as it lives. It prints `ready owned|guest`, then
// the id of each row after its COMMIT; it stops when its input ends.
import { Database } from '../../../src/store/db.ts'
import { startEmbedded } from '../../../src/store/embedded/start.ts'
import { isRetryable, isUnavailable } from '../../../src/store/pg-errors.ts'

const [dataDir = ''] = process.argv.slice(2)
process.stdin.resume()

const server = await startEmbedded({ dataDir })
const db = await Database.open({ connection: server.connection, poolSize: 4 })
await db.tx(async (tx) => {
  await tx.query('select pg_advisory_xact_lock(1)')
  await tx.query('create table if not exists kept (id bigint generated always as identity, writer int)')
})
process.stdout.write(`ready ${server.owned ? 'owned' : 'guest'}\n`)
while (!process.stdin.readableEnded) {
  try {
    const [row] = await db.query<{ id: number }>('insert into kept (writer) values ($1) returning id', [
      process.pid,
    ])
    process.stdout.write(`${row?.id}\n`)
  } catch (error) {
    if (!isUnavailable(error) && !isRetryable(error)) throw error
  }
  await new Promise((done) => setTimeout(done, 2))
}
await db.close()
await server.stop()
process.stdin.destroy()
