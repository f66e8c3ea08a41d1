import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ViaductError } from '../model/errors.ts'
import type {
  Config,
  IrcNetwork,
  IrcServerConfig,
  ListenAddress,
  TelegramSettings,
  WhatsAppSettings,
} from './config.ts'
import type { IrcFile } from './irc-schema.ts'
import type { ConfigFile } from './schema.ts'
import type { TelegramFile } from './telegram-schema.ts'
import type { WhatsAppFile } from './whatsapp-schema.ts'

/** The configuration as the program uses it. Relative paths begin at the folder of the file. */
export function configFrom(file: ConfigFile, path: string): Config {
  const { homeserver, appservice, database, bridge, http, logging } = file
  const folder = dirname(path)
  return {
    path,
    homeserver: {
      url: homeserver.url,
      serverName: homeserver.server_name,
      connections: homeserver.connections,
      requestTimeoutMs: homeserver.request_timeout,
      ...(homeserver.room_version !== undefined && { roomVersion: homeserver.room_version }),
      mediaLimitBytes: homeserver.media_limit,
      sendStatus: homeserver.send_status,
      deliveryReceipts: homeserver.delivery_receipts,
    },
    appservice: {
      id: appservice.id,
      listen: appservice.listen,
      publicUrl: appservice.public_url ?? reachable(appservice.listen),
      botLocalpart: appservice.bot_localpart,
      userPrefix: appservice.user_prefix,
      senderLocalpart: appservice.sender_localpart,
      deviceId: appservice.device_id,
      nudge: appservice.nudge,
      doublePuppetId: appservice.double_puppet_id,
    },
    database: {
      ...(database.url !== undefined && { url: database.url }),
      dataDir: resolve(folder, database.data_dir),
      poolSize: database.pool_size,
    },
    permissions: file.permissions,
    bridge: {
      commandPrefix: bridge.command_prefix,
      displaynameTemplate: bridge.displayname_template,
      spaces: bridge.spaces,
      presence: bridge.presence,
      maxAgeMs: bridge.max_age,
      retention: {
        bodiesMs: bridge.retention.bodies,
        rowsMs: bridge.retention.rows,
        excerptsMs: bridge.retention.excerpts,
      },
    },
    http: { ...(http.listen && { listen: http.listen }), admin: http.admin },
    mediaProxy: {
      ...(file.media_proxy.public_url !== undefined && { publicUrl: file.media_proxy.public_url }),
      expiryMs: file.media_proxy.expiry,
    },
    irc: {
      networks: file.irc.networks.map((network, index) => networkFrom(network, index, folder)),
      ...(file.irc.identd && { identd: file.irc.identd }),
    },
    ...telegramFrom(file.telegram),
    ...whatsappFrom(file.whatsapp),
    logging: { level: logging.level, ...(logging.pretty !== undefined && { pretty: logging.pretty }) },
    metrics: file.metrics,
    shutdown: { drainMs: file.shutdown.drain },
  }
}

/** Telegram is set up when there is an api_id. */
function telegramFrom(file: TelegramFile): { telegram?: TelegramSettings } {
  const { api_id: apiId, test_server: server } = file
  if (apiId === undefined) return {}
  return {
    telegram: {
      apiId,
      backfill: file.backfill,
      gapMessages: file.gap_messages,
      recheckMessages: file.recheck_messages,
      relayBots: file.relay_bots,
      ...(server && {
        testServer: { host: server.host, port: server.port, publicKey: server.public_key },
      }),
    },
  }
}

function whatsappFrom(file: WhatsAppFile): { whatsapp?: WhatsAppSettings } {
  const { enabled, device_name: deviceName, backfill, test_server: server } = file
  if (!enabled) return {}
  return {
    whatsapp: {
      deviceName,
      backfill,
      relayAccounts: file.relay_accounts.map((number) => number.replace(/\D/g, '')),
      ...(server && {
        testServer: { url: server.url, ...(server.root !== undefined && { root: server.root }) },
      }),
    },
  }
}

/** Where a homeserver on the same machine finds an address that listens. */
function reachable({ host, port }: ListenAddress): string {
  const name =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function networkFrom(network: IrcFile['networks'][number], index: number, folder: string): IrcNetwork {
  const { bot, pace, ipv6_prefix: ipv6Prefix } = network
  return {
    id: network.id,
    name: network.name ?? network.id,
    servers: network.servers.map((server, at) =>
      serverFrom(server, `irc.networks[${index}].servers[${at}].ca`, folder),
    ),
    nickTemplate: network.nick_template,
    identTemplate: network.ident_template,
    realnameTemplate: network.realname_template,
    bot: {
      nick: bot.nick,
      ident: bot.ident,
      realname: bot.realname,
      ...(bot.account !== undefined && { account: bot.account }),
      joinConfigured: bot.join_configured,
    },
    channels: network.channels.map(({ name, key, relay }) => ({
      name,
      relay,
      ...(key !== undefined && { key }),
    })),
    allowChannels: network.allow_channels,
    denyChannels: network.deny_channels,
    ...(pace && { pace: { burst: pace.burst, perSecond: pace.per_second } }),
    maxLines: network.max_lines,
    onUnknown: network.on_unknown,
    members: network.members,
    membersFullLimit: network.members_full_limit,
    reactionsAsText: network.reactions_as_text,
    autoJoinOnKick: network.auto_join_on_kick,
    connectPerSecond: network.connect_per_second,
    ...(ipv6Prefix !== undefined && { ipv6Prefix }),
    ...(network.services_host !== undefined && { servicesHost: network.services_host }),
    mergeFloods: network.merge_floods,
    relaymsg: network.relaymsg,
    allowInsecureAuth: network.allow_insecure_auth,
  }
}

function serverFrom(
  server: IrcFile['networks'][number]['servers'][number],
  key: string,
  folder: string,
): IrcServerConfig {
  const { host, port, tls, verify, ca, pins } = server
  return {
    host,
    port,
    tls,
    verify,
    ...(ca !== undefined && { ca: readPem(ca, key, folder) }),
    ...(pins && { pins }),
  }
}

function readPem(value: string, key: string, folder: string): string {
  if (value.startsWith('-----BEGIN')) return value
  const path = resolve(folder, value)
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ViaductError(
      'bad_config',
      `${key}: the file ${path} cannot be read. Give the path of a PEM file.`,
      {
        cause: error,
      },
    )
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ViaductError('bad_config', `${key}: the file ${path} holds no certificate in PEM form.`)
  }
  return pem
}
