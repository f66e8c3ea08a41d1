import type { SimWhatsApp } from '../../../test/sim/whatsapp/index.ts'
import type { Talk } from '../talk.ts'
import { PHONE } from './people.ts'
import type { People } from './people.ts'

/** Alice links the bridge: it shows a code, and she types it on her phone. */
export async function logIn(talk: Talk, { linking }: SimWhatsApp, { alice }: People): Promise<void> {
  await talk.ask('login whatsapp code', 'What is the phone number')
  const words = await talk.ask(PHONE, 'type this code')
  const code = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(words)?.[0] ?? ''
  await talk.after(() => linking.enterCode(code, alice.phone), 'You are logged in to WhatsApp')
}
