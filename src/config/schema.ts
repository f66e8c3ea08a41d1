import { z } from 'zod'
import {
  choice,
  duration,
  flag,
  integer,
  listen,
  matching,
  port,
  postgresUrl,
  size,
  template,
  text,
  webUrl,
} from './fields.ts'
import { ircSchema } from './irc-schema.ts'
import { telegramSchema } from './telegram-schema.ts'
import { whatsappSchema } from './whatsapp-schema.ts'

const LOCALPART = /^[a-z0-9._=/-]+$/
const LOCALPART_HINT = 'lower case letters, digits and . _ = / -'

/** A user, a server or everybody. */
const PATTERN = /^(?:\*|@[^:\s]+:\S+|[^@:\s*]+(?::\d+)?)$/

const roomVersion = z
  .union([z.string(), z.number()], { error: () => 'expected a room version, such as "11"' })
  .transform(String)

/** The configuration file. Keys are those of the file; `Config` has what the program uses. */
export const fileSchema = z.strictObject({
  homeserver: z.strictObject({
    url: webUrl('http://127.0.0.1:8008'),
    server_name: matching(
      /^[^\s@:/]+(?::\d+)?$/,
      'the part of user ids after the colon, such as example.org',
    ),
    connections: integer(1, 1000).prefault(32),
    request_timeout: duration().prefault('60s'),
    room_version: roomVersion.optional(),
    media_limit: size().prefault('100MB'),
    send_status: choice('failures', 'all', 'off').prefault('failures'),
    delivery_receipts: flag().prefault(true),
  }),
  appservice: z
    .strictObject({
      id: matching(/^[A-Za-z0-9._-]+$/, 'letters, digits and . _ -').prefault('viaduct'),
      listen: listen()
        .extend({
          host: text('an address, such as 127.0.0.1').prefault('127.0.0.1'),
          port: port().prefault(29_340),
        })
        .prefault({}),
      public_url: webUrl('http://127.0.0.1:29340').optional(),
      bot_localpart: matching(LOCALPART, LOCALPART_HINT).prefault('viaductbot'),
      user_prefix: matching(LOCALPART, LOCALPART_HINT).prefault('_'),
      sender_localpart: matching(LOCALPART, LOCALPART_HINT).prefault('_viaduct_as'),
      device_id: matching(/^[A-Za-z0-9._-]+$/, 'letters, digits and . _ -').prefault('VIADUCT'),
      nudge: flag().prefault(true),
      double_puppet_id: matching(/^[A-Za-z0-9._-]+$/, 'letters, digits and . _ -').prefault(
        'viaduct-doublepuppet',
      ),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: postgresUrl().optional(),
      data_dir: text('the path of a folder').prefault('./data'),
      pool_size: integer(2, 200).prefault(10),
    })
    .prefault({}),
  permissions: z
    .record(
      z.string().regex(PATTERN, { error: () => 'expected @user:server, a server name or "*"' }),
      choice('block', 'relay', 'user', 'admin'),
      { error: () => 'expected users, servers or "*", each with block, relay, user or admin' },
    )
    .prefault({}),
  bridge: z
    .strictObject({
      command_prefix: matching(/^\S+$/, 'a word, such as "!viaduct"').prefault('!viaduct'),
      displayname_template: template(['name', 'network'], ['name']).prefault('{name}'),
      spaces: flag().prefault(true),
      presence: flag().prefault(false),
      max_age: duration().prefault('24h'),
      retention: z
        .strictObject({
          bodies: duration().prefault('24h'),
          rows: duration().prefault('90d'),
          excerpts: duration().prefault('30d'),
        })
        .prefault({}),
    })
    .prefault({}),
  http: z.strictObject({ listen: listen().optional(), admin: flag().prefault(true) }).prefault({}),
  media_proxy: z
    .strictObject({
      public_url: webUrl('https://media.example.org').optional(),
      expiry: duration().prefault('30d'),
    })
    .prefault({}),
  irc: ircSchema.prefault({}),
  telegram: telegramSchema.prefault({}),
  whatsapp: whatsappSchema.prefault({}),
  logging: z
    .strictObject({
      level: choice('debug', 'info', 'warn', 'error').prefault('info'),
      pretty: flag().optional(),
    })
    .prefault({}),
  metrics: z.strictObject({ enabled: flag().prefault(true) }).prefault({}),
  shutdown: z.strictObject({ drain: duration().prefault('10s') }).prefault({}),
})

export type ConfigFile = z.output<typeof fileSchema>
