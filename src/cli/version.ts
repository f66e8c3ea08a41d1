import { VERSION } from '../telemetry/version.ts'
import type { Command } from './command.ts'

export const versionCommand: Command = {
  name: 'version',
  summary: 'Print the version',
  run(_input, io) {
    io.out(`viaduct ${VERSION} (node ${process.version})`)
    return Promise.resolve(0)
  },
}
