import { randomBytes } from 'node:crypto'
import { parse, stringify } from 'yaml'
import { ViaductError, messageOf } from '../model/errors.ts'
import { NETWORKS } from '../model/ids.ts'

export type Namespace = { exclusive: boolean; regex: string }

/** What the homeserver knows about an appservice. */
export type Registration = {
  id: string
  /** null: the homeserver sends nothing; the double puppet registration only acts. */
  url: string | null
  asToken: string
  hsToken: string
  senderLocalpart: string
  users: Namespace[]
  aliases: Namespace[]
}

export type RegistrationOptions = {
  /** Where the homeserver reaches us. */
  url: string
  serverName: string
  botLocalpart: string
  userPrefix: string
  id?: string
}

/**
 * A new registration with new tokens. Its own user has a name that nobody sees: Synapse gives that user no /sync, so
 * the visible bot is another one, of the namespace.
 */
export function newRegistration(options: RegistrationOptions): Registration {
  const { url, serverName, botLocalpart, userPrefix } = options
  const id = options.id ?? 'viaduct'
  const server = literal(serverName)
  const names = (kinds: readonly string[]) => `${literal(userPrefix)}(${kinds.join('|')})_.*:${server}`
  return {
    id,
    url,
    ...newSecrets(id),
    users: [exclusive(`^@${names(NETWORKS)}$`), exclusive(`^@${literal(botLocalpart)}:${server}$`)],
    // The rooms with the bot, and the control room, are made under an alias of the bridge itself.
    aliases: [exclusive(`^#${names([...NETWORKS, 'viaduct'])}$`)],
  }
}

/**
 * A second registration that can act as the server's people. Whoever has its token has all their accounts; narrow the
 * pattern where not everybody uses the bridge.
 */
export function newDoublePuppetRegistration(options: { serverName: string; id?: string }): Registration {
  const id = options.id ?? 'viaduct-doublepuppet'
  const everybody = { exclusive: false, regex: `^@.*:${literal(options.serverName)}$` }
  return { id, url: null, ...newSecrets(id), users: [everybody], aliases: [] }
}

/** The registration as the file that the homeserver reads. */
export function formatRegistration(registration: Registration): string {
  const acts = registration.url === null
  return stringify({
    id: registration.id,
    url: registration.url,
    as_token: registration.asToken,
    hs_token: registration.hsToken,
    sender_localpart: registration.senderLocalpart,
    rate_limited: false,
    ...(acts ? {} : { receive_ephemeral: true }),
    // The name before the specification took it; Synapse would send everything twice if both were on.
    ...(acts ? {} : { 'de.sorunome.msc2409.push_ephemeral': false }),
    'org.matrix.msc3202': false,
    // Synapse 1.121 to 1.140 makes devices for appservices only with this (MSC4190).
    'io.element.msc4190': true,
    namespaces: { users: registration.users, aliases: registration.aliases, rooms: [] },
  })
}

/** Reads a registration file. @throws ViaductError `bad_config`, without a word of the file in it */
export function parseRegistration(text: string): Registration {
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    throw new ViaductError('bad_config', 'the registration is not YAML', {
      cause: messageOf(error).split('\n')[0],
    })
  }
  if (typeof document !== 'object' || document === null) throw bad('holds no mapping')
  const file = document as Record<string, unknown>
  const { url, namespaces } = file
  if (url !== null && typeof url !== 'string') throw bad('url has to be a string or null')
  const spaces = (namespaces ?? {}) as Record<string, unknown>
  return {
    id: textOf(file, 'id'),
    url,
    asToken: textOf(file, 'as_token'),
    hsToken: textOf(file, 'hs_token'),
    senderLocalpart: textOf(file, 'sender_localpart'),
    users: namespacesOf(spaces['users'], 'users'),
    aliases: namespacesOf(spaces['aliases'], 'aliases'),
  }
}

const bad = (what: string) => new ViaductError('bad_config', `the registration ${what}`)

const exclusive = (regex: string): Namespace => ({ exclusive: true, regex })

const literal = (value: string): string => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const newSecrets = (id: string) => ({
  asToken: randomBytes(32).toString('hex'),
  hsToken: randomBytes(32).toString('hex'),
  senderLocalpart: `_${id.replace(/[^a-z0-9._-]/g, '-')}_as_${randomBytes(8).toString('hex')}`,
})

function textOf(file: Record<string, unknown>, key: string): string {
  const value = file[key]
  if (typeof value !== 'string' || value === '') throw bad(`lacks ${key}`)
  return value
}

function namespacesOf(value: unknown, name: string): Namespace[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw bad(`has no list in namespaces.${name}`)
  return value.map((entry: unknown) => {
    const { exclusive: only, regex } = (entry ?? {}) as Record<string, unknown>
    if (typeof regex !== 'string') throw bad(`has an entry without regex in namespaces.${name}`)
    return { exclusive: only === true, regex }
  })
}
