import { createLogger } from '../telemetry/log.ts'
import { VERSION } from '../telemetry/version.ts'
import { loadConfig } from '../config/index.ts'
import { CONFIG_FLAG } from './command.ts'
import type { Command } from './command.ts'
import { pathFor } from './settings.ts'
import { guardProcess, untilSignal } from './until-signal.ts'

export const runCommand: Command = {
  name: 'run',
  summary: 'Run the bridge',
  details: [
    'SIGTERM or SIGINT stops it after the work under way; a second one at once. Nothing is lost either way.',
  ],
  flags: CONFIG_FLAG,
  async run(input, io) {
    const { config, secrets, warnings } = loadConfig(pathFor(input, io), io.env)
    const { level, pretty } = config.logging
    const log = createLogger({ level, secrets: secrets.known(), ...(pretty !== undefined && { pretty }) })
    guardProcess(log)
    log.info({ version: VERSION, config: config.path }, 'starting')
    for (const warning of warnings) log.warn(warning)
    const { run } = await import('../main.ts')
    const { promise: lost, resolve } = Promise.withResolvers<'lost'>()
    const running = await run(config, secrets, { log, onLost: () => resolve('lost') })
    return untilSignal(() => running.stop(), log, config.shutdown.drainMs, lost)
  },
}
