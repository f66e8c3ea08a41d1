/** From nothing at all to everything. */
export type Permission = 'block' | 'relay' | 'user' | 'admin'

export type ListenAddress = { host: string; port: number }

export type IrcServerConfig = {
  host: string
  port: number
  tls: boolean
  verify: boolean
  ca?: string
  pins?: string[]
}

export type IrcNetwork = {
  id: string
  name: string
  servers: IrcServerConfig[]
  serverPassword?: string
  nickTemplate: string
  identTemplate: string
  realnameTemplate: string
  bot: {
    nick: string
    ident: string
    realname: string
    account?: string
    password?: string
    joinConfigured: boolean
  }
  channels: { name: string; key?: string; relay: boolean }[]
  allowChannels: string[]
  denyChannels: string[]
  pace?: { burst: number; perSecond: number }
  maxLines: number
  onUnknown: 'report' | 'resend'
  members: 'lazy' | 'full'
  membersFullLimit: number
  reactionsAsText: boolean
  autoJoinOnKick: boolean
  connectPerSecond: number
  ipv6Prefix?: string
  servicesHost?: string
  mergeFloods: boolean
  relaymsg: boolean
  allowInsecureAuth: boolean
}

export type IrcSettings = { networks: IrcNetwork[]; identd?: ListenAddress }

/** Durations and numbers as `TelegramConfig` of the connector has them. */
export type TelegramSettings = {
  apiId: number
  backfill: { chats: number; messages: number }
  gapMessages: number
  recheckMessages: number
  relayBots: number[]
  testServer?: { host: string; port: number; publicKey: string }
}

/** As `WhatsAppConfig` of the connector has it. */
export type WhatsAppSettings = {
  deviceName: string
  backfill: { chats: number; messages: number }
  relayAccounts: string[]
  testServer?: { url: string; root?: string }
}

/** The whole configuration, without any secret: it may be logged. Durations in milliseconds, paths absolute. */
export type Config = {
  /** The file it was read from. */
  path: string
  homeserver: {
    url: string
    serverName: string
    connections: number
    requestTimeoutMs: number
    roomVersion?: string
    mediaLimitBytes: number
    sendStatus: 'failures' | 'all' | 'off'
    deliveryReceipts: boolean
  }
  appservice: {
    id: string
    listen: ListenAddress
    /** Where the homeserver reaches us. */
    publicUrl: string
    botLocalpart: string
    userPrefix: string
    senderLocalpart: string
    deviceId: string
    nudge: boolean
    doublePuppetId: string
  }
  database: {
    /** Without its password. Absent: the embedded server in `dataDir`. */
    url?: string
    dataDir: string
    poolSize: number
  }
  permissions: Record<string, Permission>
  bridge: {
    commandPrefix: string
    displaynameTemplate: string
    spaces: boolean
    presence: boolean
    maxAgeMs: number
    retention: { bodiesMs: number; rowsMs: number; excerptsMs: number }
  }
  http: {
    /** Where health, metrics and the status page listen; absent: on the appservice's port. */
    listen?: ListenAddress
    /** Whether the status page is served. */
    admin: boolean
  }
  mediaProxy: { publicUrl?: string; expiryMs: number }
  /** Without passwords: `withIrcSecrets` puts them in. */
  irc: IrcSettings
  /** Without its api_hash: `withTelegramSecrets` puts it in. Absent: Telegram is not set up. */
  telegram?: TelegramSettings
  /** Absent: WhatsApp is not set up. */
  whatsapp?: WhatsAppSettings
  logging: { level: 'debug' | 'info' | 'warn' | 'error'; pretty?: boolean }
  metrics: { enabled: boolean }
  shutdown: { drainMs: number }
}
