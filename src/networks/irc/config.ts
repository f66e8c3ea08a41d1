/** One server of a network. With `pins` (SHA-256 of the certificate) only these certificates are taken. */
export type IrcServer = {
  host: string
  port: number
  tls: boolean
  /** Whether the certificate must be signed by an authority that is trusted. */
  verify: boolean
  /** PEM of the authorities to trust instead of the system's. */
  ca?: string
  pins?: string[]
}

export type IrcBotConfig = {
  nick: string
  ident: string
  realname: string
  account?: string
  password?: string
  /** Whether the bot joins the configured channels. */
  joinConfigured: boolean
}

export type IrcNetworkConfig = {
  /** Part of every id of the network: never changed once in use. */
  id: string
  name: string
  servers: IrcServer[]
  serverPassword?: string
  /** Placeholders: `{localpart}`, `{display}`, `{userid}`, `{server}`. */
  nickTemplate: string
  identTemplate: string
  realnameTemplate: string
  bot: IrcBotConfig
  /** Shared channels that the bot is in. */
  channels: { name: string; key?: string; relay: boolean }[]
  /** Globs. */
  allowChannels: string[]
  denyChannels: string[]
  /** Overrides what is known and learned about the server's flood protection. */
  pace?: { burst: number; perSecond: number }
  /** Lines of IRC that one message may become before it goes as a link. */
  maxLines: number
  /** What is done with a line of which nobody can tell whether it arrived. */
  onUnknown: 'report' | 'resend'
  members: 'lazy' | 'full'
  /** Channels with more members are lazy whatever `members` says. */
  membersFullLimit: number
  reactionsAsText: boolean
  /** Whether a kicked puppet or bot joins again, once, after a minute. */
  autoJoinOnKick: boolean
  /** New connections to the network per second. */
  connectPerSecond: number
  /** `2001:db8:1:2::/64`: each user connects from an address of their own in it. */
  ipv6Prefix?: string
  /** A glob for the host of NickServ, where the server's own word about it is not enough. */
  servicesHost?: string
  /** Whether the bot speaks for people under their own names where the server lets it (RELAYMSG). */
  relaymsg?: boolean
  /** Whether the lines of somebody who floods become one message per second. */
  mergeFloods?: boolean
  /** Allows passwords on connections without TLS to other machines. */
  allowInsecureAuth?: boolean
}

export type IrcConfig = {
  networks: IrcNetworkConfig[]
  /** Where the ident server (RFC 1413) listens; absent: none. */
  identd?: { host: string; port: number }
}
