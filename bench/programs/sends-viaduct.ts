import { MatrixSide } from '../../src/matrix/index.ts'
import { systemClock } from '../../src/model/clock.ts'
import { deliveryId, matrixRoomId, matrixUserId } from '../../src/model/ids.ts'
import { deviceBook, ghostBook, mediaBook } from '../../src/store/books.ts'
import { Database } from '../../src/store/db.ts'
import type { ConnectionParts } from '../../src/store/db.ts'
import { testLog, testMatrixConfig } from '../../test/support/settings.ts'
import { timed } from '../support/figures.ts'
import { options as given, tell } from './in-child.ts'
import type { SendsOptions } from './sends-options.ts'

/** Our sender: each event with its own transaction id, its device and its mark. */
const options = given as SendsOptions & { connection: ConnectionParts }
const db = await Database.open({ connection: options.connection })
const books = { devices: deviceBook(db), ghosts: ghostBook(db), media: mediaBook(db) }
const config = { ...testMatrixConfig(options.homeserverUrl), connections: options.rooms }
const matrix = await MatrixSide.create(config, { books, clock: systemClock, log: testLog })

let delivery = 0
const send = async (_index: number, worker: number) => {
  delivery += 1
  const outcome = await matrix.send({
    delivery: deliveryId(delivery),
    room: matrixRoomId(`!room${worker}:sim.local`),
    as: matrixUserId(`@_irc_ghost${worker}:sim.local`),
    type: 'm.room.message',
    content: { msgtype: 'm.text', body: options.body },
    at: new Date(),
    attempts: 0,
    firstAttemptAt: new Date(),
  })
  if (outcome.kind !== 'delivered') throw new Error(`not delivered: ${outcome.why}`)
}

const load = { parallel: options.rooms, maxMs: options.maxMs }
await timed({ ...load, count: options.warmUp }, send)
const before = process.cpuUsage()
const run = await timed({ ...load, count: options.count }, send)
const used = process.cpuUsage(before)
tell({ ...run, cpuUs: (used.user + used.system) / run.count, rssMb: process.memoryUsage().rss / 1024 ** 2 })
