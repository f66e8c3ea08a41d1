import type { Path } from './document.ts'
import type { Problem } from './problems.ts'
import type { ConfigFile } from './schema.ts'

/** What no single key shows: keys that do not go together. */
export function crossChecks(file: ConfigFile): Problem[] {
  const problems: Problem[] = []
  const add = (path: Path, text: string) => problems.push({ path, text })
  const { bot_localpart: bot, user_prefix: prefix, sender_localpart: sender } = file.appservice
  if (new RegExp(`^${RegExp.escape(prefix)}(?:irc|telegram|whatsapp)_`).test(bot)) {
    add(['appservice', 'bot_localpart'], 'looks like one of the bridged people; choose another name')
  }
  if (bot === sender) {
    add(['appservice', 'sender_localpart'], 'is the same as bot_localpart; choose a name that nobody sees')
  }
  const { bodies, rows } = file.bridge.retention
  if (rows < bodies) add(['bridge', 'retention', 'rows'], 'is shorter than bodies; make it at least as long')
  const ids = new Set<string>()
  for (const [index, network] of file.irc.networks.entries()) {
    if (ids.has(network.id))
      add(['irc', 'networks', index, 'id'], `is used twice; ids of networks must differ`)
    ids.add(network.id)
    const names = new Set<string>()
    for (const [at, { name }] of network.channels.entries()) {
      const folded = name.toLowerCase()
      if (names.has(folded))
        add(['irc', 'networks', index, 'channels', at, 'name'], 'is listed twice; remove one')
      names.add(folded)
    }
  }
  return problems
}

/** What will work, but perhaps not as its author thinks. */
export function cautions(file: ConfigFile): string[] {
  const warnings: string[] = []
  const levels = Object.values(file.permissions)
  if (!levels.some((level) => level === 'user' || level === 'admin')) {
    warnings.push('permissions: nobody may use the bridge; add a line such as "@you:example.org": admin')
  } else if (!levels.includes('admin')) {
    warnings.push('permissions: there is no admin; add a line such as "@you:example.org": admin')
  }
  if (file.permissions['*'] === 'user' || file.permissions['*'] === 'admin') {
    warnings.push(
      'permissions: "*" lets people of every server that federates with yours log in through this bridge',
    )
  }
  if (file.irc.networks.length === 0 && file.telegram.api_id === undefined && !file.whatsapp.enabled) {
    warnings.push('no network is set up: fill irc.networks, telegram.api_id, or whatsapp.enabled')
  }
  const { url } = file.homeserver
  if (url.startsWith('http:') && !isNear(new URL(url).hostname)) {
    warnings.push('homeserver.url: tokens and messages go over the network unencrypted; use https')
  }
  if (file.irc.networks.length > 0 && file.media_proxy.public_url === undefined) {
    warnings.push('media_proxy.public_url: not set, so files cannot be shown on IRC as links')
  }
  for (const network of file.irc.networks) {
    for (const { host, tls, verify, pins } of network.servers) {
      if (isNear(host)) continue
      if (!tls) warnings.push(`irc network ${network.id}: ${host} is used without TLS; all can read along`)
      else if (!verify && pins === undefined) {
        warnings.push(
          `irc network ${network.id}: the certificate of ${host} is not verified; set verify or pins`,
        )
      }
    }
  }
  return warnings
}

/** This machine, a private network, or a name without a dot as containers have. */
function isNear(host: string): boolean {
  return (
    !host.includes('.') ||
    /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host) ||
    /\.(?:local|internal|localhost)$/.test(host)
  )
}
