import { randomBytes } from 'node:crypto'
import type { Logger } from '../model/logger.ts'
import { Board } from './board.ts'
import { Live } from './live.ts'
import { readPage } from './page-files.ts'
import { PageServer } from './server.ts'
import { startWorld } from './world.ts'

export type DemoOptions = {
  /** Of the page; the next free one is taken when somebody has it. 0 is any. */
  port?: number
  /** Keeps the database to be looked at; without it everything is removed at the end. */
  dataDir?: string
  log: Logger
}

const DEFAULT_PORT = 8090

/**
 * The whole bridge between a homeserver, two IRC servers, a Telegram and a WhatsApp server on this machine, with a page
 * to use all sides. Nothing leaves 127.0.0.1.
 */
export async function demo(options: DemoOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const { log, dataDir } = options
  let changed = () => {}
  const world = await startWorld({
    log,
    changed: () => changed(),
    ...(dataDir !== undefined && { dataDir }),
    observer: {
      accepted: () => changed(),
      ended: () => changed(),
      retried: () => changed(),
      loginChanged: () => changed(),
      transaction: () => changed(),
    },
  })
  const board = new Board(world, () => changed())
  const live = new Live(board, log)
  const off = world.homeserver.onEvent(() => changed())
  changed = () => live.changed()
  const token = randomBytes(24).toString('base64url')
  const server = new PageServer({ board, live, files: await readPage(token), token, log })
  const stop = async () => {
    off()
    live.stop()
    await server.close()
    await board.stop()
    await world.stop()
  }
  try {
    await server.listen(options.port ?? DEFAULT_PORT)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `http://127.0.0.1:${server.port}/`, stop }
}
