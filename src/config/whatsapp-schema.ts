import { z } from 'zod'
import { flag, integer, matching, text } from './fields.ts'

export const whatsappSchema = z.strictObject({
  enabled: flag().prefault(false),
  device_name: text('a name, such as Viaduct').prefault('Viaduct'),
  backfill: z
    .strictObject({ chats: integer(0, 500).prefault(20), messages: integer(0, 1000).prefault(50) })
    .prefault({}),
  relay_accounts: z
    .array(
      matching(/^\+?[1-9][\d ]{5,18}$/, 'a phone number with its country code, such as "+49 151 12345678"'),
    )
    .prefault([]),
  test_server: z
    .strictObject({
      url: matching(/^wss?:\/\/\S+$/, 'the address of a websocket, such as ws://127.0.0.1:4431/ws/chat'),
      root: matching(/^[0-9a-f]{64}$/, 'a public key of 32 bytes in hexadecimal').optional(),
    })
    .optional(),
})

export type WhatsAppFile = z.output<typeof whatsappSchema>
