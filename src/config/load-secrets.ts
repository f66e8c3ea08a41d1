import { existsSync, readFileSync, statSync } from 'node:fs'
import { ViaductError, messageOf } from '../model/errors.ts'
import { isRecord, YamlFile } from './document.ts'
import type { Environment } from './environment.ts'
import { placesOf } from './keys.ts'
import { formatProblems, problemsOf } from './problems.ts'
import { Secrets } from './secrets.ts'
import { secretsSchema } from './secrets-schema.ts'

/** Keys that a variable can give: `VIADUCT_AS_TOKEN`, or `VIADUCT_AS_TOKEN_FILE` with the path of a file. */
const KEYS = [
  'as_token',
  'hs_token',
  'encryption_key',
  'admin_token',
  'media_key',
  'double_puppet_token',
  'database_password',
] as const

export type LoadedSecrets = { secrets: Secrets; warnings: string[] }

/**
 * Reads the file of secrets, if it is there, and the environment over it.
 * @param extra values from elsewhere that count where neither has one
 * @throws ViaductError `bad_config`; its words hold no value
 */
export function loadSecrets(
  path: string,
  env: Environment,
  networks: readonly string[],
  extra: { databasePassword?: string } = {},
): LoadedSecrets {
  const exists = existsSync(path)
  const file = new YamlFile(path, exists ? readText(path) : '')
  const sources = new Map<string, string>()
  const values: Record<string, unknown> = structuredClone(file.values)
  for (const key of KEYS) {
    const found = fromEnvironment(`VIADUCT_${key.toUpperCase()}`, env)
    if (found === undefined) continue
    values[key] = found.value
    sources.set(key, found.variable)
  }
  for (const network of networks) addIrc(values, network, env)
  addTelegram(values, env)
  if (extra.databasePassword !== undefined) values['database_password'] ??= extra.databasePassword
  const parsed = secretsSchema.safeParse(values)
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, values, placesOf(secretsSchema))
    const absent = exists
      ? []
      : [`There is no ${path}: run \`viaduct init\`, or set VIADUCT_AS_TOKEN and the others.`]
    throw new ViaductError('bad_config', [...absent, formatProblems(problems, file, sources)].join('\n'))
  }
  if (parsed.data.as_token === parsed.data.hs_token) {
    throw new ViaductError('bad_config', `${path}: as_token and hs_token are the same; they must differ.`)
  }
  const warnings = exists ? modeWarnings(path) : []
  for (const id of Object.keys(parsed.data.irc)) {
    if (!networks.includes(id)) warnings.push(`${path}: irc.${id} names no network of the configuration`)
  }
  return { secrets: new Secrets(parsed.data), warnings }
}

/** Others on the machine must not read secrets. */
export function modeWarnings(path: string): string[] {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) === 0 || process.platform === 'win32') return []
  return [`${path}: others on this machine can read it (mode ${mode.toString(8)}); run: chmod 600 ${path}`]
}

function addIrc(values: Record<string, unknown>, network: string, env: Environment): void {
  const prefix = `VIADUCT_IRC_${network.toUpperCase().replaceAll('-', '_')}`
  for (const key of ['server_password', 'bot_password']) {
    const found = fromEnvironment(`${prefix}_${key.toUpperCase()}`, env)
    if (found === undefined) continue
    const irc = isRecord(values['irc']) ? values['irc'] : {}
    const entry = isRecord(irc[network]) ? irc[network] : {}
    values['irc'] = { ...irc, [network]: { ...entry, [key]: found.value } }
  }
}

function addTelegram(values: Record<string, unknown>, env: Environment): void {
  const found = fromEnvironment('VIADUCT_TELEGRAM_API_HASH', env)
  if (found === undefined) return
  const telegram = isRecord(values['telegram']) ? values['telegram'] : {}
  values['telegram'] = { ...telegram, api_hash: found.value }
}

function fromEnvironment(name: string, env: Environment): { value: string; variable: string } | undefined {
  const value = env[name]
  const path = env[`${name}_FILE`]
  if (value !== undefined && value !== '') return { value, variable: name }
  if (path === undefined || path === '') return undefined
  return { value: readText(path, `${name}_FILE`).trim(), variable: `${name}_FILE` }
}

function readText(path: string, variable?: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const where = variable === undefined ? '' : `environment, ${variable}: `
    throw new ViaductError('bad_config', `${where}${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
