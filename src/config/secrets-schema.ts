import { z } from 'zod'
import { matching, text } from './fields.ts'

const token = () =>
  matching(/^[\x21-\x7e]{16,}$/, 'at least 16 characters without spaces; `viaduct init` makes it')

const key = () =>
  z
    .string({ error: () => 'expected 32 bytes in base64; `viaduct init` makes it' })
    .refine((value) => isBase64(value) && Buffer.from(value, 'base64').length === 32, {
      error: () => 'expected exactly 32 bytes in base64; `openssl rand -base64 32` makes such a key',
    })

const apiHash = () =>
  matching(/^[0-9A-Za-z]{8,64}$/, 'the api_hash that https://my.telegram.org shows: 32 digits and letters')

export const secretsSchema = z.strictObject({
  as_token: token(),
  hs_token: token(),
  encryption_key: key(),
  admin_token: token().optional(),
  media_key: key().optional(),
  double_puppet_token: token().optional(),
  database_password: text().optional(),
  irc: z
    .record(
      z.string(),
      z.strictObject({ server_password: text().optional(), bot_password: text().optional() }),
      { error: () => 'expected the ids of networks, each with server_password or bot_password' },
    )
    .prefault({}),
  telegram: z.strictObject({ api_hash: apiHash().optional() }).prefault({}),
})

export type SecretsFile = z.output<typeof secretsSchema>

const isBase64 = (value: string) => /^[A-Za-z0-9+/]+={0,2}$/.test(value)
