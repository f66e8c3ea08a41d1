import { assemble } from '../../src/assemble.ts'
import { transactionHandler } from '../../src/http/ingress.ts'
import { MatrixSide } from '../../src/matrix/index.ts'
import { systemClock } from '../../src/model/clock.ts'
import { deviceBook, ghostBook, mediaBook } from '../../src/store/books.ts'
import { Database } from '../../src/store/db.ts'
import type { ConnectionParts } from '../../src/store/db.ts'
import { Inbox } from '../../src/store/inbox.ts'
import { FakeNetwork } from '../../test/support/fake-network.ts'
import { testLog, testMatrixConfig, testSettings } from '../../test/support/settings.ts'
import { options as given, tell } from './in-child.ts'

/** The ingress alone, or the whole bridge with its router behind it. */
const options = given as { connection: ConnectionParts; homeserverUrl: string; whole: boolean }
const db = await Database.open({ connection: options.connection })
const config = testMatrixConfig(options.homeserverUrl)

async function whole(): Promise<number> {
  const running = await assemble({
    db,
    matrix: config,
    connectors: [new FakeNetwork()],
    settings: testSettings(),
    listen: { host: '127.0.0.1', port: 0 },
    keys: { vault: Buffer.alloc(32, 1), links: Buffer.alloc(32, 2) },
    mediaProxy: { publicUrl: undefined, expiryMs: 86_400_000 },
    nudge: false,
    lockWaitMs: 1_000,
    clock: systemClock,
    log: testLog,
    onLost: (why) => {
      throw new Error(why)
    },
  })
  return running.port
}

async function alone(): Promise<number> {
  const books = { devices: deviceBook(db), ghosts: ghostBook(db), media: mediaBook(db) }
  const matrix = await MatrixSide.create(config, { books, clock: systemClock, log: testLog })
  const server = await matrix.listen(
    {
      transaction: transactionHandler({
        inbox: new Inbox(db),
        onStored() {},
        onInvalid() {},
        onFailed() {},
        nudge: { due: false, done() {} },
      }),
      userQuery: () => Promise.resolve(false),
      roomQuery: () => Promise.resolve(false),
    },
    '127.0.0.1',
    0,
  )
  return server.port
}

tell({ port: options.whole ? await whole() : await alone() })
