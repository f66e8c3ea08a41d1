import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { configPath, loadConfig } from '../config/index.ts'
import type { Loaded } from '../config/index.ts'
import type { Input, Io } from './command.ts'

/** The configuration file that a command is to use. */
export function pathFor(input: Input, io: Io): string {
  const given = input.text('config')
  return resolve(
    io.cwd,
    given ?? (io.env['VIADUCT_CONFIG'] === undefined ? 'config.yaml' : configPath(io.env)),
  )
}

/** Whether there is a configuration, or somebody said that there is. */
export const isConfigured = (input: Input, io: Io): boolean =>
  input.text('config') !== undefined ||
  io.env['VIADUCT_CONFIG'] !== undefined ||
  existsSync(pathFor(input, io))

/** Loads the configuration. @throws ViaductError `bad_config` */
export const settingsFor = (input: Input, io: Io): Loaded => loadConfig(pathFor(input, io), io.env)
