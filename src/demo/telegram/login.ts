import type { SimTelegram } from '../../../test/sim/telegram/index.ts'
import type { Talk } from '../talk.ts'
import { PHONE } from './people.ts'
import type { People } from './people.ts'

/** Alice logs in by telephone number; the code is the one that the server would send to her other devices. */
export async function logIn(talk: Talk, { world }: SimTelegram, { alice }: People): Promise<void> {
  await talk.ask('login telegram phone', 'What is your phone number')
  await talk.ask(PHONE, 'Telegram has sent you a code')
  const code = world.codes.get(alice.id)
  if (code === undefined) throw new Error('the Telegram server sent no code')
  await talk.ask(code, 'You are logged in to Telegram as Alice')
}
