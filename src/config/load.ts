import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ViaductError, messageOf } from '../model/errors.ts'
import { cautions, crossChecks } from './checks.ts'
import type { Config } from './config.ts'
import { YamlFile } from './document.ts'
import { overlay } from './environment.ts'
import type { Environment } from './environment.ts'
import { configFrom } from './from-file.ts'
import { places } from './keys.ts'
import { loadSecrets } from './load-secrets.ts'
import { formatProblems, problemsOf } from './problems.ts'
import { fileSchema } from './schema.ts'
import type { ConfigFile } from './schema.ts'
import { withTelegramSecrets } from './secrets.ts'
import type { Secrets } from './secrets.ts'

export type Loaded = {
  config: Config
  secrets: Secrets
  /** What works, but deserves a look. */
  warnings: string[]
}

/** Where the configuration is: `VIADUCT_CONFIG`, else `config.yaml` in the present folder. */
export const configPath = (env: Environment): string => resolve(env['VIADUCT_CONFIG'] ?? 'config.yaml')

/** Where the secrets are: `VIADUCT_SECRETS`, else `secrets.yaml` beside the configuration. */
export const secretsPath = (path: string, env: Environment): string =>
  resolve(env['VIADUCT_SECRETS'] ?? resolve(dirname(path), 'secrets.yaml'))

/**
 * Reads the configuration, the environment over it, and the secrets.
 * @throws ViaductError `bad_config` with a line for each thing that is wrong: where it is and what to do
 */
export function loadConfig(path: string, env: Environment = process.env): Loaded {
  const absolute = resolve(path)
  const { config, warnings, databasePassword } = readConfig(absolute, env)
  const networks = config.irc.networks.map((network) => network.id)
  const extra = databasePassword === undefined ? {} : { databasePassword }
  const secrets = loadSecrets(secretsPath(absolute, env), env, networks, extra)
  // What is missing is said now, not when somebody logs in.
  if (config.telegram !== undefined) withTelegramSecrets(config.telegram, secrets.secrets)
  return { config, secrets: secrets.secrets, warnings: [...warnings, ...secrets.warnings] }
}

function readConfig(
  path: string,
  env: Environment,
): { config: Config; warnings: string[]; databasePassword: string | undefined } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ViaductError(
      'bad_config',
      `${path} cannot be read: ${messageOf(error)}. Run \`viaduct init\` to make it.`,
    )
  }
  const file = new YamlFile(path, text)
  const { values, sources } = overlay(file.values, env)
  const parsed = fileSchema.safeParse(values)
  const problems = parsed.success
    ? crossChecks(parsed.data)
    : problemsOf(parsed.error.issues, values, places())
  if (!parsed.success || problems.length > 0) {
    throw new ViaductError('bad_config', formatProblems(problems, file, sources))
  }
  const databasePassword = takePassword(parsed.data)
  const warnings = cautions(parsed.data)
  return { config: configFrom(parsed.data, path), warnings, databasePassword }
}

/** Takes the password out of the database's URL, so that the configuration holds no secret. */
function takePassword(file: ConfigFile): string | undefined {
  if (file.database.url === undefined) return undefined
  const url = new URL(file.database.url)
  const password = url.password === '' ? url.searchParams.get('password') : decodeURIComponent(url.password)
  url.password = ''
  url.searchParams.delete('password')
  file.database.url = url.href
  return password ?? undefined
}
