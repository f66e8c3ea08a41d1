import { z } from 'zod'
import { integer, matching, port, text } from './fields.ts'

export const telegramSchema = z.strictObject({
  api_id: integer(1, 2_147_483_647).optional(),
  backfill: z
    .strictObject({ chats: integer(0, 500).prefault(20), messages: integer(0, 1000).prefault(50) })
    .prefault({}),
  gap_messages: integer(0, 100_000).prefault(2000),
  recheck_messages: integer(0, 100).prefault(30),
  relay_bots: z.array(integer(1, Number.MAX_SAFE_INTEGER)).prefault([]),
  test_server: z
    .strictObject({
      host: text('an address, such as 127.0.0.1'),
      port: port(),
      public_key: matching(/^-----BEGIN RSA PUBLIC KEY-----/, 'a public key in PEM form (PKCS #1)'),
    })
    .optional(),
})

export type TelegramFile = z.output<typeof telegramSchema>
