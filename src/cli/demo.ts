import { resolve } from 'node:path'
import { createLogger } from '../telemetry/log.ts'
import { UsageError } from './command.ts'
import type { Command, Flags } from './command.ts'
import { guardProcess, untilSignal } from './until-signal.ts'

export const DEMO_FLAGS: Flags = {
  port: { type: 'string', value: 'PORT', help: 'of the page; 8090 or the next free one if not given' },
  'data-dir': {
    type: 'string',
    value: 'FOLDER',
    help: 'keeps the database to be looked at; without it all is removed at the end',
  },
}

const DRAIN_MS = 5000

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Show the bridge at work on this machine, with nothing configured',
  flags: DEMO_FLAGS,
  async run(input, io) {
    const port = input.text('port')
    if (port !== undefined && !(/^\d+$/.test(port) && Number(port) < 65_536)) {
      throw new UsageError('--port needs a number from 0 to 65535')
    }
    const dataDir = input.text('data-dir')
    const log = createLogger({ level: 'warn' })
    guardProcess(log)
    io.out(
      'Starting a database, a homeserver, two IRC servers, a Telegram server, a WhatsApp server and the bridge, all on this machine …',
    )
    const { demo } = await import('../demo/index.ts')
    const running = await demo({
      log,
      ...(port !== undefined && { port: Number(port) }),
      ...(dataDir !== undefined && { dataDir: resolve(io.cwd, dataDir) }),
    })
    const end = dataDir === undefined ? 'Ctrl-C ends it and removes all that it made.' : 'Ctrl-C ends it.'
    io.out(
      `Open ${running.url} to see Matrix beside IRC, Telegram and WhatsApp, and write on every side.\n${end}`,
    )
    io.out('For a real homeserver: npm run viaduct -- init')
    return untilSignal(() => running.stop(), log, DRAIN_MS)
  },
}
