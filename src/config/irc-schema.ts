import { z } from 'zod'
import { choice, flag, integer, ipv6Prefix, listen, matching, positive, template, text } from './fields.ts'

const server = z.strictObject({
  host: text('the name or address of a server'),
  port: integer(1, 65_535).prefault(6697),
  tls: flag().prefault(true),
  verify: flag().prefault(true),
  ca: text('the path of a PEM file, or the PEM itself').optional(),
  pins: z
    .array(matching(/^[0-9a-f]{2}(?::?[0-9a-f]{2}){31}$/i, 'the SHA-256 of a certificate in hex'))
    .min(1)
    .optional(),
})

const NICK = /^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]*$/
const CHANNEL = /^[#&+!][^\s,\u0007]+$/
const WORDS = ['localpart', 'display', 'userid', 'server']

const bot = z.strictObject({
  nick: matching(NICK, 'a nick of IRC').prefault('viaduct'),
  ident: matching(/^[A-Za-z0-9._-]{1,10}$/, 'at most 10 letters and digits').prefault('viaduct'),
  realname: text().prefault('Viaduct, a bridge to Matrix'),
  account: text('the name of an account with the network').optional(),
  join_configured: flag().prefault(true),
})

const channel = z.strictObject({
  name: matching(CHANNEL, 'the name of a channel in quotes, such as "#viaduct"'),
  key: text('the key of the channel').optional(),
  relay: flag().prefault(true),
})

const network = z.strictObject({
  id: matching(/^[a-z][a-z0-9-]{0,31}$/, 'lower case letters, digits and -, such as libera'),
  name: text('the name of the network').optional(),
  servers: z.array(server).min(1, { error: () => 'expected at least one server' }),
  nick_template: template(WORDS, ['localpart', 'display', 'userid']).prefault('{display}[m]'),
  ident_template: template(WORDS, []).prefault('{localpart}'),
  realname_template: template(WORDS, []).prefault('{userid}'),
  bot: bot.prefault({}),
  channels: z.array(channel).prefault([]),
  allow_channels: z.array(text('a pattern in quotes, such as "#*"')).prefault(['#*', '&*']),
  deny_channels: z.array(text('a pattern in quotes, such as "#secret*"')).prefault([]),
  pace: z.strictObject({ burst: integer(1, 1000), per_second: positive() }).optional(),
  max_lines: integer(1, 100).prefault(5),
  on_unknown: choice('report', 'resend').prefault('report'),
  members: choice('lazy', 'full').prefault('lazy'),
  members_full_limit: integer(0, 100_000).prefault(500),
  reactions_as_text: flag().prefault(true),
  auto_join_on_kick: flag().prefault(false),
  connect_per_second: positive().prefault(1),
  ipv6_prefix: ipv6Prefix().optional(),
  services_host: text('the host of NickServ; * stands for anything').optional(),
  merge_floods: flag().prefault(true),
  relaymsg: flag().prefault(true),
  allow_insecure_auth: flag().prefault(false),
})

export const ircSchema = z.strictObject({
  identd: listen().optional(),
  networks: z.array(network).prefault([]),
})

export type IrcFile = z.output<typeof ircSchema>
